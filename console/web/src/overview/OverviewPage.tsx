import { Alert, Group, Select, Stack, Text, Title } from '@mantine/core'
import { useDebouncedCallback, useInterval } from '@mantine/hooks'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useLive } from '../api/live.ts'
import { useRead } from '../api/read.ts'
import { trouble } from '../api/trouble.ts'
import { AdministratorsOnly } from '../ui/AdministratorsOnly.tsx'
import { moment, useNow } from '../ui/now.ts'
import { Failure, Loading } from '../ui/state.tsx'
import { useTitle } from '../ui/title.ts'
import { zoneName } from '../ui/zone.ts'
import { Decided, Took } from './Decided.tsx'
import { ReadOverview } from './operations.ts'
import classes from './overview.module.css'
import { Busiest, Deliveries, Unheard, Waiting } from './Rest.tsx'
import { readPlace, spans, type Days } from './search.ts'

const route = getRouteApi('/overview')

/** How asking and deciding goes, in numbers. */
export function OverviewPage() {
  const raw = route.useSearch()
  const place = useMemo(() => readPlace(raw), [raw]) // the router keeps what it does not know
  const go = route.useNavigate()
  return (
    <AdministratorsOnly what="Overview">
      <Overview days={place.days ?? 7} onDays={(days) => void go({ search: days === 7 ? {} : { days }, resetScroll: false })} />
    </AdministratorsOnly>
  )
}

export function Overview({ days, onDays }: { days: Days; onDays: (days: Days) => void }) {
  const timeZone = zoneName() || 'UTC' // in which the viewer's days begin
  const [{ data, error, fetching }, read] = useRead({ query: ReadOverview, variables: { days, timeZone } })
  const again = () => read({ requestPolicy: 'network-only' })
  const quietly = () => {
    if (document.visibilityState !== 'hidden') again()
  }
  const soon = useDebouncedCallback(quietly, { delay: 3000 }) // many events in a moment are one look
  useLive(() => soon())
  useInterval(quietly, 60_000, { autoInvoke: true }) // what waits grows older, and what is sent makes no event
  const now = useNow()
  useTitle('Overview')

  const wrong = trouble(error)
  const o = data?.overview
  return (
    <Stack gap="lg" aria-busy={fetching}>
      <Group justify="space-between" align="flex-end" gap="md">
        <Title order={1}>Overview</Title>
        <Select label="Days" value={String(days)} onChange={(v) => onDays(spans.find((s) => String(s) === v) ?? 7)} data={spans.map((s) => ({ value: String(s), label: `Last ${s} days` }))} w={180} />
      </Group>
      {wrong && <Failure what={o ? 'Not all numbers could be read' : 'The numbers could not be read'} trouble={wrong} again={again} />}
      {!o && !wrong && <Loading rows={4} height={160} />}
      {o?.requests?.countedUpTo && (
        <Alert color="wait" variant="light" role="status" title="The past is being counted">
          <Text size="sm">Up to {moment(Date.parse(o.requests.countedUpTo), now)} it is; the numbers of requests grow until all is. This happens once, by itself.</Text>
        </Alert>
      )}
      {o && (
        <div className={classes['grid']}>
          {o.pending && <Waiting pending={o.pending} />}
          {data.problems && <Unheard problems={data.problems.problems} />}
          {o.requests && <Decided requests={o.requests} />}
          {o.requests && <Took requests={o.requests} />}
          {o.requests && <Busiest requests={o.requests} />}
          {o.deliveries && <Deliveries deliveries={o.deliveries} />}
        </div>
      )}
    </Stack>
  )
}
