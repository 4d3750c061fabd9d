import { render, screen } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { bo, dev, Scene } from '../test/scene.tsx'
import { HistoryLink } from './HistoryLink.tsx'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('./Link.tsx', () => ({ Link: ({ to, search, children }: any) => <a href={`${to}?${new URLSearchParams(search)}`}>{children}</a> }))

test('leads administrators to the history of an object, and nobody else', () => {
  const { rerender } = render(<Scene as={bo}><HistoryLink of="req_1" /></Scene>)
  expect(screen.getByRole('link').getAttribute('href')).toBe('/audit?object=req_1')
  rerender(<Scene as={dev}><HistoryLink of="req_1" /></Scene>)
  expect(screen.queryByRole('link')).toBeNull()
})
