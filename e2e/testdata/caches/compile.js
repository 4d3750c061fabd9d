// Relay's compiler, on the documents of a folder and the schema of a running server.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { buildClientSchema, getIntrospectionQuery, printSchema } from 'graphql';
import { ask } from './server.js';

// introspect asks for the whole schema.
export const introspect = (person) => ask(person, getIntrospectionQuery());

// compile fills __generated__ in the folder. It throws what the compiler says where that
// says anything but what it made.
export function compile(folder, schema) {
  mkdirSync(`${folder}/__generated__`, { recursive: true });
  writeFileSync(`${folder}/__generated__/package.json`, '{"type": "commonjs"}');
  writeFileSync(`${folder}/schema.graphql`, printSchema(buildClientSchema(schema)));
  writeFileSync(`${folder}/relay.config.json`, JSON.stringify({
    src: '.', schema: 'schema.graphql', language: 'javascript', artifactDirectory: '__generated__', eagerEsModules: false,
    excludes: ['**/node_modules/**', '**/__generated__/**'],
    // Apollo and urql know no @alias, so node(id:) in documents.js goes without.
    featureFlags: { enforce_fragment_alias_where_ambiguous: { kind: 'disabled' } },
    schemaConfig: { nonNodeIdFields: { allowedIdTypes: {} } }, // what has an id is a Node
  }));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['node_modules/relay-compiler/cli.js', 'relay.config.json'], { cwd: folder, encoding: 'utf8' });
  if (status !== 0 || /warning/i.test(stderr)) throw new Error(`Relay's compiler says\n${stdout}${stderr}`);
}
