import { expect, test, vi } from 'vitest'
import { render, screen } from '@testing-library/react'
import type { ComponentProps } from 'react'
import { bo, dev, Scene } from '../test/scene.tsx'
import { Notifications } from './Notifications.tsx'

vi.mock('../api/client.ts', () => import('../test/fake.ts'))
vi.mock('../ui/Link.tsx', () => ({ Link: ({ to, params, children }: any) => <a href={to.replace('$id', params.id)}>{children}</a> }))

type Request = ComponentProps<typeof Notifications>['request']

const shown = (change: Partial<Record<keyof Request, unknown>>, as = dev) =>
  render(
    <Scene as={as}>
      <Notifications request={{ notificationRoutes: [], silentRoutes: [], deliveries: { nodes: [], pageInfo: { hasPreviousPage: false } }, ...change } as unknown as Request} />
    </Scene>,
  )

test('where nothing is linked, that is said', () => {
  shown({})
  expect(screen.getByText(/No channel is linked/)).toBeTruthy()
})

test('a linked channel that is broken is named, with what becomes of what it is owed', () => {
  shown({
    silentRoutes: [
      { integrationId: 'int_1', integrationName: 'Ops', integrationStatus: 'BROKEN' },
      { integrationId: 'int_2', integrationName: 'Old', integrationStatus: 'DISABLED' },
    ],
    deliveries: {
      nodes: [
        {
          id: 'dlv_1', eventType: 'CREATED', integrationId: 'int_1', integrationName: 'Ops', status: 'PENDING', attemptCount: 1,
          nextAttemptAt: '2026-11-28T12:00:00Z', deliveredAt: null, attempts: [{ at: '2026-11-28T12:00:00Z', outcome: 'BROKEN', error: 'the webhook was removed' }],
        },
      ],
      pageInfo: { hasPreviousPage: false },
    },
  })
  expect(screen.queryByText(/No channel is linked/)).toBeNull()
  expect(screen.getByText(/No linked channel works/)).toBeTruthy()
  expect(screen.getByText(/Ops is broken, and Old is disabled/)).toBeTruthy()
  expect(screen.getByText(/waits until it is mended/)).toBeTruthy()
  expect(screen.getByText('the webhook was removed')).toBeTruthy()
})

test('administrators are led to where that is mended, and nobody else', () => {
  const change = { silentRoutes: [{ integrationId: 'int_1', integrationName: 'Ops', integrationStatus: 'BROKEN' }] }
  const { unmount } = shown(change)
  expect(screen.queryByRole('link')).toBeNull()
  unmount()
  shown(change, bo)
  expect(screen.getByRole('link', { name: 'Mend Ops' }).getAttribute('href')).toBe('/integrations/int_1')
})
