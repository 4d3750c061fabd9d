// Judges a server's API by the caches of three clients: see walk.js, relaypages.js
// and refusals.js. It runs in a folder of its own, with a copy of these files.
//
//   node main.js {"url":…,"ada":…,"bo":…,"dev":…,"hook":…,"seeds":[…],"steps":…}
import './websocket.js';
import assert from 'node:assert/strict';
import { compile, introspect } from './compile.js';
import { ask } from './server.js';

const given = JSON.parse(process.argv[2]);
const people = Object.fromEntries(['ada', 'bo', 'dev'].map((name) => [name, { url: given.url, token: given[name] }]));

// Whatever a client warns of is a fault.
const warnings = new Set();
const warn = (...words) => warnings.add(words.map(String).join(' '));
console.warn = warn;
console.error = warn;

for (const person of Object.values(people)) person.id = (await ask(person, '{ viewer { userId } }')).viewer.userId;

const schema = await introspect(people.ada);
compile(process.cwd(), schema);

const { apollo } = await import('./apollo.js');
const { urql } = await import('./urql.js');
const { relayClient } = await import('./relay.js');
const { walk } = await import('./walk.js');
const { refusals } = await import('./refusals.js');
const { pages } = await import('./relaypages.js');

const possibleTypes = Object.fromEntries(schema.__schema.types.filter(({ possibleTypes: types }) => types?.length)
  .map(({ name, possibleTypes: types }) => [name, types.map((type) => type.name)]));
const kinds = new Map(); // of each ID that the server gave out, its type
const options = { schema, possibleTypes, warn, typeOf: (id) => kinds.get(id) };
const clients = (person) => [apollo, urql, relayClient].map((make) => make(person, options));

try {
  const missing = [];
  for (const seed of given.seeds) missing.push(new Set(await walk({ ...given, people, clients, kinds, seed })));
  const never = [...missing[0]].filter((move) => missing.every((moves) => moves.has(move)));
  assert.deepEqual(never, [], 'moves that no walk made; other seeds may');
  await refusals({ ...given, people, clients, kinds });
  await pages({ ...given, people });
} catch (fault) {
  process.stdout.write(`${fault.stack}\n`);
  process.exitCode = 1;
}
for (const warning of warnings) process.stdout.write(`a warning: ${warning}\n`);
if (warnings.size) process.exitCode = 1;
process.exit();
