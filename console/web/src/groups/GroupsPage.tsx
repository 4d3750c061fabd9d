import { Button, Select, Stack, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { useOffer } from '../shell/acts.ts'
import { useLetter } from '../shell/keys.ts'
import { AdministratorsOnly } from '../ui/AdministratorsOnly.tsx'
import { Link } from '../ui/Link.tsx'
import { usePaged } from '../ui/paged.ts'
import { ShowMore } from '../ui/ShowMore.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import { useTitle } from '../ui/title.ts'
import { count } from '../ui/words.ts'
import classes from './groups.module.css'
import { readGroupsPage, type GroupRow } from './operations.ts'
import { sourceWords } from './rules.ts'
import { readGroups, sources, type GroupsSearch, type Source } from './search.ts'

const AddGroup = lazy(async () => ({ default: (await import('./Forms.tsx')).AddGroup }))

const route = getRouteApi('/groups')

/** The groups of people, whoever keeps them. */
export function GroupsPage() {
  return (
    <AdministratorsOnly what="Groups">
      <Page />
    </AdministratorsOnly>
  )
}

function Page() {
  const raw = route.useSearch()
  const search = useMemo(() => readGroups(raw), [raw]) // the router keeps what it does not know
  const go = route.useNavigate()
  useTitle('Groups')
  return (
    <Stack gap="lg" maw={1280}>
      <Title order={1}>Groups</Title>
      <Groups search={search} to={(next, replace = false) => void go({ search: next, replace, resetScroll: false })} />
    </Stack>
  )
}

/** The list with what narrows it, and the form that adds one. */
export function Groups({ search, to }: { search: GroupsSearch; to: (next: GroupsSearch, replace?: boolean) => void }) {
  const { words, source, add } = search
  const [typed, setTyped] = useState(words ?? '')
  const field = useRef<HTMLInputElement>(null)
  const adding = useRef<HTMLButtonElement>(null)
  const list = usePaged(JSON.stringify([words, source]), (after) => readGroupsPage(words, source, after))
  const { rows, wrong } = list
  useEffect(() => setTyped((t) => (t.trim() === (words ?? '') ? t : (words ?? ''))), [words])
  useLetter('F', () => field.current?.focus())
  const narrow = (change: { [K in 'words' | 'source']?: GroupsSearch[K] | undefined }, replace = false) => to(readGroups({ words, source, ...change }), replace)
  useOffer([{ label: 'Add a group', run: () => to({ ...search, add: true }) }])
  const find = useDebouncedCallback((v: string) => narrow({ words: v.trim() || undefined }, true), 250)
  const filtered = words !== undefined || source !== undefined
  const clear = () => {
    setTyped('')
    to({})
    field.current?.focus()
  }
  const { add: _, ...here } = search
  return (
    <Stack gap="md">
      <div className={classes['tools']}>
        <TextInput
          ref={field}
          label="Name"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          maxLength={200}
          onChange={(e) => {
            setTyped(e.currentTarget.value)
            find(e.currentTarget.value)
          }}
        />
        <Select label="Kept by" value={source ?? ''} onChange={(v) => narrow({ source: (v || undefined) as Source | undefined })} data={[{ value: '', label: 'Any' }, ...sources.map((s) => ({ value: s, label: sourceWords[s] }))]} />
        {filtered && (
          <Button variant="subtle" onClick={clear}>
            Clear
          </Button>
        )}
        <Button ref={adding} className={classes['add']} leftSection={<IconPlus size={16} aria-hidden />} onClick={() => to({ ...here, add: true })}>
          Add a group
        </Button>
      </div>
      {wrong && <Failure what="The groups could not be read" trouble={wrong} again={list.retry} />}
      {!rows && !wrong && <Loading rows={6} height={60} />}
      {rows && (
        <section className="card" aria-label="Groups" aria-busy={list.reading}>
          {rows.length === 0 ? (
            filtered ? (
              <Empty act={<Button onClick={clear}>Clear</Button>}>No group matches these filters.</Empty>
            ) : (
              <Empty>There is no group yet. Add one, or let the directory send its own, as docs/people.md tells.</Empty>
            )
          ) : (
            <ul className={classes['list']}>
              {rows.map((g) => (
                <li key={g.id}>
                  <Row g={g} />
                </li>
              ))}
            </ul>
          )}
          <ShowMore of={list} />
        </section>
      )}
      <Suspense>
        {add && (
          <AddGroup
            onClose={() => {
              to(here, true)
              setTimeout(() => adding.current?.focus())
            }}
          />
        )}
      </Suspense>
    </Stack>
  )
}

/** "12 members"; '' while the server has yet to count. */
const members = (n: number | null): string => (n === null ? '' : count(n, 'member'))

function Row({ g }: { g: GroupRow }) {
  return (
    <div className={classes['group']}>
      <Link to="/groups/$id" params={{ id: g.id }} className={classes['name']} lineClamp={2}>
        <bdi>{g.name}</bdi>
      </Link>
      <Text className={classes['cell'] ?? ''}>{sourceWords[g.source]}</Text>
      <Text className={`${classes['cell']} ${classes['count']}`}>{members(g.memberCount)}</Text>
    </div>
  )
}
