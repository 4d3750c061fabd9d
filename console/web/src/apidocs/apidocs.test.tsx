import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { answering, calls } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import ErrorCodes from './ErrorCodes.tsx'
import Examples from './Examples.tsx'
import { examples, occurrences } from './examples.ts'
import { find, groups, typeWords, type Type } from './schema.ts'
import SchemaBrowser from './SchemaBrowser.tsx'
import { readPlace } from './search.ts'

vi.mock('../ui/Link.tsx', () => ({
  Link: ({ children, to, search, hash, underline: _underline, resetScroll: _resetScroll, ...props }: any) => (
    <a href={`${to}?${new URLSearchParams(search)}${hash ? `#${hash}` : ''}`} {...props}>
      {children}
    </a>
  ),
}))

const ref = (kind: string, name: string | null, ofType: object | null = null) => ({ kind, name, ofType })
const type = (kind: Type['kind'], name: string, change: object = {}) => ({ kind, name, description: `About ${name}.`, fields: null, inputFields: null, enumValues: null, interfaces: null, possibleTypes: null, ...change })
const id = ref('NON_NULL', null, ref('SCALAR', 'ID'))
const types = [
  type('OBJECT', 'Query', {
    fields: [{ name: 'accessRequest', description: 'One request.', isDeprecated: false, deprecationReason: null, args: [{ name: 'id', description: 'Its ID.', defaultValue: null, type: id }], type: ref('OBJECT', 'AccessRequest') }],
  }),
  type('OBJECT', 'AccessRequest', { interfaces: [{ name: 'Node' }], fields: [{ name: 'reason', description: 'Why it is asked for.', isDeprecated: true, deprecationReason: 'no more', args: [], type: ref('SCALAR', 'String') }] }),
  type('INTERFACE', 'Node', { possibleTypes: [{ name: 'AccessRequest' }] }),
  type('ENUM', 'UserErrorCode', { enumValues: [{ name: 'CONFLICT', description: 'Not in this state.' }] }),
  type('SCALAR', 'ID'),
  type('OBJECT', '__Schema'),
]

test('each example stands in the guide, once, and is for this server', () => {
  expect(occurrences()).toEqual(examples('https://x.example').map(() => 1))
  const all = examples('https://x.example').map((e) => e.code).join('\n')
  expect(all).toContain(`curl -sS https://x.example/graphql -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' --data '{"query": "mutation { createAccessRequest(`)
  expect(all).not.toMatch(/127\.0\.0\.1|example\.com|\$DEV|\$ADA|^as /m)
  expect(examples('https://x.example')).toHaveLength(6)
})

test('copies an example', async () => {
  const user = userEvent.setup()
  show(<Examples />)
  await user.click(screen.getByRole('button', { name: 'Copy: Say who is calling' }))
  expect(await navigator.clipboard.readText()).toContain(`${location.origin}/graphql`)
})

test('shows the schema, and finds in it', async () => {
  answering({ ReadSchema: () => ({ __schema: { types } }) })
  const to = vi.fn()
  const { unmount } = show(<SchemaBrowser place={{ tab: 'schema' }} to={to} />)
  const query = await screen.findByRole('region', { name: 'Query' })
  expect(within(query).getByText('One request.')).toBeTruthy()
  expect(within(within(query).getByRole('list', { name: 'Arguments of accessRequest' })).getByText('Its ID.')).toBeTruthy()
  expect(within(query).getByRole('link', { name: 'AccessRequest' }).getAttribute('href')).toBe('/api?tab=schema&type=AccessRequest')
  expect(screen.queryByText('__Schema')).toBeNull()
  await userEvent.setup().type(screen.getByLabelText('Find in the schema'), 'why asked')
  await vi.waitFor(() => expect(to).toHaveBeenLastCalledWith({ tab: 'schema', words: 'why asked' }, true))
  unmount()
  show(<SchemaBrowser place={{ tab: 'schema', type: 'AccessRequest', words: 'why asked' }} to={to} />)
  expect(within(await screen.findByRole('list', { name: 'Found' })).getByRole('link', { name: 'AccessRequest.reason' }).getAttribute('href')).toContain('#reason')
  expect(screen.getByText('Deprecated: no more')).toBeTruthy()
  expect(calls).toHaveLength(1) // it is read once
})

test('says that a type is not there', async () => {
  answering({ ReadSchema: () => ({ __schema: { types } }) })
  show(<SchemaBrowser place={{ tab: 'schema', type: 'Nothing' }} to={() => {}} />)
  expect(await screen.findByText('There is no type of this name.')).toBeTruthy()
})

test('leads from each code to what it means', async () => {
  show(<ErrorCodes />)
  expect((await screen.findByRole('link', { name: 'CONFLICT' })).getAttribute('href')).toBe('/errors#CONFLICT')
})

test('types in words, found and in groups', () => {
  expect(typeWords(ref('NON_NULL', null, ref('LIST', null, id)) as never)).toBe('[ID!]!')
  const schema = new Map((types as Type[]).map((t) => [t.name, t]))
  expect(find(schema, 'request').hits.map((h) => `${h.type}.${h.field ?? ''}`)).toEqual(['AccessRequest.', 'Query.accessRequest', 'AccessRequest.reason'])
  expect(find(schema, 'zebra').hits).toEqual([])
  expect(groups(schema).map((g) => [g.title, g.types.length])).toEqual([['Begin here', 1], ['Objects', 3], ['Inputs', 0], ['Enums', 1], ['Scalars', 1]])
})

test('what an address holds', () => {
  expect([{}, { tab: 'errors' }, { tab: 'schema', type: 'A<b', words: 7 }, { tab: 'x', type: 'Query' }, { tab: 'schema', type: 'Query' }].map(readPlace)).toEqual([{}, { tab: 'errors' }, { tab: 'schema', words: '7' }, {}, { tab: 'schema', type: 'Query' }])
})
