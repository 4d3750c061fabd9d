import { Button, Group, Select, Stack, Text, TextInput, Title, VisuallyHidden } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useQuery } from 'urql'
import { graphql, type ResultOf } from '../api/graphql.ts'
import { trouble } from '../api/trouble.ts'
import { useLetter } from '../shell/keys.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { ButtonLink } from '../ui/Link.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import { useNow } from '../ui/now.ts'
import { count, kinds } from '../ui/words.ts'
import classes from './Ask.module.css'
import { same, type Wanted } from './form.ts'
import { hasOf, type Held } from './held.ts'
import { filtered, type AskSearch } from './search.ts'

const ReadCatalog = graphql(`
  query ReadCatalog($search: String, $accountId: ID, $kinds: [ResourceKind!], $first: Int, $after: String, $last: Int, $before: String) {
    resources(search: $search, accountId: $accountId, kinds: $kinds, first: $first, after: $after, last: $last, before: $before) {
      nodes { id name kind roles account { id name } gateway { id name } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount
    }
  }
`)

const FindAccounts = graphql(`
  query FindAccounts($search: String) {
    accounts(search: $search, first: 20) { nodes { id name } }
  }
`)

const ReadAccount = graphql(`
  query ReadAccount($id: ID!) {
    node(id: $id) { __typename ... on Account { id name } }
  }
`)

export type Resource = NonNullable<ResultOf<typeof ReadCatalog>['resources']>['nodes'][number]
type Kind = Resource['kind']

const pageSize = 20

const wantedOf = (r: Resource, role: string | null): Wanted => ({
  resourceId: r.id,
  role,
  resourceName: r.name,
  resourceKind: r.kind,
  place: r.account?.name ?? r.gateway?.name ?? null,
})

type Props = {
  search: AskSearch
  onSearch: (search: AskSearch, replace?: boolean) => void
  queue: readonly Wanted[]
  held: readonly Held[]
  /** Of the request that is being edited: what it asks for is no duplicate of itself. */
  editing: string | undefined
  maxItems: number
  /** Why the queue can't be sent as it is, where nothing is in it. */
  wrong: string | undefined
  onAdd: (item: Wanted) => void
}

/** What can be asked for: found by any part of a name, narrowed by kind and account, by pages. */
export function Catalog({ search, onSearch, queue, held, editing, maxItems, wrong: missing, onAdd }: Props) {
  const field = useRef<HTMLInputElement>(null)
  const list = useRef<HTMLUListElement>(null)
  const [typed, setTyped] = useState(search.q ?? '')
  const [words] = useDebouncedValue(typed, 150)
  const sent = useRef(search.q ?? '')
  // What is typed goes into the address once the typing rests; what the address says otherwise
  // (the way back, a link) is what the field shows.
  useEffect(() => {
    if (words.trim() === sent.current) return
    sent.current = words.trim()
    onSearch(filtered(search, { q: words.trim() }), true)
  }, [words])
  useEffect(() => {
    if ((search.q ?? '') === sent.current) return
    sent.current = search.q ?? ''
    setTyped(sent.current)
  }, [search.q])

  const kind = search.kind && search.kind in kinds ? (search.kind as Kind) : null
  const [{ data, error, fetching }, read] = useQuery({
    query: ReadCatalog,
    variables: {
      search: search.q ?? null,
      accountId: search.account ?? null,
      kinds: kind ? [kind] : null,
      ...(search.before ? { last: pageSize, before: search.before } : { first: pageSize, after: search.after ?? null }),
    },
  })
  const last = useRef(data)
  if (data?.resources) last.current = data
  const page = (data?.resources ?? last.current?.resources) || null
  const wrong = trouble(error)
  const lost = wrong?.code?.startsWith('CURSOR_') || wrong?.code === 'JOURNAL_CHANGED'
  useEffect(() => {
    if (lost) onSearch(filtered(search, {}), true) // the place is gone: the first page
  }, [lost])

  useLetter('/', () => field.current?.focus())
  useLetter('F', () => document.getElementById('ask-kind')?.focus())
  const step = (by: 1 | -1) => () => {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>('[data-go]') ?? [])]
    const at = rows.findIndex((el) => el.closest('li')?.contains(document.activeElement))
    rows[Math.min(rows.length - 1, Math.max(0, at + by))]?.focus()
  }
  useLetter('J', step(1))
  useLetter('K', step(-1))

  const filters = Boolean(search.q || kind || search.account)
  const clear = () => {
    sent.current = ''
    setTyped('')
    onSearch(filtered(search, { q: '', kind: '', account: '' }))
    field.current?.focus()
  }
  const turn = (to: Pick<AskSearch, 'after' | 'before'>) => {
    onSearch({ ...filtered(search, {}), ...to })
    list.current?.scrollIntoView({ block: 'nearest' })
  }
  return (
    <section className="card" aria-labelledby="catalog" style={{ minWidth: 0 }}>
      <Stack p="md" gap="sm">
        <Title order={2} id="catalog">
          What do you need?
        </Title>
        <div className={classes['filters']}>
          <TextInput
            id="ask-search"
            ref={field}
            label="Search"
            description="Any part of a name: of the resource, or its account or gateway."
            type="search"
            leftSection={<IconSearch size={16} aria-hidden />}
            error={missing}
            value={typed}
            onChange={(e) => setTyped(e.currentTarget.value)}
            className={classes['words']}
          />
          <Select
            id="ask-kind"
            label="Kind"
            placeholder="Any"
            clearable
            clearButtonProps={{ 'aria-label': 'Any kind' }}
            data={Object.entries(kinds).map(([value, label]) => ({ value, label }))}
            value={kind}
            onChange={(v) => onSearch(filtered(search, { kind: v ?? '' }))}
          />
          <AccountSelect value={search.account ?? null} onChange={(v) => onSearch(filtered(search, { account: v ?? '' }))} />
        </div>
        <Group gap="xs" mih={28}>
          <Text size="sm" c="dimmed" role="status">
            {page ? (page.totalCount === null ? '' : count(page.totalCount, 'resource')) : ''}
          </Text>
          {filters && (
            <Button variant="subtle" size="compact-sm" h={28} onClick={clear}>
              Clear
            </Button>
          )}
        </Group>
      </Stack>
      {wrong && !lost && <Failure inset what={page ? 'The catalog could not be read again' : 'The catalog could not be read'} trouble={wrong} again={() => read({ requestPolicy: 'network-only' })} />}
      {!page && !wrong && <Loading inset rows={6} height={52} />}
      {page && page.nodes.length === 0 && (
        <Empty act={filters ? <Button onClick={clear}>Clear</Button> : undefined}>
          {filters ? 'No resource matches these filters.' : 'There is nothing to ask for yet: an administrator adds resources to the catalog.'}
        </Empty>
      )}
      {page && page.nodes.length > 0 && (
        <>
          <ul className={classes['rows']} ref={list} aria-label="Resources" aria-busy={fetching}>
            {page.nodes.map((r) => (
              <Row key={r.id} resource={r} queue={queue} held={held} editing={editing} maxItems={maxItems} onAdd={onAdd} />
            ))}
          </ul>
          {(page.pageInfo.hasPreviousPage || page.pageInfo.hasNextPage) && (
            <Group justify="space-between" p="md" component="nav" aria-label="Pages of the catalog">
              <ActButton variant="default" off={!page.pageInfo.hasPreviousPage} onClick={() => turn({ before: page.pageInfo.startCursor ?? '' })}>
                Previous page
              </ActButton>
              <ActButton variant="default" off={!page.pageInfo.hasNextPage} onClick={() => turn({ after: page.pageInfo.endCursor ?? '' })}>
                Next page
              </ActButton>
            </Group>
          )}
        </>
      )}
    </section>
  )
}

function AccountSelect({ value, onChange }: { value: string | null; onChange: (id: string | null) => void }) {
  const [typed, setTyped] = useState('')
  const [words] = useDebouncedValue(typed, 150)
  const [{ data: one }] = useQuery({ query: ReadAccount, variables: { id: value ?? '' }, pause: value === null })
  const chosen = value !== null && one?.node?.__typename === 'Account' ? one.node : null
  // The name of what is chosen stands in the field: it is no search for others.
  const [{ data }] = useQuery({ query: FindAccounts, variables: { search: words === '' || words === chosen?.name ? null : words } })
  const found = data?.accounts?.nodes ?? []
  const all = chosen && !found.some((a) => a.id === chosen.id) ? [chosen, ...found] : found
  return (
    <Select
      id="ask-account"
      label="Account"
      placeholder="Any"
      clearable
      clearButtonProps={{ 'aria-label': 'Any account' }}
      searchable
      nothingFoundMessage="No account is called so."
      filter={({ options }) => options} // the server found them
      data={all.map((a) => ({ value: a.id, label: a.name }))}
      value={value}
      onChange={onChange}
      onSearchChange={setTyped}
    />
  )
}

function Row({ resource: r, queue, held, editing, maxItems, onAdd }: { resource: Resource } & Pick<Props, 'queue' | 'held' | 'editing' | 'maxItems' | 'onAdd'>) {
  const at = useNow()
  const roles: (string | null)[] = r.roles.length > 0 ? r.roles : [null]
  const queued = (role: string | null) => queue.some((i) => same(i, { resourceId: r.id, role }))
  const has = (role: string | null) => hasOf(held, { resourceId: r.id, role }, at, editing)
  // The first, until another is chosen, also where it is held: no press asks for more than is read.
  const [role, setRole] = useState(roles[0] ?? null)
  const label = role ? `${r.name} ${role}` : r.name
  const mine = has(role)
  const full = queue.length >= maxItems
  const others = roles.filter((o) => o !== role).flatMap((o) => (has(o) ? [`${o}: ${has(o)!.words}`] : []))
  return (
    <li className={classes['row']}>
      <div className={classes['what']}>
        <Text fw={600}>
          <bdi>{r.name}</bdi>
        </Text>
        <Text size="sm" c="dimmed">
          {kinds[r.kind] ?? r.kind}
          {(r.account ?? r.gateway) && (
            <>
              {', '}
              <bdi>{(r.account ?? r.gateway)?.name}</bdi>
            </>
          )}
        </Text>
        {others.length > 0 && (
          <Text size="sm" c="dimmed">
            <bdi>{others.join('; ')}</bdi>
          </Text>
        )}
      </div>
      <div className={classes['act']}>
        {r.roles.length > 0 && (
          <Select aria-label={`Role of ${r.name}`} data={r.roles} value={role} onChange={(v) => setRole(v)} searchable={r.roles.length > 12} className={classes['role']} comboboxProps={{ width: 'max-content', position: 'bottom-start' }} />
        )}
        {mine ? (
          <ButtonLink to="/requests/$id" params={{ id: mine.requestId }} variant="light" color={mine.active ? 'good' : 'wait'} className={classes['state']} data-go aria-label={`${label}: ${mine.words}`}>
            {mine.words.charAt(0).toUpperCase() + mine.words.slice(1)}
          </ButtonLink>
        ) : (
          <ActButton className={classes['add']} px="xs" variant={queued(role) ? 'light' : 'default'} color={queued(role) ? 'good' : undefined} off={queued(role) || full} onClick={() => onAdd(wantedOf(r, role))} data-go aria-label={queued(role) ? `Added: ${label}` : `Add ${label}`}>
            {queued(role) ? 'Added' : 'Add'}
          </ActButton>
        )}
        {full && !queued(role) && !mine && <VisuallyHidden>A request has at most {maxItems} resources.</VisuallyHidden>}
      </div>
    </li>
  )
}
