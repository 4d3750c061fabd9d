import { Badge, Button, Group, Select, Stack, Tabs, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconBrandSlack, IconSearch } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { ask } from '../api/ask.ts'
import { graphql } from '../api/graphql.ts'
import { noAnswer } from '../api/trouble.ts'
import { useLetter } from '../shell/keys.ts'
import { AdministratorsOnly } from '../ui/AdministratorsOnly.tsx'
import { ButtonLink, Link } from '../ui/Link.tsx'
import { usePaged } from '../ui/paged.ts'
import { ShowMore } from '../ui/ShowMore.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { useTitle } from '../ui/title.ts'
import { IntegrateForm } from './IntegrateForm.tsx'
import classes from './integrations.module.css'
import { IntegrationRow } from './operations.ts'
import { capped, hearsAbout, states } from './rules.ts'
import { readTab, statuses, type IntegrationStatus, type Tab } from './search.ts'
import { StateBadge } from './StateBadge.tsx'

const ReadIntegrations = graphql(
  `
    query ReadIntegrations($search: String, $status: [IntegrationStatus!], $after: String, $fresh: ID!) {
      integrations(search: $search, status: $status, first: 50, after: $after) {
        nodes { ...IntegrationRow }
        pageInfo { endCursor hasNextPage }
      }
      fresh: node(id: $fresh) {
        __typename
        id
        ... on Integration { ...IntegrationRow }
      }
    }
  `,
  [IntegrationRow],
)

const route = getRouteApi('/integrations')

/** All kinds of integrations that can be added, and those that are. */
export function IntegrationsPage() {
  return (
    <AdministratorsOnly what="Integrations">
      <Page />
    </AdministratorsOnly>
  )
}

function Page() {
  const raw = route.useSearch()
  const search = useMemo(() => readTab(raw), [raw]) // the router keeps what it does not know
  const go = route.useNavigate()
  const to = (next: Tab, replace = false) => void go({ search: next, replace, resetScroll: false })
  const active = search.tab === 'active'
  useTitle(active ? 'Active integrations' : 'All Integrations')
  return (
    <Stack gap="lg" maw={960}>
      <Title order={1}>Integrations</Title>
      <Tabs value={active ? 'active' : 'all'} onChange={(v) => to(v === 'active' ? { tab: 'active' } : {})} keepMounted={false}>
        <Tabs.List className={classes['tabs']} mb="lg">
          <Tabs.Tab value="all" className={classes['tab']}>
            All Integrations
          </Tabs.Tab>
          <Tabs.Tab value="active" className={classes['tab']}>
            Active
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="all">
          <Kinds add={search.add} to={to} />
        </Tabs.Panel>
        <Tabs.Panel value="active">
          <Active search={search} to={to} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  )
}

type To = (next: Tab, replace?: boolean) => void

function Kinds({ add, to }: { add: Tab['add']; to: To }) {
  const webhook = useRef<HTMLButtonElement>(null)
  const channel = useRef<HTMLButtonElement>(null)
  const close = (b: React.RefObject<HTMLButtonElement | null>) => () => {
    to({}, true)
    setTimeout(() => b.current?.focus())
  }
  const done = (id: string | null) => to({ tab: 'active', ...(id ? { fresh: id } : {}) })
  return (
    <section className="card" aria-labelledby="slack">
      <Group p="md" gap="sm">
        <IconBrandSlack size={24} aria-hidden />
        <Title order={2} id="slack">
          Slack
        </Title>
      </Group>
      <div className={classes['row']}>
        <div className={classes['main']}>
          <Text fw={600}>Incoming webhook</Text>
          <Text size="sm" c="dimmed">
            Messages about requests go to the channel that the webhook was made for.
          </Text>
        </div>
        <Button ref={webhook} onClick={() => to({ add: 'webhook' })} aria-expanded={add === 'webhook'}>
          Integrate
        </Button>
      </div>
      {add === 'webhook' && (
        <div style={{ padding: '4px 16px 24px' }}>
          <IntegrateForm key="webhook" kind="webhook" onDone={done} onClose={close(webhook)} />
        </div>
      )}
      <div className={classes['row']}>
        <div className={classes['main']}>
          <Text fw={600}>Channel of a workspace that has the app</Text>
          <Text size="sm" c="dimmed">
            One message per request, with Approve and Deny on it, kept up to date.
          </Text>
        </div>
        <Button ref={channel} variant="default" onClick={() => to({ add: 'channel' })} aria-expanded={add === 'channel'}>
          Integrate a channel
        </Button>
      </div>
      {add === 'channel' && (
        <div style={{ padding: '4px 16px 24px' }}>
          <IntegrateForm key="channel" kind="channel" onDone={done} onClose={close(channel)} />
        </div>
      )}
    </section>
  )
}

function Active({ search, to }: { search: Tab; to: To }) {
  const { words, status, fresh } = search
  const [typed, setTyped] = useState(words ?? '')
  const field = useRef<HTMLInputElement>(null)
  const newest = useRef<HTMLDivElement>(null)
  // What was sent meanwhile changes counts and states.
  const list = usePaged(
    JSON.stringify([words, status, fresh]),
    async (after) => {
      const { data, error } = await ask(ReadIntegrations, { search: words ?? null, status: status ? [status] : null, after, fresh: fresh ?? 'none' })
      const page = data?.integrations
      if (!page) return noAnswer(error)
      const first = after === null && data.fresh?.__typename === 'Integration' ? [data.fresh] : []
      return { rows: [...first, ...page.nodes.filter((n) => n.id !== fresh)], end: page.pageInfo.endCursor, more: page.pageInfo.hasNextPage }
    },
    true,
  )
  const { rows, wrong, shown } = list
  useEffect(() => setTyped((t) => (t.trim() === (words ?? '') ? t : (words ?? ''))), [words])
  // What was just added has the focus, once.
  useEffect(() => {
    if (fresh && shown === 1) newest.current?.querySelector<HTMLElement>('[data-manage]')?.focus()
  }, [fresh, shown])
  useLetter('F', () => field.current?.focus())

  const find = useDebouncedCallback((v: string) => to({ tab: 'active', ...(v.trim() ? { words: v.trim() } : {}), ...(status ? { status } : {}) }, true), 250)
  const filtered = words !== undefined || status !== undefined
  const clear = () => {
    setTyped('')
    to({ tab: 'active' })
    field.current?.focus()
  }
  return (
    <Stack gap="md">
      <div className={classes['tools']}>
        <TextInput
          ref={field}
          label="Find by name"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(e) => {
            setTyped(e.currentTarget.value)
            find(e.currentTarget.value)
          }}
        />
        <Select
          label="State"
          value={status ?? ''}
          onChange={(v) => to({ tab: 'active', ...(words ? { words } : {}), ...(v ? { status: v as IntegrationStatus } : {}) })}
          data={[{ value: '', label: 'Any' }, ...statuses.map((s) => ({ value: s, label: states[s].word }))]}
        />
        {filtered && (
          <Button variant="subtle" onClick={clear}>
            Clear
          </Button>
        )}
      </div>
      {wrong && <Failure what="The integrations could not be read" trouble={wrong} again={list.retry} />}
      {!rows && !wrong && <Loading rows={4} height={56} />}
      {rows && (
        <section className="card" aria-label="Active integrations" aria-busy={list.reading}>
          {rows.length === 0 ? (
            filtered ? (
              <Empty act={<Button onClick={clear}>Clear</Button>}>No integration matches these filters.</Empty>
            ) : (
              <Empty act={<Button onClick={() => to({ add: 'webhook' })}>Integrate Slack</Button>}>There is no integration yet: no channel hears of requests.</Empty>
            )
          ) : (
            <ul className={classes['list']}>
              {rows.map((i) => (
                <li key={i.id}>
                  <div className={classes['row']} data-fresh={i.id === fresh || undefined} ref={i.id === fresh ? newest : undefined}>
                    <Row i={i} />
                  </div>
                </li>
              ))}
            </ul>
          )}
          <ShowMore of={list} />
        </section>
      )}
    </Stack>
  )
}

function Row({ i }: { i: IntegrationRow }) {
  const about = hearsAbout(i)
  return (
    <>
      <div className={classes['main']}>
        <Group gap="sm" mb={4}>
          <Link to="/integrations/$id" params={{ id: i.id }} className={classes['name']}>
            <bdi>{i.name}</bdi>
          </Link>
          <StateBadge of={i.status} />
          {(i.deadCount ?? 0) > 0 && (
            <Badge variant="light" color="bad" tt="none" size="lg" radius="xl" fw={600} fz="xs">
              {capped(i.deadCount ?? 0)} unheard
            </Badge>
          )}
        </Group>
        {i.status === 'BROKEN' && (
          <Text size="sm" c="bad">
            {i.mend}
          </Text>
        )}
        <Text size="sm" c={about ? 'dimmed' : 'wait'}>
          {about ? (
            <>
              Hears about <bdi>{about}</bdi>
            </>
          ) : (
            'Linked to nothing yet: it hears of nothing.'
          )}
          {i.lastDelivery && (
            <>
              {' · last message '}
              <Time at={i.lastDelivery.deliveredAt ?? i.lastDelivery.owedAt} />
            </>
          )}
        </Text>
      </div>
      <ButtonLink to="/integrations/$id" params={{ id: i.id }} variant="default" data-manage aria-label={`Manage Integration: ${i.name}`}>
        Manage Integration
      </ButtonLink>
    </>
  )
}
