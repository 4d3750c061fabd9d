import { ActionIcon, AppShell, Button, Group, NavLink, Text, UnstyledButton } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconBrandSlack, IconChevronLeft, IconDots, IconSearch, IconUser } from '@tabler/icons-react'
import { Outlet, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useConnection } from '../api/connection.ts'
import { belongsTo } from '../api/session.ts'
import { ButtonLink, Link, NavigationLink } from '../ui/Link.tsx'
import { clock, useNow } from '../ui/now.ts'
import { useViewer } from '../viewer.ts'
import { Count, type Page } from './Count.tsx'
import { useCounts, type Counts } from './counts.ts'
import { useGoKeys } from './keys.ts'
import { administrators, everybody, foot } from './pages.ts'
import classes from './Shell.module.css'
import { useTrail } from './trail.ts'

const Palette = lazy(async () => {
  const [{ cached }, palette] = await Promise.all([import('../api/Cached.tsx'), import('./Palette.tsx')])
  return { default: cached(palette.default) }
})
const KeyList = lazy(() => import('./KeyList.tsx'))
const PersonMenu = lazy(async () => ({ default: (await import('./Menus.tsx')).PersonMenu }))
const MoreMenu = lazy(async () => ({ default: (await import('./Menus.tsx')).MoreMenu }))
const SignedOut = lazy(() => import('./SignedOut.tsx'))

/** The frame of every page. */
export function Shell() {
  const viewer = useViewer()
  const [palette, setPalette] = useState(false)
  const [keys, setKeys] = useState(false)
  const path = useRouterState({ select: (s) => s.location.pathname })
  const counts = useCounts()
  const { signedOut } = useConnection()
  const phone = useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false })
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  useEffect(() => belongsTo(viewer.id), [viewer.id])
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
          <Person onKeys={() => setKeys(true)} />
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
        {!viewer.admin && <NavLink component="a" href="/links" label="Slack" leftSection={<IconBrandSlack size={20} aria-hidden />} className={classes['link']} />}
        <div className={classes['foot']}>
          {foot.map(({ to, icon: Icon, ...page }) => (
            <NavigationLink key={to} to={to} label={<Name {...page} />} leftSection={<Icon size={20} aria-hidden />} className={classes['link']} />
          ))}
        </div>
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1} className={classes['main']}>
        <Freshness />
        <div className={classes['page']}>
          <Outlet />
        </div>
        {/* Where Mantine puts what opens over the page: a part of the page's content for those who go by landmarks. */}
        <div data-mantine-shared-portal-node="true" className={classes['over']} />
      </AppShell.Main>
      {phone && (
        <AppShell.Footer hiddenFrom="sm" className={classes['bottom']} component="nav" aria-label="Main">
          {everybody.map(({ to, icon: Icon, ...page }) => (
            <ButtonLink key={to} to={to} activeOptions={{ exact: to === '/' }} variant="subtle" color="over" h={64} className={classes['tab']} >
              <span className={classes['face']}>
                <Icon size={20} aria-hidden />
                <Name {...page} />
              </span>
              <Count counts={counts} of={page} />
            </ButtonLink>
          ))}
          <More counts={counts} />
        </AppShell.Footer>
      )}
      <Suspense>
        {signedOut && <SignedOut />}
        {palette && <Palette onClose={() => setPalette(false)} onKeys={() => setKeys(true)} />}
        {keys && <KeyList onClose={() => setKeys(false)} />}
      </Suspense>
    </AppShell>
  )
}

const mac = () => /Mac|iPhone|iPad/.test(navigator.platform)
const icon = () => document.querySelector<HTMLLinkElement>('link[rel=icon]')?.getAttribute('href') ?? ''

/** A page's name; the rail and a phone's bar have room for a short one, which is no other name for those who hear it. */
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
  const [used, setUsed] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const target = (
    <Button ref={button} variant="subtle" color="over" h={64} className={classes['tab']} aria-haspopup="menu" onClick={() => setUsed(true)}>
      <span className={classes['face']}>
        <IconDots size={20} aria-hidden />
        More
      </span>
      {admin && administrators.map((page) => <Count key={page.to} counts={counts} of={page} />)}
    </Button>
  )
  return <Suspense fallback={target}>{used ? <MoreMenu button={button} target={target} counts={counts} /> : target}</Suspense>
}

// What a menu needs is read at its first press.
function Person({ onKeys }: { onKeys: () => void }) {
  const viewer = useViewer()
  const [used, setUsed] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const target = (
    <UnstyledButton ref={button} className={classes['person']} aria-label={`${viewer.name}: settings and sign out`} aria-haspopup="menu" onClick={() => setUsed(true)}>
      <IconUser size={20} aria-hidden />
      <Text size="sm" fw={600} visibleFrom="sm" truncate maw={180}>
        <bdi>{viewer.name}</bdi>
      </Text>
    </UnstyledButton>
  )
  return <Suspense fallback={target}>{used ? <PersonMenu button={button} target={target} onKeys={onKeys} /> : target}</Suspense>
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
