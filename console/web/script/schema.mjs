// Puts the parts of ../../schema together and writes the types of what can be asked:
// src/api/schema.d.ts, which gql.tada reads operations against.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { buildSchema, printSchema } from 'graphql'

const folder = new URL('../../../schema/', import.meta.url)
const parts = readdirSync(folder).filter((name) => name.endsWith('.graphqls')).sort()
const schema = buildSchema(parts.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n'))
mkdirSync(new URL('../build/', import.meta.url), { recursive: true })
writeFileSync(new URL('../build/schema.graphql', import.meta.url), printSchema(schema))
execFileSync('npx', ['--no-install', 'gql.tada', 'generate-output', '--disable-preprocessing'], { cwd: new URL('..', import.meta.url), stdio: ['ignore', 'ignore', 'inherit'] })
