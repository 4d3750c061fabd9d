import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { answering, sent } from '../test/fake.ts'
import { show } from '../test/scene.tsx'
import { DirectorySync, triedWords } from './DirectorySync.tsx'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../ui/Link.tsx', async () => (await import('../test/scene.tsx')).links())

const at = '2026-11-27T10:00:00Z'
const refusal = (change: object) => ({ firstAt: at, lastAt: at, count: 1, method: 'POST', resource: 'User', objectId: null, status: 409, detail: 'Hand Lena over.', ...change })

test('where no directory ever called it says what sets one up', async () => {
  answering({ ReadDirectory: () => ({ directory: null }) })
  show(<DirectorySync />)
  expect((await screen.findByText(/^No directory has called yet/)).textContent).toContain('docs/people.md')
})

test('what was refused stands with how often, why, and whose page mends it', async () => {
  answering({
    ReadDirectory: () => ({
      directory: { lastCallAt: at, lastChangeAt: null, refused: [refusal({ method: 'PATCH', objectId: 'usr_1', count: 1200 }), refusal({ method: 'PUT', resource: 'Group', objectId: 'grp_1', status: 400, detail: 'No.' }), refusal({ resource: null, objectId: 'else' })] },
    }),
  })
  show(<DirectorySync />)
  expect(await screen.findByText('it changed nothing yet')).toBeTruthy()
  const rows = screen.getAllByRole('listitem').map((r) => r.textContent)
  expect(rows[0]).toMatch(/^Tried to change a personHand Lena over.1,200 times, last .*, first .* · HTTP 409Open the person$/)
  expect(rows[1]).toMatch(/^Tried to replace a groupNo\..* · HTTP 400Open the group$/)
  expect(rows[2]).toMatch(/^Tried to make something.* · HTTP 409$/)
  expect(triedWords('SEARCH', null)).toBe('Tried to SEARCH something')
  await userEvent.click(screen.getByRole('button', { name: 'Look again' }))
  expect(sent('ReadDirectory')).toHaveLength(2)
})

test('nothing refused is said', async () => {
  answering({ ReadDirectory: () => ({ directory: { lastCallAt: at, lastChangeAt: at, refused: [] } }) })
  show(<DirectorySync />)
  expect(await screen.findByText('Nothing within the last 30 days.')).toBeTruthy()
})

test('what can’t be read is tried again', async () => {
  answering({})
  show(<DirectorySync />)
  expect(await screen.findByText('The state of the directory could not be read')).toBeTruthy()
  answering({ ReadDirectory: () => ({ directory: null }) })
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(await screen.findByText(/^No directory has called yet/)).toBeTruthy()
})
