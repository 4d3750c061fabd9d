import { ActionIcon, AppShell, Button, Group, Menu, Modal, NavLink, Text, UnstyledButton, useMantineColorScheme } from '@mantine/core'
import { IconBrandSlack, IconChevronLeft, IconDots, IconHome, IconInbox, IconKey, IconMoon, IconPlugConnected, IconSearch, IconSun, IconUser } from '@tabler/icons-react'
import { Outlet, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useConnection } from '../api/connection.ts'
import { belongsTo } from '../api/session.ts'
import { ButtonLink, Link, NavigationLink } from '../ui/Link.tsx'
import { clock, useNow } from '../ui/Time.tsx'
import { useViewer } from '../viewer.ts'
import { counted, useCounts, type Counts } from './counts.ts'
import { useGoKeys } from './keys.ts'
import classes from './Shell.module.css'
import { useTrail } from './trail.ts'

const Palette = lazy(() => import('./Palette.tsx'))
const KeyList = lazy(() => import('./KeyList.tsx'))

/** The pages, in the order of the navigation. */
export const everybody = [
  { to: '/', label: 'Home', icon: IconHome },
  { to: '/requests', label: 'Requests', icon: IconInbox, count: 'waiting' },
  { to: '/ask', label: 'Ask for access', short: 'Ask', icon: IconKey },
] as const

export const administrators = [{ to: '/integrations', label: 'Integrations', icon: IconPlugConnected, count: 'broken' }] as const

/** The frame of every page. */
export function Shell() {
  const viewer = useViewer()
  const [palette, setPalette] = useState(false)
  const [keys, setKeys] = useState(false)
  const path = useRouterState({ select: (s) => s.location.pathname })
  const counts = useCounts()
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  useGoKeys({ palette: () => setPalette(true), keys: () => setKeys(true) })

  // A new page takes the focus, as a load would, so that the keyboard is never left nowhere.
  useEffect(() => {
    if (first.current) first.current = false
    else main.current?.focus({ preventScroll: true })
  }, [path])

  const pages = viewer.admin ? [...everybody, ...administrators] : everybody
  return (
    <AppShell header={{ height: 56 }} navbar={{ width: { base: 0, sm: 96, lg: 220 }, breakpoint: 'sm', collapsed: { mobile: true } }} footer={{ height: { base: 64, sm: 0 } }} padding={0}>
      <a className={classes['skip']} href="#main">
        Skip to the content
      </a>
      <AppShell.Header className={classes['header']}>
        <Link to="/" className={classes['brand']} underline="never" aria-label="Procyon: Home">
          <img src={icon()} alt="" width={26} height={26} />
          <span className={classes['product']}>Procyon</span>
        </Link>
        <Trail />
        <Group gap="xs" wrap="nowrap" ml="auto">
          <Button variant="default" leftSection={<IconSearch size={16} aria-hidden />} onClick={() => setPalette(true)} visibleFrom="sm">
            Search <kbd className={classes['kbd']}>{mac() ? '⌘K' : 'Ctrl K'}</kbd>
          </Button>
          <ActionIcon aria-label="Search" onClick={() => setPalette(true)} hiddenFrom="sm">
            <IconSearch size={20} aria-hidden />
          </ActionIcon>
          <PersonMenu onKeys={() => setKeys(true)} />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar visibleFrom="sm" className={classes['navbar']} aria-label="Main">
        {pages.map(({ to, icon: Icon, ...page }) => (
          <NavigationLink
            key={to}
            to={to}
            activeOptions={{ exact: to === '/' }}
            label={<Name {...page} />}
            leftSection={<Icon size={20} aria-hidden />}
            rightSection={<Count counts={counts} of={page} />}
            className={classes['link']}
          />
        ))}
        <NavLink component="a" href="/links" label="Slack" leftSection={<IconBrandSlack size={20} aria-hidden />} className={classes['link']} />
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1} className={classes['main']}>
        <Freshness />
        <div className={classes['page']}>
          <Outlet />
        </div>
      </AppShell.Main>
      <AppShell.Footer hiddenFrom="sm" className={classes['bottom']} component="nav" aria-label="Main">
        {everybody.map(({ to, icon: Icon, ...page }) => (
          <ButtonLink key={to} to={to} activeOptions={{ exact: to === '/' }} variant="subtle" color="over" h={64} className={classes['tab']} aria-label={page.label}>
            <span>
              <Icon size={20} aria-hidden />
              {'short' in page ? page.short : page.label}
            </span>
            <Count counts={counts} of={page} />
          </ButtonLink>
        ))}
        <More counts={counts} />
      </AppShell.Footer>
      <SignedOut />
      <Suspense>
        {palette && <Palette onClose={() => setPalette(false)} onKeys={() => setKeys(true)} />}
        {keys && <KeyList onClose={() => setKeys(false)} />}
      </Suspense>
    </AppShell>
  )
}

const mac = () => /Mac|iPhone|iPad/.test(navigator.platform)
const icon = () => document.querySelector<HTMLLinkElement>('link[rel=icon]')?.getAttribute('href') ?? ''

type Page = { label: string; short?: string; count?: keyof Counts }

/** A page's name; the rail has room for a short one, which is no other name for those who hear it. */
function Name({ label, short }: Page) {
  if (!short) return label
  return (
    <>
      <span className={classes['long']}>{label}</span>
      <span className={classes['short']} aria-hidden>
        {short}
      </span>
    </>
  )
}

/** How much waits there; outside of the link's name, which stays the same. */
function Count({ counts, of: { count } }: { counts: Counts; of: Page }) {
  const text = count && counted(counts[count])
  if (!text) return null
  return (
    <span className={classes['count']} data-of={count} aria-hidden>
      {text}
    </span>
  )
}

/** What lies above this page, and its name; on a phone the way back alone. */
function Trail() {
  const trail = useTrail()
  if (!trail) return null
  return (
    <nav aria-label="Breadcrumb" className={classes['trail']}>
      <ol>
        {trail.above.map(({ label, ...to }, i) => (
          <li key={label} data-nearest={i === trail.above.length - 1 || undefined}>
            <Link {...to} size="sm" c="dimmed" className={classes['above']}>
              <IconChevronLeft size={16} aria-hidden className={classes['back']} />
              <bdi>{label}</bdi>
            </Link>
          </li>
        ))}
        <li className={classes['here']} aria-current="page">
          <bdi>{trail.here}</bdi>
        </li>
      </ol>
    </nav>
  )
}

function More({ counts }: { counts: Counts }) {
  const { admin } = useViewer()
  return (
    <Menu position="top-end">
      <Menu.Target>
        <Button variant="subtle" color="over" h={64} className={classes['tab']}>
          <span>
            <IconDots size={20} aria-hidden />
            More
          </span>
          {admin && <Count counts={counts} of={administrators[0]} />}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {admin &&
          administrators.map(({ to, icon: Icon, ...page }) => (
            <Menu.Item key={to} renderRoot={(props) => <Link to={to} underline="never" c="inherit" {...props} />} h={44} leftSection={<Icon size={16} aria-hidden />} rightSection={<Count counts={counts} of={page} />}>
              {page.label}
            </Menu.Item>
          ))}
        <Menu.Item component="a" href="/links" h={44} leftSection={<IconBrandSlack size={16} aria-hidden />}>
          Slack
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function PersonMenu({ onKeys }: { onKeys: () => void }) {
  const viewer = useViewer()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const form = useRef<HTMLFormElement>(null)
  const csrf = document.querySelector<HTMLMetaElement>('meta[name=csrf]')?.content ?? ''
  return (
    <>
      <Menu position="bottom-end" width={260}>
        <Menu.Target>
          <UnstyledButton className={classes['person']} aria-label={`${viewer.name}: settings and sign out`}>
            <IconUser size={20} aria-hidden />
            <Text size="sm" fw={600} visibleFrom="sm" truncate maw={180}>
              <bdi>{viewer.name}</bdi>
            </Text>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            <bdi>{viewer.name}</bdi>
            <br />
            {viewer.email}
          </Menu.Label>
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

/** Says when what is shown may be out of date, and since when. */
function Freshness() {
  const { live, asOf } = useConnection()
  const at = useNow()
  if (live || asOf === null) return null
  return (
    <div className={classes['stale']} role="status">
      Procyon can’t be reached. This is the state of {clock(asOf, at)}.
    </div>
  )
}

/** A session that ended leads to the sign-in and back to this address; drafts are kept. */
function SignedOut() {
  const { signedOut } = useConnection()
  const viewer = useViewer()
  const here = useRouterState({ select: (s) => s.location.href })
  useEffect(() => belongsTo(viewer.id), [viewer.id])
  return (
    <Modal opened={signedOut} onClose={() => {}} withCloseButton={false} title="You are signed out" centered>
      <Text mb="md">The session of {viewer.email} has ended. What you typed here is kept: sign in again, and go on.</Text>
      <Button component="a" href={`/signin?next=${encodeURIComponent(here)}`} data-autofocus>
        Sign in
      </Button>
    </Modal>
  )
}
