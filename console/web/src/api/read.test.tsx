import { act, screen } from '@testing-library/react'
import { useState } from 'react'
import { expect, test, vi } from 'vitest'
import { serve } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { graphql } from './graphql.ts'
import { useRead } from './read.ts'
import { trouble } from './trouble.ts'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))

const ReadName = graphql(`query ReadName($id: ID!) { node(id: $id) { ... on Account { id name } } }`)

let to: (id: string) => void
let again: () => void

function Name() {
  const [id, setId] = useState('acc_1')
  const [{ data, error }, read] = useRead({ query: ReadName, variables: { id } })
  to = setId
  again = () => read({ requestPolicy: 'network-only' })
  return (
    <>
      <p>{data?.node && 'name' in data.node ? `It is ${data.node.name}` : 'Nothing'}</p>
      <p>{trouble(error)?.message ?? 'All is well'}</p>
    </>
  )
}

test('what was read stays where it can’t be read again, and is of nothing else', async () => {
  let up = true
  let name = 'first'
  serve(({ variables }) => (up ? { data: { node: { __typename: 'Account', id: variables['id'], name } } } : 'lost'))
  show(<Name />)
  await screen.findByText('It is first')
  up = false
  act(() => again())
  await screen.findByText('Procyon can’t be reached.')
  expect(screen.getByText('It is first')).toBeTruthy()
  up = true
  name = 'second'
  act(() => again())
  await screen.findByText('It is second')
  expect(screen.getByText('All is well')).toBeTruthy()
  up = false
  act(() => to('acc_2'))
  await screen.findByText('Procyon can’t be reached.')
  expect(screen.getByText('Nothing')).toBeTruthy()
})
