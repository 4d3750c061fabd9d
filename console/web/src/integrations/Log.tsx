import { Button, Drawer, Select, Stack, Text, Title } from '@mantine/core'
import { IconArrowUp } from '@tabler/icons-react'
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { ask } from '../api/ask.ts'
import { now } from '../api/clock.ts'
import { useConnection } from '../api/connection.ts'
import { graphql } from '../api/graphql.ts'
import { useLive } from '../api/live.ts'
import { noAnswer, type Trouble } from '../api/trouble.ts'
import { useLetter } from '../shell/keys.ts'
import { Endless, type Page } from '../ui/endless.ts'
import { atTop, EndlessRows, type RowsHandle } from '../ui/EndlessRows.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { eventTypes, deliveryStates, events } from '../ui/words.ts'
import { DeliveryShown } from './DeliveryDrawer.tsx'
import classes from './integrations.module.css'
import { LogRow } from './LogRow.tsx'
import { DeliveryDetail, type IntegrationDetail } from './operations.ts'
import { deliveryFilter, deliveryStatuses, isFiltered, spans, type LogFilter, type Place } from './search.ts'
import { usePolled } from './usePolled.ts'

const ReadDeliveries = graphql(
  `
    query ReadDeliveries($filter: DeliveryFilter!, $first: Int, $after: String, $last: Int, $before: String) {
      deliveries(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { ...DeliveryDetail } }
        pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
      }
    }
  `,
  [DeliveryDetail],
)

const ReadSome = graphql(
  `
    query ReadSome($ids: [ID!]!) {
      nodes(ids: $ids) {
        __typename
        id
        ... on Delivery { ...DeliveryDetail }
      }
    }
  `,
  [DeliveryDetail],
)

type Filter = ReturnType<typeof deliveryFilter>

async function readPage(filter: Filter, place: { first: number; after: string | null } | { last: number; before: string | null }): Promise<Page<DeliveryDetail> | Trouble> {
  const { data, error } = await ask(ReadDeliveries, { filter, ...place })
  const list = data?.deliveries
  if (!list) return noAnswer(error)
  return { edges: list.edges, ...list.pageInfo }
}

/** All that an integration was owed, the last first: filtered by the address, endless. */
export function Log({ integration: i, place, to }: { integration: IntegrationDetail; place: Place; to: (p: Place, replace?: boolean) => void }) {
  const { asOf } = useConnection()
  const { status, event, time } = place
  const filters = useMemo<LogFilter>(() => ({ ...(status ? { status } : {}), ...(event ? { event } : {}), ...(time ? { time } : {}) }), [status, event, time])
  const [fresh, setFresh] = useState(0)
  // Cursors hold within one filter, so its moment stays until the list begins anew.
  const filter = useMemo(() => deliveryFilter(i.id, filters, now()), [i.id, filters, fresh])
  const spot = useMemo(atTop, [filter])
  const list = useMemo(() => new Endless<DeliveryDetail>((_, where) => readPage(filter, where), false), [filter])
  const { rows, ready, below } = useSyncExternalStore(list.subscribe, list.state)
  const [waiting, setWaiting] = useState(0)
  const [more, setMore] = useState(false)
  const handle = useRef<RowsHandle>(null)

  useEffect(() => {
    setWaiting(0)
    if (!list.state().ready) void list.grow('below')
  }, [list])

  const head = useCallback(async () => {
    const first = list.state().rows[0]
    if (!first) {
      if (list.state().ready) await list.again()
      return
    }
    const page = await readPage(filter, { last: 50, before: first.cursor })
    if ('kind' in page) return
    const news = page.edges.filter((e) => !list.has(e.node.id))
    setWaiting(news.length)
    setMore(page.hasPreviousPage)
  }, [list, filter])
  const late = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(late.current), [])
  useLive(() => {
    clearTimeout(late.current)
    late.current = setTimeout(() => void head(), 1000)
  })

  // What is owed still changes by itself; it stays in its place.
  const owed = rows.filter((r) => r.row.status === 'PENDING').slice(0, 100)
  usePolled(async () => {
    const { data } = await ask(ReadSome, { ids: owed.map((r) => r.row.id) })
    list.update((data?.nodes ?? []).flatMap((n) => (n?.__typename === 'Delivery' ? [n] : [])))
  }, owed.length > 0 && place.delivery === undefined)

  const show = () => {
    setFresh((n) => n + 1)
    setWaiting(0)
  }
  const set = (change: Partial<LogFilter>) => to({ part: 'deliveries', ...Object.fromEntries(Object.entries({ ...filters, ...change }).filter(([, v]) => v)) } as Place)
  const clear = () => to({ part: 'deliveries' })
  const close = () => {
    const id = place.delivery ?? null
    to({ ...place, delivery: undefined })
    setTimeout(() => handle.current?.focus(id))
  }
  const free = place.delivery === undefined
  useLetter('J', () => handle.current?.move(1), free)
  useLetter('K', () => handle.current?.move(-1), free)
  useLetter('U', close, !free)

  const known = rows.find((r) => r.row.id === place.delivery)?.row ?? null
  const changed = useCallback((d: DeliveryDetail) => list.update([d]), [list])
  return (
    <section aria-labelledby="log">
      <Stack gap="md">
        <Title order={2} id="log" className="hidden">
          Delivery log
        </Title>
        <div className={classes['tools']}>
          <Select label="Status" value={status ?? ''} onChange={(v) => set({ status: (v || undefined) as LogFilter['status'] })} data={[{ value: '', label: 'Any' }, ...deliveryStatuses.map((s) => ({ value: s, label: deliveryStates[s].word }))]} />
          <Select
            label="Event"
            value={event ?? ''}
            onChange={(v) => set({ event: (v || undefined) as LogFilter['event'] })}
            data={[{ value: '', label: 'Any' }, { value: 'TEST', label: 'Test message' }, ...eventTypes.map((t) => ({ value: t, label: events[t] ?? t }))]}
          />
          <Select label="Time" value={time ?? ''} onChange={(v) => set({ time: (v || undefined) as LogFilter['time'] })} data={[{ value: '', label: 'Any' }, ...Object.entries(spans).map(([value, [label]]) => ({ value, label }))]} />
          {isFiltered(filters) && (
            <Button variant="subtle" onClick={clear}>
              Clear
            </Button>
          )}
        </div>
        {!ready && below.trouble ? (
          <Failure what="The delivery log could not be read" trouble={below.trouble} again={() => void list.grow('below')} />
        ) : !ready ? (
          <div className="card">
            <Loading inset rows={6} height={40} />
          </div>
        ) : rows.length === 0 && below.done ? (
          <div className="card">
            {isFiltered(filters) ? (
              <Empty act={<Button onClick={clear}>Clear</Button>}>No delivery matches these filters.</Empty>
            ) : (
              <Empty>Nothing was sent to it yet. Send test message tries it.</Empty>
            )}
          </div>
        ) : (
          <div style={{ position: 'relative' }}>
            {waiting > 0 && (
              <div className={classes['new']}>
                <Button leftSection={<IconArrowUp size={16} aria-hidden />} onClick={show}>
                  {more ? `${waiting}+ new deliveries` : `${waiting.toLocaleString('en')} new ${waiting === 1 ? 'delivery' : 'deliveries'}`}
                </Button>
              </div>
            )}
            <EndlessRows
              key={JSON.stringify(filter)}
              ref={handle}
              list={list}
              label="Deliveries"
              narrowBelow={720}
              className={(narrow) => `${classes['entry']} ${narrow ? classes['narrow'] : ''}`}
              listClass={classes['log']}
              open={place.delivery ?? null}
              spot={spot}
              row={(d, { narrow }, onFocus) => <LogRow d={d} integration={i} narrow={narrow} link={(id) => ({ ...place, delivery: id })} onFocus={() => onFocus(d.id)} onChange={(c) => list.update([c])} />}
            />
          </div>
        )}
        {asOf !== null && ready && (
          <Text size="sm" c="dimmed">
            As of <Time at={new Date(asOf).toISOString()} as="clock" />.
          </Text>
        )}
      </Stack>
      <Drawer opened={!free} onClose={close} position="right" size="md" title="Delivery" classNames={{ title: classes['title'] }} closeButtonProps={{ 'aria-label': 'Close' }}>
        {place.delivery && <DeliveryShown key={place.delivery} id={place.delivery} known={known} integration={i} onChange={changed} />}
      </Drawer>
    </section>
  )
}
