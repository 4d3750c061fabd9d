import { ActionIcon } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { lazy, Suspense, useRef, useState } from 'react'
import type { PersonRow } from './operations.ts'

const PersonMenuItems = lazy(() => import('./PersonMenuItems.tsx'))

/** What can be done with a person of the list; what a menu needs is read at its first press. */
export function PersonMenu({ person }: { person: PersonRow }) {
  const [used, setUsed] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const target = (
    <ActionIcon ref={button} size={44} variant="subtle" color="over" aria-label={`What to do with ${person.name}`} aria-haspopup="menu" onClick={() => setUsed(true)}>
      <IconDots size={20} aria-hidden />
    </ActionIcon>
  )
  return <Suspense fallback={target}>{used ? <PersonMenuItems person={person} button={button} target={target} /> : target}</Suspense>
}
