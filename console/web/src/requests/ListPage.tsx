import { Button, Tabs, Text, Title } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconArrowBarToUp, IconArrowUp, IconCalendar } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { now } from '../api/clock.ts'
import { useConnection } from '../api/connection.ts'
import { useOffer } from '../shell/acts.ts'
import { useLetter } from '../shell/keys.ts'
import { ButtonLink } from '../ui/Link.tsx'
import { OverButton } from '../ui/OverButton.tsx'
import { EndlessRows, type RowsHandle } from '../ui/EndlessRows.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import { useTitle } from '../ui/title.ts'
import { count } from '../ui/words.ts'
import { dayOf } from '../ui/zone.ts'
import { Filters } from './Filters.tsx'
import { useFollow } from './follow.ts'
import { readPage, standingOf, useList } from './list.ts'
import classes from './ListPage.module.css'
import { Row } from './Row.tsx'
import { cleared, inTab, isFiltered, readSearch, tabs, type ListSearch, type Tab } from './search.ts'
import { TabList } from './TabList.tsx'
import { Words } from './Words.tsx'

// What is shown beside the list comes when there is time, or when it is asked for.
const readDecision = () => import('./OneDecision.tsx')
const readRequest = () => import('./RequestPage.tsx')
const readCache = () => import('../api/Cached.tsx')
const OneDecision = lazy(async () => ({ default: (await readCache()).cached((await readDecision()).OneDecision) }))
const OneRequest = lazy(async () => ({ default: (await readCache()).cached((await readRequest()).OneRequest) }))
const readDrawer = () => import('./DecisionDrawer.tsx')
const DecisionDrawer = lazy(readDrawer)
const Beside = lazy(() => import('./Beside.tsx'))
const GoToDate = lazy(() => import('./GoToDate.tsx'))

const route = getRouteApi('/requests')

/** All requests that the viewer may see: what waits, what is approved, and what is over. */
export function ListPage() {
  const raw = route.useSearch()
  const search = useMemo(() => readSearch(raw), [raw]) // the router keeps what it does not know
  const go = route.useNavigate()
  const { asOf } = useConnection()
  const tab = search.tab ?? 'pending'
  useTitle(tabs[tab].label)
  const wide = useMediaQuery('(min-width: 100em)', false, { getInitialValueInEffect: false })
  const { list, spot, number } = useList(search)
  const standing = useSyncExternalStore(list.subscribe, () => standingOf(list))
  const ready = standing !== 'loading' && standing !== 'failed'
  const handle = useRef<RowsHandle>(null)
  const words = useRef<HTMLInputElement>(null)
  const [filtering, setFiltering] = useState(false)
  const [dating, setDating] = useState(false)
  const [copied, setCopied] = useState<string | null>(null)

  const to = useCallback((next: ListSearch, replace = false) => void go({ search: next, replace, resetScroll: false }), [go])
  const latest = useRef(search)
  latest.current = search

  const newer = useCallback(async () => {
    const first = list.state().rows[0]
    if (!first) return []
    const page = await readPage(latest.current, first.part, { last: 50, before: first.cursor })
    return 'kind' in page ? [] : page.edges.map((e) => e.node)
  }, [list])
  const { waiting, shown } = useFollow(list, search, newer)

  const show = async () => {
    if (search.at !== undefined) {
      to({ ...search, at: undefined })
      return
    }
    if (!(await list.again())) return
    shown()
    handle.current?.top()
    handle.current?.focus(list.state().rows[0]?.row.id ?? null)
  }

  const acts = useMemo(
    () => ({
      decide: (id: string, act: 'approve' | 'deny') => to({ ...latest.current, open: id, act }),
      show: (id: string) => (wide ? to({ ...latest.current, open: id, act: undefined }) : void go({ to: '/requests/$id', params: { id }, search: {} })),
    }),
    [to, go, wide],
  )
  const closeOpen = () => {
    const id = search.open ?? null
    to({ ...search, open: undefined, act: undefined })
    // Its button may be gone by the decision; the row is not.
    requestAnimationFrame(() => handle.current?.focus(id))
  }

  // Once the rows are on the screen, and not in their way.
  useEffect(() => {
    if (!ready) return
    const timer = setTimeout(() => void Promise.all([readCache(), ...(wide ? [readRequest()] : [readDecision(), readDrawer()])]), 250)
    return () => clearTimeout(timer)
  }, [ready, wide])

  const drawer = !wide && search.open !== undefined
  const [drawn, setDrawn] = useState(drawer)
  if (drawer && !drawn) setDrawn(true)
  const free = !drawer && !filtering && !dating
  useLetter('J', () => handle.current?.move(1), free)
  useLetter('K', () => handle.current?.move(-1), free)
  useLetter('U', closeOpen, search.open !== undefined)
  useLetter('F', () => setFiltering(true), free)
  useLetter('/', () => words.current?.focus(), free)
  useLetter('.', () => void show(), free && waiting > 0)
  const decideHere = (act: 'approve' | 'deny') => () => {
    const id = handle.current?.current()
    const r = list.state().rows.find((one) => one.row.id === id)?.row
    if (r?.viewerCanReview) acts.decide(r.id, act)
  }
  // Beside an open request its own panel has these keys.
  useLetter('A', decideHere('approve'), free && search.open === undefined)
  useLetter('D', decideHere('deny'), free && search.open === undefined)
  const copy = async () => {
    const id = search.open === undefined ? handle.current?.current() : null
    await navigator.clipboard.writeText(id ? `${location.origin}/requests/${id}` : location.href)
    setCopied(id ? 'The address of this request is copied.' : 'The address of this list is copied.')
  }
  useLetter('Y', () => void copy(), free)
  useEffect(() => {
    if (copied === null) return
    const timer = setTimeout(() => setCopied(null), 4000)
    return () => clearTimeout(timer)
  }, [copied])
  useOffer([
    { label: 'Find words in requests', keys: '/', run: () => words.current?.focus() },
    { label: 'Filter requests…', keys: 'F', run: () => setFiltering(true) },
    { label: 'Go to date…', run: () => setDating(true) },
    { label: 'Copy this address', keys: 'Y', run: () => void copy() },
    ...(waiting > 0 ? [{ label: `Show ${count(waiting, 'new request')}`, keys: '.', run: () => void show() }] : []),
  ])

  const day = dayOf(now())
  const body = (
    <div className={classes['side']}>
      {waiting > 0 && (
        <div className={classes['new']} role="status">
          <Button leftSection={<IconArrowUp size={16} aria-hidden />} onClick={() => void show()} aria-keyshortcuts=".">
            {count(waiting, 'new request')}
          </Button>
        </div>
      )}
      {standing === 'failed' && <Failure what="The requests could not be read" trouble={list.state().below.trouble!} again={() => void list.grow('below')} />}
      {standing === 'loading' && (
        <div className={`card ${classes['list']}`}>
          <Loading inset rows={8} />
        </div>
      )}
      {(standing === 'empty' || standing === 'looking') && (
        <div className={`card ${classes['list']}`}>
          {isFiltered(search) ? (
            <Empty act={<Button variant="default" onClick={() => to(cleared(search))}>Clear</Button>}>{standing === 'empty' ? 'No request matches these filters.' : 'Looking further back…'}</Empty>
          ) : (
            <Empty act={tab === 'pending' ? <ButtonLink to="/ask">Ask for access</ButtonLink> : undefined}>{nothing[tab]}</Empty>
          )}
        </div>
      )}
      {standing === 'rows' && (
        <EndlessRows
          key={number}
          ref={handle}
          list={list}
          label="Requests"
          narrowBelow={900}
          className={(narrow) => `${classes['row']} ${narrow ? classes['narrow'] : `${classes['wide']} ${classes[tab] ?? ''}`}`}
          listClass={classes['list']}
          open={search.open ?? null}
          spot={spot}
          row={(r, { width, narrow }, onFocus) => <Row r={r} room={!narrow ? 'line' : width < 560 ? 'tight' : 'two lines'} decidable={tab !== 'history'} acts={acts} off={asOf !== null} onFocus={onFocus} />}
        />
      )}
    </div>
  )

  return (
    <Tabs value={tab} onChange={(t) => t !== null && to(inTab(search, t as Tab))} keepMounted={false} className={classes['page'] ?? ''} variant="default">
      <div className={classes['top']}>
        <Title order={1}>Requests</Title>
        <TabList />
      </div>
      <div className={classes['tools']}>
        <Words ref={words} value={search.words ?? ''} onChange={(w) => to({ ...latest.current, words: w === '' ? undefined : w }, true)} onLeave={() => handle.current?.move(0)} />
        <Filters search={search} opened={filtering} onOpened={setFiltering} onChange={to} />
        <OverButton
          opened={dating}
          onOpened={setDating}
          position="bottom-end"
          width={336}
          className={classes['tool'] ?? ''}
          label="Go to date"
          leftSection={<IconCalendar size={16} aria-hidden />}
          over={
            <Suspense fallback={<Loading rows={4} />}>
              <GoToDate
                at={search.at}
                today={day}
                onChoose={(at) => {
                  setDating(false)
                  to({ ...search, at: at === day ? undefined : at })
                }}
              />
            </Suspense>
          }
        >
          <span className={classes['rest']}>Go to date</span>
        </OverButton>
        {search.at !== undefined && (
          <Button variant="subtle" leftSection={<IconArrowBarToUp size={16} aria-hidden />} onClick={() => to({ ...search, at: undefined })}>
            Newest
          </Button>
        )}
        <Text role="status" size="sm" c="dimmed">
          {copied}
        </Text>
      </div>
      <Tabs.Panel value={tab} className={classes['body'] ?? ''} tabIndex={-1}>
        {wide ? (
          <Suspense fallback={body}>
            <Beside list={body}>
              <Suspense fallback={<Loading rows={5} />}>
                {search.open === undefined ? <Empty>Choose a request, and it is shown here.</Empty> : <OneRequest key={search.open} id={search.open} act={search.act ?? null} />}
              </Suspense>
            </Beside>
          </Suspense>
        ) : (
          body
        )}
      </Tabs.Panel>
      <Suspense>
        {drawn && (
          <DecisionDrawer opened={drawer} onClose={closeOpen}>
            <Suspense fallback={<Loading />}>{drawer && <OneDecision key={search.open} id={search.open!} open={search.act ?? null} />}</Suspense>
          </DecisionDrawer>
        )}
      </Suspense>
    </Tabs>
  )
}

const nothing: Record<Tab, string> = {
  pending: 'No request waits for a decision.',
  approved: 'No access is approved or active now.',
  history: 'No request is over yet.',
}
