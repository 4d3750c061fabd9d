import { expect, test } from 'vitest'
import sdl from '../../build/schema.graphql?raw'
import { embedded } from './client.ts'

// What the cache is not told of it complains about for each answer, and keeps no object for.
test('each type without an ID that an operation reads is known as a part of what has it', () => {
  const types = [...sdl.matchAll(/^type (\w+)[^{]*\{([\s\S]*?)^\}/gm)].map(([, name, body]) => ({ name: name!, id: /^ {2}id\b/m.test(body!) }))
  const roots = ['Query', 'Mutation', 'Subscription']
  const parts = types.filter((t) => !t.id && !roots.includes(t.name) && !t.name.endsWith('Payload')).map((t) => t.name)
  expect(parts.filter((name) => !embedded.includes(name))).toEqual([])
})
