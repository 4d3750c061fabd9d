import { MantineProvider } from '@mantine/core'
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { render, screen } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { router } from './router.tsx'

// A page that stays open while the server is updated may be told what it does not know.
test('a page that can’t be drawn says what to do', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const root = createRootRoute({
    component: () => {
      throw new Error('SUPERSEDED is not known')
    },
  })
  const broken = createRouter({ routeTree: root, history: createMemoryHistory({ initialEntries: ['/'] }), defaultErrorComponent: router.options.defaultErrorComponent! })
  render(
    <MantineProvider env="test">
      <RouterProvider router={broken as never} />
    </MantineProvider>,
  )
  expect((await screen.findByRole('alert')).textContent).toContain('loading it anew mends that')
  expect(screen.getByRole('button', { name: 'Load it anew' })).toBeTruthy()
})
