// Runs an example of the documentation that stands beside this file:
//
//   node example.js follow.js
//
// What Relay's plugin for Babel does in an application is done here: a graphql tag becomes
// what the compiler made of it.
import './websocket.js';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compile, introspect } from './compile.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const source = readFileSync(folder + process.argv[2], 'utf8');
const compiled = source.replaceAll(/graphql`\s*\w+ (\w+)[^`]*`/g, "(await import('./__generated__/$1.graphql.js')).default");
if (compiled !== source) {
  const person = { url: process.env.PROCYON_API.replace(/^ws/, 'http'), token: process.env.TOKEN };
  compile(folder, await introspect(person));
}
writeFileSync(`${folder}compiled.mjs`, compiled);
await import('./compiled.mjs');
