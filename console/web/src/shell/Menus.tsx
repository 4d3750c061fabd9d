import { Menu, useMantineColorScheme } from '@mantine/core'
import { IconBrandSlack, IconMoon, IconSun, IconUserCircle } from '@tabler/icons-react'
import { useLayoutEffect, useRef, useState, type ReactNode, type RefObject } from 'react'
import { Link } from '../ui/Link.tsx'
import { useViewer } from '../viewer.ts'
import { Count } from './Count.tsx'
import type { Counts } from './counts.ts'
import { administrators, foot } from './pages.ts'
import classes from './Shell.module.css'

type Props = { button: RefObject<HTMLButtonElement | null>; target: ReactNode }

// These come at the first press of their button, and so they are open at once. The button
// takes the focus that the one before it had.
function useOpened(button: RefObject<HTMLButtonElement | null>) {
  const [opened, setOpened] = useState(false)
  useLayoutEffect(() => {
    button.current?.focus()
    setOpened(true)
  }, [button])
  return { opened, onChange: setOpened }
}

/** What has no place in the bar at the foot of a narrow screen. */
export function MoreMenu({ button, target, counts }: Props & { counts: Counts }) {
  const { admin } = useViewer()
  return (
    <Menu position="top-end" {...useOpened(button)}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        {admin &&
          administrators.map(({ to, icon: Icon, ...page }) => (
            <Menu.Item key={to} renderRoot={(props) => <Link to={to} underline="never" c="inherit" {...props} />} h={44} leftSection={<Icon size={16} aria-hidden />} rightSection={<Count counts={counts} of={page} />}>
              {page.label}
            </Menu.Item>
          ))}
        {!admin && (
          <Menu.Item component="a" href="/links" h={44} leftSection={<IconBrandSlack size={16} aria-hidden />}>
            Slack
          </Menu.Item>
        )}
        {foot.map(({ to, label, icon: Icon }) => (
          <Menu.Item key={to} renderRoot={(props) => <Link to={to} underline="never" c="inherit" {...props} />} h={44} leftSection={<Icon size={16} aria-hidden />}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

/** Who is signed in, what they can set, and the way out. */
export function PersonMenu({ button, target, onKeys }: Props & { onKeys: () => void }) {
  const viewer = useViewer()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const form = useRef<HTMLFormElement>(null)
  const csrf = document.querySelector<HTMLMetaElement>('meta[name=csrf]')?.content ?? ''
  return (
    <>
      <Menu position="bottom-end" width={260} {...useOpened(button)}>
        <Menu.Target>{target}</Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            <bdi>{viewer.name}</bdi>
            <br />
            {viewer.email}
          </Menu.Label>
          <Menu.Item renderRoot={(props) => <Link to="/profile" underline="never" c="inherit" {...props} />} h={44} leftSection={<IconUserCircle size={16} aria-hidden />}>
            My profile
          </Menu.Item>
          <Menu.Item component="a" href="/links" h={44} leftSection={<IconBrandSlack size={16} aria-hidden />}>
            My Slack link
          </Menu.Item>
          <Menu.Item
            h={44}
            leftSection={colorScheme === 'dark' ? <IconSun size={16} aria-hidden /> : <IconMoon size={16} aria-hidden />}
            onClick={() => setColorScheme(colorScheme === 'dark' ? 'light' : colorScheme === 'light' ? 'auto' : 'dark')}
            closeMenuOnClick={false}
          >
            Colours: {{ auto: 'as the system', dark: 'dark', light: 'light' }[colorScheme]}
          </Menu.Item>
          <Menu.Item h={44} onClick={onKeys} rightSection={<kbd className={classes['kbd']}>?</kbd>}>
            Keyboard shortcuts
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item h={44} onClick={() => form.current?.requestSubmit()}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <form method="post" action="/signout" ref={form} hidden>
        <input type="hidden" name="csrf" value={csrf} />
      </form>
    </>
  )
}
