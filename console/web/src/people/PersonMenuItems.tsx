import { Menu } from '@mantine/core'
import { useLayoutEffect, useState, type ReactNode, type RefObject } from 'react'
import { Link } from '../ui/Link.tsx'
import type { PersonRow } from './operations.ts'
import type { Act } from './search.ts'

/** The acts, each of which leads to the person's page with its form open: what it ends is said there. */
export default function PersonMenuItems({ person: p, button, target }: { person: PersonRow; button: RefObject<HTMLButtonElement | null>; target: ReactNode }) {
  const [opened, setOpened] = useState(false)
  useLayoutEffect(() => {
    button.current?.focus()
    setOpened(true)
  }, [button])
  const item = (act: Act, label: string, color?: string) => (
    <Menu.Item key={act} h={44} {...(color ? { color } : {})} renderRoot={(props) => <Link to="/people/$id" params={{ id: p.id }} search={{ act }} underline="never" c="inherit" {...props} />}>
      {label}
    </Menu.Item>
  )
  return (
    <Menu position="bottom-end" width={240} opened={opened} onChange={setOpened}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown aria-label={`What to do with ${p.name}`}>
        {item('change', 'Change name or e-mail…')}
        {item('role', p.role === 'ADMIN' ? 'Make a member…' : 'Make an administrator…')}
        {p.disabled ? item('enable', 'Enable…') : [item('password', 'Reset the password…'), item('sessions', 'End the sessions…'), item('disable', 'Disable…', 'bad')]}
      </Menu.Dropdown>
    </Menu>
  )
}
