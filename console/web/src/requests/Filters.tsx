import { Button, Pill, Text } from '@mantine/core'
import { IconFilterPlus } from '@tabler/icons-react'
import { lazy, Suspense, useRef } from 'react'
import { now } from '../api/clock.ts'
import { moment, months } from '../ui/now.ts'
import { OverButton } from '../ui/OverButton.tsx'
import { Loading } from '../ui/state.tsx'
import { statuses } from '../ui/words.ts'
import { local } from '../ui/zone.ts'
import { useViewer } from '../viewer.ts'
import classes from './ListPage.module.css'
import { useNames } from './named.ts'
import { cleared, isFiltered, tabs, type ListFilter, type ListSearch } from './search.ts'

const FilterForm = lazy(async () => {
  const [{ cached }, form] = await Promise.all([import('../api/Cached.tsx'), import('./FilterForm.tsx')])
  return { default: cached(form.default) }
})

export type FilterKind = 'time' | 'person' | 'reviewer' | 'status' | 'account' | 'resource' | 'ticket'

export const filterLabels: Record<FilterKind, string> = { time: 'Time', person: 'Person', reviewer: 'Approver', status: 'Status', account: 'Account', resource: 'Resource', ticket: 'Ticket' }

/** "27 Nov", with the year where it is another. */
function dayWords(day: string, at = now()): string {
  const [y, m, d] = day.split('-').map(Number) as [number, number, number]
  return `${d} ${months[m - 1]}${y === local(at).year ? '' : ` ${y}`}`
}

/** "1 Nov to 27 Nov", "since 1 Nov", "until 27 Nov". */
export function span(from: string | undefined, to: string | undefined, at = now()): string {
  if (from && to) return from === to ? dayWords(from, at) : `${dayWords(from, at)} to ${dayWords(to, at)}`
  return from ? `since ${dayWords(from, at)}` : `until ${dayWords(to ?? '', at)}`
}

/** The same of moments: "27 Nov, 20:22 to 27 Nov, 21:22", "since 27 Nov, 20:22". */
function moments(since: string | undefined, until: string | undefined): string {
  const said = (at: string) => moment(Date.parse(at), now())
  if (since && until) return `${said(since)} to ${said(until)}`
  return since ? `since ${said(since)}` : `until ${said(until ?? '')}`
}

/** When those of the list were asked; undefined where it is whenever. */
export function whenAsked({ from, to, since, until }: ListFilter): string | undefined {
  const parts = [(from ?? to) && span(from, to), (since ?? until) && moments(since, until)].filter((p) => p)
  return parts.length === 0 ? undefined : parts.join(', ')
}

/** Which filters there are for somebody: who sees their own requests alone has nobody to choose. */
function filterKinds(admin: boolean, search: ListSearch): FilterKind[] {
  return (['time', ...(admin ? ['person', 'reviewer'] : []), ...(tabs[search.tab ?? 'pending'].statuses.length > 1 ? ['status'] : []), 'account', 'resource', 'ticket'] as FilterKind[])
}

const without: Record<FilterKind, Partial<ListFilter>> = {
  time: { from: undefined, to: undefined, since: undefined, until: undefined },
  person: { person: undefined },
  reviewer: { reviewer: undefined },
  status: { status: undefined },
  account: { account: undefined },
  resource: { resource: undefined },
  ticket: { ticket: undefined },
}

/** What narrows the list, each with an x; Clear; and one more. */
export function Filters({ search, opened, onOpened, onChange }: { search: ListSearch; opened: boolean; onOpened: (open: boolean) => void; onChange: (next: ListSearch) => void }) {
  const { admin } = useViewer()
  const more = useRef<HTMLButtonElement>(null)
  const name = useNames([search.person, search.reviewer, search.account, search.resource].filter((id) => id !== undefined))
  const said: Partial<Record<FilterKind, string | undefined>> = {
    time: whenAsked(search),
    person: search.person && name(search.person),
    reviewer: search.reviewer && name(search.reviewer),
    status: search.status?.map((s) => statuses[s].word).join(', '),
    account: search.account && name(search.account),
    resource: search.resource && name(search.resource),
    ticket: search.ticket,
  }
  // What was taken away had the focus.
  const leave = (next: ListSearch) => {
    onChange(next)
    more.current?.focus()
  }
  return (
    <>
      {(Object.keys(filterLabels) as FilterKind[]).map((kind) => {
        const value = said[kind]
        if (!value) return null
        const label = `${filterLabels[kind]}: ${value}`
        return (
          <Pill
            key={kind}
            withRemoveButton
            radius="xl"
            classNames={{ root: classes['pill'] ?? '', label: classes['pillLabel'] ?? '' }}
            onRemove={() => leave({ ...search, ...without[kind] })}
            removeButtonProps={{ 'aria-label': `Remove ${label}`, 'aria-hidden': false, tabIndex: 0, className: classes['remove'] ?? '', iconSize: 16 }}
          >
            {filterLabels[kind]}: <bdi>{value}</bdi>
          </Pill>
        )
      })}
      <OverButton
        ref={more}
        opened={opened}
        onOpened={onOpened}
        position="bottom-start"
        width={320}
        label="Filter"
        className={classes['tool'] ?? ''}
        leftSection={<IconFilterPlus size={16} aria-hidden />}
        aria-keyshortcuts="F"
        over={
          <Suspense fallback={<Loading rows={3} />}>
            <FilterForm
              kinds={filterKinds(admin, search)}
              search={search}
              onChoose={(change) => {
                onOpened(false)
                onChange({ ...search, ...('from' in change ? without.time : {}), ...change })
                requestAnimationFrame(() => more.current?.focus())
              }}
            />
          </Suspense>
        }
      >
        <span className={classes['rest']}>Filter</span>
      </OverButton>
      {isFiltered(search) && (
        <Button variant="subtle" onClick={() => leave(cleared(search))} px="sm">
          Clear
        </Button>
      )}
      {!admin && (search.person || search.reviewer) && (
        <Text size="sm" c="dimmed">
          You see your own requests.
        </Text>
      )}
    </>
  )
}
