import { TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import classes from './ListPage.module.css'

/** Words to find; they go into the address when typing pauses. */
export function Words({ value, onChange, onLeave, ref, label = 'Words in the reason, ticket, person or resource' }: { label?: string; value: string; onChange: (words: string) => void; onLeave: () => void; ref: React.Ref<HTMLInputElement> }) {
  const [typed, setTyped] = useState(value)
  const [last, setLast] = useState(value)
  if (value !== last) {
    setLast(value)
    if (value !== typed.trim()) setTyped(value) // by the address, and not by typing
  }
  const send = useDebouncedCallback(onChange, { delay: 250 })
  return (
    <TextInput
      ref={ref}
      className={classes['words'] ?? ''}
      aria-label={label}
      placeholder="Find words"
      leftSection={<IconSearch size={16} aria-hidden />}
      maxLength={200}
      value={typed}
      onChange={(e) => {
        setTyped(e.currentTarget.value)
        send(e.currentTarget.value.trim())
      }}
      onKeyDown={(e) => {
        if (e.key !== 'Escape' && e.key !== 'Enter') return
        e.preventDefault()
        send.flush()
        if (e.key === 'Escape') onLeave()
      }}
      aria-keyshortcuts="/"
    />
  )
}
