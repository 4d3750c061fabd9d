import { Group, Stack, Tabs, Text, Title } from '@mantine/core'
import { useInterval } from '@mantine/hooks'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { useLive } from '../api/live.ts'
import { useRead } from '../api/read.ts'
import { trouble } from '../api/trouble.ts'
import { useStands } from '../shell/trail.ts'
import { AdministratorsOnly } from '../ui/AdministratorsOnly.tsx'
import { HistoryLink } from '../ui/HistoryLink.tsx'
import { Link } from '../ui/Link.tsx'
import { Awaited, Failure, Loading, NotHere } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { useTitle } from '../ui/title.ts'
import { count } from '../ui/words.ts'
import { Accounts } from './Accounts.tsx'
import type { Act } from './Acts.tsx'
import { Broken } from './Broken.tsx'
import { Channels } from './Channels.tsx'
import classes from './integrations.module.css'
import { ReadIntegration, type IntegrationDetail } from './operations.ts'
import { hearsAbout } from './rules.ts'
import { readPlace, type Place } from './search.ts'
import { StateBadge } from './StateBadge.tsx'
import { TestMessage } from './TestMessage.tsx'

// What is further down, or in another tab, comes once the page is there.
const Acts = lazy(async () => ({ default: (await import('./Acts.tsx')).Acts }))
const Routing = lazy(async () => ({ default: (await import('./Routing.tsx')).Routing }))
const Events = lazy(async () => ({ default: (await import('./Events.tsx')).Events }))
const Log = lazy(async () => ({ default: (await import('./Log.tsx')).Log }))

const route = getRouteApi('/integrations/$id')

/** One integration: what it hears of, where it posts, what it was sent, and all that can be done with it. */
export function IntegrationPage() {
  const { id } = route.useParams()
  return (
    <AdministratorsOnly what="Integrations">
      <Page key={id} id={id} />
    </AdministratorsOnly>
  )
}

function Page({ id }: { id: string }) {
  const raw = route.useSearch()
  const place = useMemo(() => readPlace(raw), [raw]) // the router keeps what it does not know
  const go = route.useNavigate()
  const away = route.useNavigate()
  const to = (next: Place, replace = false) => void go({ search: next, replace, resetScroll: false })
  const [{ data, error }, read] = useRead({ query: ReadIntegration, variables: { id } })
  const [act, setAct] = useState<Act | null>(null)
  const [gone, setGone] = useState(false)
  const again = () => read({ requestPolicy: 'network-only' })
  const heading = useRef<HTMLHeadingElement>(null)
  const late = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(late.current), [])
  // What is sent changes how it stands; many events in a moment are one look.
  useLive(() => {
    clearTimeout(late.current)
    if (!gone) late.current = setTimeout(again, 1000)
  })
  // No event tells that what was sent has failed.
  useInterval(() => {
    if (!gone && document.visibilityState !== 'hidden') again()
  }, 15_000, { autoInvoke: true })
  const i = data?.node?.__typename === 'Integration' ? data.node : null
  useTitle(i ? i.name : 'Integration')
  useStands({ above: [{ label: 'Integrations', to: '/integrations', search: { tab: 'active' } }], here: i ? i.name : 'Integration' })

  const wrong = trouble(error)
  if (!data || (!data.node && wrong)) return <Awaited title="Integration" wrong={wrong} what="The integration could not be read" again={again} />
  if (!i) return <NotHere title="Not found">This integration does not exist any more, or the link to it is not whole.</NotHere>
  const tab = place.part ?? 'manage'
  return (
    <Stack gap="lg">
      <div>
        <Group gap="md">
          <Title order={1} ref={heading} tabIndex={-1}>
            <bdi>{i.name}</bdi>
          </Title>
          <StateBadge of={i.status} />
        </Group>
        <Hears i={i} />
      </div>
      {wrong && <Failure what="This could not be read again" trouble={wrong} again={again} />}
      <Broken i={i} again={again} onEnabled={() => heading.current?.focus()} onMend={() => setAct(i.kind === 'SLACK_WEBHOOK' ? 'rotate' : 'channel')} />
      <div className={classes['columns']}>
        <Tabs value={tab} onChange={(v) => to(v === 'manage' ? {} : { part: v as 'events' | 'deliveries' })} keepMounted={false} miw={0}>
          <Tabs.List className={classes['tabs']} mb="md">
            <Tabs.Tab value="manage" className={classes['tab']}>
              Manage Integration
            </Tabs.Tab>
            <Tabs.Tab value="events" className={classes['tab']}>
              Events
            </Tabs.Tab>
            <Tabs.Tab value="deliveries" className={classes['tab']}>
              Delivery log
            </Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="manage">
            <Stack gap="lg">
              <Accounts integration={i} open={place.menu === 'accounts'} onOpen={() => to({ ...place, menu: 'accounts' })} onClose={() => to({ ...place, menu: undefined })} again={again} />
              <Channels integration={i} again={again} />
              <Suspense fallback={<Loading />}>
                <Routing integrationId={i.id} target={place.preview} onTarget={(preview) => to(preview ? { preview } : {}, true)} />
              </Suspense>
            </Stack>
          </Tabs.Panel>
          <Tabs.Panel value="events">
            <Suspense fallback={<Loading />}>
              <Events integration={i} again={again} />
            </Suspense>
          </Tabs.Panel>
          <Tabs.Panel value="deliveries">
            <Suspense fallback={<Loading />}>
              <Log integration={i} place={place} to={to} />
            </Suspense>
          </Tabs.Panel>
        </Tabs>
        <Stack gap="lg">
          <TestMessage integration={i} again={again} />
          <Where i={i} />
          <Suspense>
            <Acts
              integration={i}
              again={again}
              open={act}
              setOpen={setAct}
              onDeleted={() => {
                setGone(true)
                void away({ to: '/integrations', search: { tab: 'active' }, replace: true })
              }}
            />
          </Suspense>
        </Stack>
      </div>
    </Stack>
  )
}

function Hears({ i }: { i: IntegrationDetail }) {
  const about = hearsAbout(i, 6)
  return about ? (
    <Text c="dimmed">
      Hears about <bdi>{about}</bdi>
    </Text>
  ) : (
    <Text c="wait">Linked to nothing yet: it hears of nothing. Link an account, or select a notification channel.</Text>
  )
}

function Where({ i }: { i: IntegrationDetail }) {
  const dead = i.deadCount ?? 0
  const owed = i.pendingCount ?? 0
  return (
    <section className="card" aria-labelledby="where">
      <Stack p="md" gap="xs">
        <Title order={2} id="where">
          Where it posts
        </Title>
        {i.slackChannel ? (
          <Text>
            Channel {i.slackChannel.listed && <bdi>#{i.slackChannel.listed.name}</bdi>} <span className="mono">{i.slackChannel.channelId}</span> of <bdi>{i.slackChannel.workspace.name}</bdi>
            {i.slackChannel.workspace.domain && (
              <>
                {' · '}
                <a href={`https://${i.slackChannel.workspace.domain}/archives/${i.slackChannel.channelId}`} target="_blank" rel="noreferrer">
                  Open in Slack
                </a>
              </>
            )}
          </Text>
        ) : (
          <Text className="mono">{i.webhookUrlMasked}</Text>
        )}
        <Text size="sm" c="dimmed">
          Added <Time at={i.createdAt} />
        </Text>
        {owed > 0 && <Text size="sm">{owed >= 100 ? '100 or more messages wait' : `${count(owed, 'message')} ${owed === 1 ? 'waits' : 'wait'}`} to be sent.</Text>}
        {dead > 0 && (
          <Link to="/integrations/$id" params={{ id: i.id }} search={{ part: 'deliveries', status: 'DEAD' }} size="sm">
            {dead >= 100 ? '100 or more unheard' : `${dead} unheard`}
          </Link>
        )}
        <HistoryLink of={i.id} />
      </Stack>
    </section>
  )
}
