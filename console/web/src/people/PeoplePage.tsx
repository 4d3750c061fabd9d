import { Button, Group, Select, Stack, Tabs, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { ask } from '../api/ask.ts'
import { graphql } from '../api/graphql.ts'
import { noAnswer } from '../api/trouble.ts'
import { useOffer } from '../shell/acts.ts'
import { useLetter } from '../shell/keys.ts'
import { AdministratorsOnly } from '../ui/AdministratorsOnly.tsx'
import { Link } from '../ui/Link.tsx'
import { usePaged } from '../ui/paged.ts'
import { ShowMore } from '../ui/ShowMore.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { useTitle } from '../ui/title.ts'
import { PersonRow } from './operations.ts'
import classes from './people.module.css'
import { PersonMenu } from './PersonMenu.tsx'
import { personState, roleWords } from './rules.ts'
import { readPeople, roles, userStatuses, type PeopleSearch, type Role, type UserStatus } from './search.ts'

const AddPerson = lazy(async () => ({ default: (await import('./AddPerson.tsx')).AddPerson }))
const DirectorySync = lazy(async () => ({ default: (await import('./DirectorySync.tsx')).DirectorySync }))
const Services = lazy(async () => ({ default: (await import('./Services.tsx')).Services }))

const ReadPeople = graphql(
  `
    query ReadPeople($search: String, $status: [UserStatus!], $role: [Role!], $after: String) {
      users(search: $search, status: $status, role: $role, first: 50, after: $after) {
        nodes { ...PersonRow }
        pageInfo { endCursor hasNextPage }
      }
    }
  `,
  [PersonRow],
)

const route = getRouteApi('/people')

/** The people who have an identity here, and the service accounts. */
export function PeoplePage() {
  return (
    <AdministratorsOnly what="People">
      <Page />
    </AdministratorsOnly>
  )
}

export type To = (next: PeopleSearch, replace?: boolean) => void

function Page() {
  const raw = route.useSearch()
  const search = useMemo(() => readPeople(raw), [raw]) // the router keeps what it does not know
  const go = route.useNavigate()
  const to: To = (next, replace = false) => void go({ search: next, replace, resetScroll: false })
  const tab = search.tab ?? 'people'
  useTitle({ people: 'People', services: 'Service accounts and tokens', directory: 'Directory' }[tab])
  return (
    <Stack gap="lg" maw={1280}>
      <Title order={1}>People</Title>
      <Tabs value={tab} onChange={(v) => to(v === 'services' || v === 'directory' ? { tab: v } : {})} keepMounted={false}>
        <Tabs.List mb="lg" style={{ overflowX: 'auto', overflowY: 'hidden', flexWrap: 'nowrap' }}>
          <Tabs.Tab value="people">People</Tabs.Tab>
          <Tabs.Tab value="services">Service accounts and tokens</Tabs.Tab>
          <Tabs.Tab value="directory">Directory</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="people">
          <People search={search} to={to} />
        </Tabs.Panel>
        <Tabs.Panel value="services">
          <Suspense fallback={<Loading rows={4} height={60} />}>
            <Services search={search} to={to} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="directory">
          <Suspense fallback={<Loading rows={3} height={60} />}>
            <DirectorySync />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </Stack>
  )
}

function People({ search, to }: { search: PeopleSearch; to: To }) {
  const { words, status, role, add } = search
  const [typed, setTyped] = useState(words ?? '')
  const field = useRef<HTMLInputElement>(null)
  const adding = useRef<HTMLButtonElement>(null)
  const list = usePaged(JSON.stringify([words, status, role]), async (after) => {
    const { data, error } = await ask(ReadPeople, { search: words ?? null, status: status ? [status] : null, role: role ? [role] : null, after })
    const page = data?.users
    return page ? { rows: page.nodes, end: page.pageInfo.endCursor, more: page.pageInfo.hasNextPage } : noAnswer(error)
  })
  const { rows, wrong } = list
  useEffect(() => setTyped((t) => (t.trim() === (words ?? '') ? t : (words ?? ''))), [words])
  useLetter('F', () => field.current?.focus())
  const narrow = (change: { [K in 'words' | 'status' | 'role']?: PeopleSearch[K] | undefined }, replace = false) => to(readPeople({ words, status, role, ...change }), replace)
  useOffer([{ label: 'Add a person', run: () => to({ ...search, add: true }) }])
  const find = useDebouncedCallback((v: string) => narrow({ words: v.trim() || undefined }, true), 250)
  const filtered = words !== undefined || status !== undefined || role !== undefined
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
          label="Name or e-mail"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          maxLength={200}
          onChange={(e) => {
            setTyped(e.currentTarget.value)
            find(e.currentTarget.value)
          }}
        />
        <Select label="Role" value={role ?? ''} onChange={(v) => narrow({ role: (v || undefined) as Role | undefined })} data={[{ value: '', label: 'Any' }, ...roles.map((r) => ({ value: r, label: roleWords[r] }))]} />
        <Select label="State" value={status ?? ''} onChange={(v) => narrow({ status: (v || undefined) as UserStatus | undefined })} data={[{ value: '', label: 'Any' }, ...userStatuses.map((s) => ({ value: s, label: personState(s === 'DISABLED').word }))]} />
        {filtered && (
          <Button variant="subtle" onClick={clear}>
            Clear
          </Button>
        )}
        <Button ref={adding} className={classes['add']} leftSection={<IconPlus size={16} aria-hidden />} onClick={() => to({ ...here, add: true })}>
          Add a person
        </Button>
      </div>
      {wrong && <Failure what="The people could not be read" trouble={wrong} again={list.retry} />}
      {!rows && !wrong && <Loading rows={6} height={60} />}
      {rows && (
        <section className="card" aria-label="People" aria-busy={list.reading}>
          {rows.length === 0 ? (
            filtered ? (
              <Empty act={<Button onClick={clear}>Clear</Button>}>Nobody matches these filters.</Empty>
            ) : (
              <Empty>There is nobody yet.</Empty>
            )
          ) : (
            <ul className={classes['list']}>
              {rows.map((p) => (
                <li key={p.id}>
                  <Row p={p} />
                </li>
              ))}
            </ul>
          )}
          <ShowMore of={list} />
        </section>
      )}
      <Suspense>
        {add && (
          <AddPerson
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

function Row({ p }: { p: PersonRow }) {
  return (
    <div className={classes['person']}>
      <Group gap="xs" miw={0}>
        <Link to="/people/$id" params={{ id: p.id }} className={classes['name']} lineClamp={2}>
          <bdi>{p.name}</bdi>
        </Link>
      </Group>
      <Text className={`${classes['cell']} ${classes['email']}`} lineClamp={2}>
        <bdi>{p.email}</bdi>
      </Text>
      <div className={`${classes['cell']} ${classes['role']}`}>{p.disabled ? personState(true).word : roleWords[p.role]}</div>
      <div className={`${classes['cell']} ${classes['from']}`}>{p.directory ? 'From the directory' : 'Kept here'}</div>
      <div className={`${classes['cell']} ${classes['slack']}`}>{p.slackLinks && p.slackLinks.length > 0 ? 'Slack linked' : ''}</div>
      <div className={`${classes['cell']} ${classes['seen']} ${classes['above']}`}>{p.lastSeenAt ? <Time at={p.lastSeenAt} /> : 'Not seen'}</div>
      <div className={`${classes['menu']} ${classes['above']}`}>
        <PersonMenu person={p} />
      </div>
    </div>
  )
}
