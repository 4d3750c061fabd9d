import { Button, Drawer, Select, Stack, Text, Title } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { IconArrowUp } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { listClient } from '../api/client.ts'
import { now } from '../api/clock.ts'
import { useConnection } from '../api/connection.ts'
import { graphql } from '../api/graphql.ts'
import { useLive } from '../api/live.ts'
import { noAnswer, type Trouble } from '../api/trouble.ts'
import { useLetter } from '../shell/keys.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Endless, type Page } from '../ui/endless.ts'
import { Link } from '../ui/Link.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { events } from '../ui/words.ts'
import { DeliveryShown, eventOf, itemsOf, redeliverOff, useRedeliver } from './DeliveryDrawer.tsx'
import classes from './integrations.module.css'
import { DeliveryDetail, type IntegrationDetail } from './operations.ts'
import { deliveryStates } from '../ui/words.ts'
import { deliveryFilter, deliveryStatuses, eventTypes, isFiltered, spans, type LogFilter, type Place } from './search.ts'
import { StateBadge } from './StateBadge.tsx'
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
  const { data, error } = await listClient.query(ReadDeliveries, { filter, ...place }).toPromise()
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
  const list = useMemo(() => new Endless<DeliveryDetail>((_, where) => readPage(filter, where), false), [filter])
  const { rows, ready, below } = useSyncExternalStore(list.subscribe, list.state)
  const [waiting, setWaiting] = useState(0)
  const [more, setMore] = useState(false)
  const handle = useRef<{ move: (by: number) => void; focus: (id: string | null) => void }>(null)

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
    const { data } = await listClient.query(ReadSome, { ids: owed.map((r) => r.row.id) }).toPromise()
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
            <Loading rows={6} height={40} />
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
            <Rows list={list} integration={i} open={place.delivery ?? null} link={(id) => ({ ...place, delivery: id })} ref={handle} />
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

type RowsProps = {
  list: Endless<DeliveryDetail>
  integration: IntegrationDetail
  open: string | null
  link: (id: string) => Place
  ref: React.Ref<{ move: (by: number) => void; focus: (id: string | null) => void }>
}

const edge = 44

function Rows({ list, integration, open, link, ref }: RowsProps) {
  const { rows, base, above, below } = useSyncExternalStore(list.subscribe, list.state)
  const scroller = useRef<HTMLDivElement>(null)
  const { ref: sized, width } = useElementSize<HTMLDivElement>()
  // The same function each time: another one would be attached anew at each render.
  const attach = useCallback(
    (node: HTMLDivElement | null) => {
      scroller.current = node
      return sized(node)
    },
    [sized],
  )
  const narrow = width > 0 && width < 720
  const height = narrow ? 76 : 56
  const lead = above.done ? 0 : 1
  const total = lead + rows.length + (below.done ? 0 : 1)
  const at = (index: number) => rows[index - lead]
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: (n) => (at(n) ? height : edge),
    getItemKey: (n) => at(n)?.row.id ?? (n === 0 ? 'above' : 'below'),
    overscan: 6,
  })
  const before = useRef({ base, lead, height })
  // What is put above or taken away there moves nothing that is seen.
  useLayoutEffect(() => {
    const was = before.current
    before.current = { base, lead, height }
    if (was.height !== height) virtual.measure()
    const shift = (was.base - base) * height + (lead - was.lead) * edge
    if (shift !== 0 && was.height === height) virtual.scrollToOffset(scroller.current!.scrollTop + shift)
  }, [base, lead, height, virtual])
  const items = virtual.getVirtualItems()
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0]
  useEffect(() => {
    if (!above.trouble && first < lead + 15) void list.grow('above')
    if (!below.trouble && last >= total - 15) void list.grow('below')
  })

  const current = useRef<string | null>(null)
  const focus = (index: number) => {
    const id = rows[index]?.row.id
    if (id === undefined) return
    current.current = id
    virtual.scrollToIndex(index + lead, { align: 'auto' })
    const take = () => {
      const a = scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`)
      a?.focus({ preventScroll: true })
      return Boolean(a)
    }
    if (!take()) requestAnimationFrame(() => take() || requestAnimationFrame(take))
  }
  const move = (by: number) => {
    const n = rows.findIndex((r) => r.row.id === current.current)
    focus(n < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, n + by)))
  }
  const api = useRef({ move, focus: (_: string | null) => {} })
  api.current = {
    move,
    focus: (id) => {
      const n = rows.findIndex((r) => r.row.id === id)
      if (n >= 0) focus(n)
      else scroller.current?.focus()
    },
  }
  useEffect(() => {
    const given = { move: (by: number) => api.current.move(by), focus: (id: string | null) => api.current.focus(id) }
    if (typeof ref === 'function') ref(given)
    else if (ref) ref.current = given
  }, [ref])

  return (
    <div
      className={`card ${classes['log']}`}
      style={{ '--rows': `${virtual.getTotalSize() + 2}px` } as React.CSSProperties}
      tabIndex={-1}
      ref={attach}
      onKeyDown={(e) => {
        if ((e.key !== 'ArrowDown' && e.key !== 'ArrowUp') || e.altKey || e.ctrlKey || e.metaKey || e.shiftKey) return
        e.preventDefault()
        move(e.key === 'ArrowDown' ? 1 : -1)
      }}
    >
      <ul className={classes['rows']} style={{ height: virtual.getTotalSize() }} aria-label="Deliveries">
        {items.map((v) => {
          const r = at(v.index)
          const where = { height: v.size, transform: `translateY(${v.start}px)` }
          if (!r) {
            const side = v.index === 0 && lead === 1 ? 'above' : 'below'
            const end = side === 'above' ? above : below
            return (
              <li key={v.key} className={classes['end']} style={where}>
                {end.trouble ? (
                  <>
                    {end.trouble.message}
                    <Button variant="subtle" onClick={() => void list.grow(side)}>
                      Try again
                    </Button>
                  </>
                ) : (
                  'Loading more…'
                )}
              </li>
            )
          }
          return (
            <li key={v.key} className={`${classes['entry']} ${narrow ? classes['narrow'] : ''}`} style={where} data-open={r.row.id === open || undefined}>
              <Entry d={r.row} integration={integration} narrow={narrow} link={link} onFocus={() => (current.current = r.row.id)} onChange={(d) => list.update([d])} />
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function Entry({ d, integration, narrow, link, onFocus, onChange }: { d: DeliveryDetail; integration: IntegrationDetail; narrow: boolean; link: (id: string) => Place; onFocus: () => void; onChange: (d: DeliveryDetail) => void }) {
  const { live } = useConnection()
  const { send, wrong, conflict, busy } = useRedeliver(d, onChange)
  const last = d.attempts.at(-1)
  const about = itemsOf(d)
  const code = last?.error ?? (last ? `ok${last.statusCode === null ? '' : `, HTTP ${last.statusCode}`}, ${last.tookMs.toLocaleString('en')} ms` : '')
  const said = wrong[''] ?? conflict ?? [`${d.attemptCount} ${d.attemptCount === 1 ? 'try' : 'tries'}`, code].filter(Boolean).join(', ')
  const what = (
    <Link to="/integrations/$id" params={{ id: integration.id }} search={link(d.id)} resetScroll={false} className={`${classes['what']} ${classes['cut']}`} data-row={d.id} onFocus={onFocus}>
      {eventOf(d)}
      {about && (
        <Text span fw={400}>
          {' · '}
          <bdi>{about}</bdi>
        </Text>
      )}
    </Link>
  )
  const error = (
    <span className={`${classes['first']} ${classes['small']} ${classes['error']}`} style={{ color: last && last.outcome !== 'DELIVERED' ? 'var(--bad)' : 'var(--quiet)' }}>
      <span className={classes['cut']} title={said}>
        {said}
      </span>
      {d.nextAttemptAt && last && (
        <span className={classes['next']}>
          next try <Time at={d.nextAttemptAt} />
        </span>
      )}
    </span>
  )
  const act =
    d.status === 'DEAD' && redeliverOff(d.status, integration.status, live) === null ? (
      <span className={classes['over']}>
        <ActButton size="compact-sm" h={36} variant="default" busy={busy} onClick={() => void send({ deliveryId: d.id })} aria-label={`Redeliver ${eventOf(d)}${about ? `, ${about}` : ''}`}>
          Redeliver
        </ActButton>
      </span>
    ) : null
  const age = (
    <span className={classes['age']}>
      <Time at={d.owedAt} />
    </span>
  )
  if (narrow) {
    return (
      <>
        <span className={classes['first']}>
          <StateBadge of={d.status} />
          {what}
        </span>
        {error}
        {act ?? <span className={classes['over']}>{age}</span>}
      </>
    )
  }
  return (
    <>
      <StateBadge of={d.status} />
      <span className={classes['cut']}>{what}</span>
      {error}
      {age}
      {act ?? <span />}
    </>
  )
}
