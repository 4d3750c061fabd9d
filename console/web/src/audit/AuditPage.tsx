import { Button, Drawer, Text, Title } from '@mantine/core'
import { IconArrowBarToUp, IconCalendar } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { now } from '../api/clock.ts'
import { Words } from '../requests/Words.tsx'
import { useOffer } from '../shell/acts.ts'
import { useLetter } from '../shell/keys.ts'
import { AdministratorsOnly } from '../ui/AdministratorsOnly.tsx'
import { Endless } from '../ui/endless.ts'
import { atTop, EndlessRows, type RowsHandle } from '../ui/EndlessRows.tsx'
import { OverButton } from '../ui/OverButton.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import { useTitle } from '../ui/title.ts'
import { dayOf, zoneName } from '../ui/zone.ts'
import classes from './audit.module.css'
import { readEntries, type EntryRow } from './entries.ts'
import { EntryShown } from './EntryShown.tsx'
import { ExportMenu } from './ExportMenu.tsx'
import { Filters } from './Filters.tsx'
import { Row } from './Row.tsx'
import { approvedLastMonth, cleared, isFiltered, narrowed, readAudit, type AuditSearch } from './search.ts'

const GoToDate = lazy(() => import('../requests/GoToDate.tsx'))
const route = getRouteApi('/audit')

/** Who did what, and when: the journal, the newest first. */
export function AuditPage() {
  useTitle('Audit')
  return (
    <AdministratorsOnly what="Audit">
      <Journal />
    </AdministratorsOnly>
  )
}

function Journal() {
  const raw = route.useSearch()
  const search = useMemo(() => readAudit(raw), [raw])
  const go = route.useNavigate()
  const to = (next: AuditSearch, replace = false) => void go({ search: next, replace, resetScroll: false })
  const [round, setRound] = useState(0)
  const key = JSON.stringify({ ...search, entry: undefined, round })
  const spot = useMemo(atTop, [key])
  const [total, setTotal] = useState<number | null>(null) // of the server, which does not count what is filtered
  const list = useMemo(() => {
    setTotal(null)
    return new Endless<EntryRow>(async (part, place) => {
      const page = await readEntries(search, part, place)
      if (!('kind' in page) && search.at === undefined) setTotal(page.total)
      return page
    }, search.at !== undefined)
  }, [key])
  const { rows, ready, base, above, below } = useSyncExternalStore(list.subscribe, list.state)
  const whole = ready && base === 0 && above.done && below.done && !above.trouble && !below.trouble
  useEffect(() => {
    void list.grow('below')
    return () => list.close()
  }, [list])

  const handle = useRef<RowsHandle>(null)
  const words = useRef<HTMLInputElement>(null)
  const [filtering, setFiltering] = useState(false)
  const [dating, setDating] = useState(false)
  const close = () => {
    const id = search.entry === undefined ? null : String(search.entry)
    to({ ...search, entry: undefined } as AuditSearch)
    setTimeout(() => handle.current?.focus(id))
  }
  const lastMonth = () => to(approvedLastMonth(now()))
  const free = search.entry === undefined && !filtering && !dating
  useLetter('J', () => handle.current?.move(1), free)
  useLetter('K', () => handle.current?.move(-1), free)
  useLetter('U', close, search.entry !== undefined)
  useLetter('F', () => setFiltering(true), free)
  useLetter('/', () => words.current?.focus(), free)
  useOffer([
    { label: 'Approved last month', run: lastMonth },
    { label: 'Filter the journal…', keys: 'F', run: () => setFiltering(true) },
    { label: 'Find words in the journal', keys: '/', run: () => words.current?.focus() },
    { label: 'Go to date…', run: () => setDating(true) },
  ])
  const address = (s: AuditSearch) => `/audit?${new URLSearchParams(Object.entries(s).flatMap(([k, v]) => (v === undefined ? [] : [[k, String(v)]])))}`
  const today = dayOf(now())
  return (
    <div className={classes['page']}>
      <div className={classes['top']}>
        <Title order={1}>Audit</Title>
        <ExportMenu search={search} total={total ?? (whole ? rows.length : null)} />
      </div>
      <div className={classes['tools']}>
        <Button variant="default" onClick={lastMonth}>
          Approved last month
        </Button>
        <Words ref={words} label="Words in names, reasons, comments and IDs" value={search.words ?? ''} onChange={(w) => to(narrowed(search, { words: w || undefined }), true)} onLeave={() => handle.current?.move(0)} />
        <Filters search={search} opened={filtering} onOpened={setFiltering} onChange={to} />
        <OverButton
          opened={dating}
          onOpened={setDating}
          position="bottom-end"
          width={336}
          label="Go to date"
          leftSection={<IconCalendar size={16} aria-hidden />}
          over={
            <Suspense fallback={<Loading rows={4} />}>
              <GoToDate
                at={search.at}
                today={today}
                onChoose={(at) => {
                  setDating(false)
                  to({ ...search, at: at === today ? undefined : at } as AuditSearch)
                }}
              />
            </Suspense>
          }
        >
          Go to date
        </OverButton>
        <Button variant="subtle" leftSection={<IconArrowBarToUp size={16} aria-hidden />} onClick={() => (search.at === undefined ? setRound((n) => n + 1) : to({ ...search, at: undefined } as AuditSearch))}>
          Newest
        </Button>
      </div>
      <div className={classes['body']}>
        {!ready && below.trouble ? (
          <Failure what="The journal could not be read" trouble={below.trouble} again={() => void list.grow('below')} />
        ) : !ready ? (
          <div className="card">
            <Loading inset rows={8} />
          </div>
        ) : rows.length === 0 && above.done ? (
          <div className="card">
            {isFiltered(search) ? (
              <Empty act={<Button variant="default" onClick={() => to(cleared(search))}>Clear</Button>}>{below.done ? 'No entry matches these filters.' : 'Looking further back…'}</Empty>
            ) : (
              <Empty>Nothing has happened yet.</Empty>
            )}
          </div>
        ) : (
          <EndlessRows
            key={key}
            ref={handle}
            list={list}
            label="Entries"
            narrowBelow={900}
            className={(narrow) => `${classes['row']} ${narrow ? classes['narrow'] : ''}`}
            listClass={classes['list']}
            open={search.entry === undefined ? null : String(search.entry)}
            spot={spot}
            row={(e, room, onFocus) => <Row e={e} room={room} href={address({ ...search, entry: e.seq })} onOpen={(entry) => to({ ...search, entry })} onFocus={onFocus} />}
          />
        )}
      </div>
      <Text size="sm" c="dimmed">
        Times are of {zoneName()}. The list is of when it was read; Newest reads it again.
      </Text>
      <Drawer opened={search.entry !== undefined} onClose={close} position="right" size="lg" title="Entry" classNames={{ title: classes['title'] ?? '' }} closeButtonProps={{ 'aria-label': 'Close' }}>
        {search.entry !== undefined && <EntryShown key={search.entry} seq={search.entry} history={(object) => address({ object })} />}
      </Drawer>
    </div>
  )
}
