import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useViewer } from '../viewer.ts'
import { NotHere } from './state.tsx'

/** A page for administrators; everybody else is told who can open it. */
export function AdministratorsOnly({ what, children }: { what: string; children: ReactNode }) {
  const viewer = useViewer()
  if (viewer.admin) return children
  return (
    <NotHere title={what}>
      Only administrators can open this page. You are signed in as <bdi>{viewer.name}</bdi>
      <Text span c="dimmed">
        {' '}
        {viewer.email}
      </Text>
      , who is not one: ask an administrator, or sign in as one.
    </NotHere>
  )
}
