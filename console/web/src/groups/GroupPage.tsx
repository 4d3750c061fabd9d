import { Alert, Badge, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useConnection } from '../api/connection.ts'
import type { Trouble } from '../api/trouble.ts'
import { useOffer } from '../shell/acts.ts'
import { useStands } from '../shell/trail.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { AdministratorsOnly } from '../ui/AdministratorsOnly.tsx'
import { HistoryLink } from '../ui/HistoryLink.tsx'
import { Link } from '../ui/Link.tsx'
import { usePaged } from '../ui/paged.ts'
import { OfferedActs, type Offered } from '../ui/OfferedActs.tsx'
import { ShowMore } from '../ui/ShowMore.tsx'
import { Awaited, Failure, Loading, NotHere } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { useTitle } from '../ui/title.ts'
import { grouped } from '../ui/words.ts'
import classes from './groups.module.css'
import { readGroupNow, readMembersPage, type GroupRow, type MemberRow } from './operations.ts'
import { keeping, offBecause, sourceWords } from './rules.ts'
import { readGroup, type Act, type GroupSearch } from './search.ts'

const Rename = lazy(async () => ({ default: (await import('./Forms.tsx')).Rename }))
const AddMembers = lazy(async () => ({ default: (await import('./Forms.tsx')).AddMembers }))
const RemoveMember = lazy(async () => ({ default: (await import('./Forms.tsx')).RemoveMember }))
const Delete = lazy(async () => ({ default: (await import('./Forms.tsx')).Delete }))

const route = getRouteApi('/groups/$id')

/** One group: who keeps it, who is in it, and what can be done. */
export function GroupPage() {
  const { id } = route.useParams()
  return (
    <AdministratorsOnly what="Groups">
      <Page key={id} id={id} />
    </AdministratorsOnly>
  )
}

function Page({ id }: { id: string }) {
  const raw = route.useSearch()
  const search = useMemo(() => readGroup(raw), [raw]) // the router keeps what it does not know
  const go = route.useNavigate()
  return <GroupShown id={id} search={search} to={(next, replace = false) => void go({ search: next, replace, resetScroll: false })} onDeleted={() => void go({ to: '/groups', search: {}, replace: true })} />
}

type Props = { id: string; search: GroupSearch; to: (next: GroupSearch, replace?: boolean) => void; onDeleted: () => void }

/** What the page shows, at an address. */
export function GroupShown({ id, search, to, onDeleted }: Props) {
  const { words, act } = search
  const [read, setRead] = useState<GroupRow | null | undefined>(undefined)
  const [wrong, setWrong] = useState<Trouble | null>(null)
  const [removing, setRemoving] = useState<MemberRow | null>(null)
  const pressed = useRef<Element | null>(null)
  const look = useCallback(async () => {
    const is = await readGroupNow(id)
    const failed = is !== null && 'kind' in is
    setWrong(failed ? is : null)
    if (!failed) setRead(is)
  }, [id])
  useEffect(() => void look(), [look])
  const list = usePaged(JSON.stringify([id, words]), (after) => readMembersPage(id, words, after))
  const again = async () => {
    await look()
    list.again()
  }
  const here: GroupSearch = words === undefined ? {} : { words }
  const open = (next: Act) => {
    pressed.current = document.activeElement
    to({ ...here, act: next })
  }
  const focusBack = () => setTimeout(() => (pressed.current as HTMLElement | null)?.focus())
  const close = () => {
    to(here, true)
    focusBack()
  }
  const g = read ?? null
  useTitle(g ? g.name : 'Group')
  useStands({ above: [{ label: 'Groups', to: '/groups' }], here: g ? g.name : 'Group' })
  useOffer(g ? actsOf(g).filter((a) => !a.off).map((a) => ({ label: a.label, run: () => open(a.act) })) : [])

  if (read === undefined) return <Awaited title="Group" wrong={wrong} what="The group could not be read" again={() => void look()} />
  if (!g) return <NotHere title="Not found">There is no group with this ID, or the link is not whole.</NotHere>
  const props = { group: g, again, onClose: close }
  const can = (a: Act) => act === a && !actsOf(g).find((o) => o.act === a)?.off
  return (
    <Stack gap="lg">
      <div>
        <Group gap="md">
          <Title order={1} style={{ overflowWrap: 'anywhere' }}>
            <bdi>{g.name}</bdi>
          </Title>
          <Badge variant="light" color="over" tt="none" size="lg" radius="xl" fw={600} fz="xs">
            {sourceWords[g.source]}
          </Badge>
        </Group>
        <Text c="dimmed">{keeping[g.source]}</Text>
      </div>
      {wrong && <Failure what="This could not be read again" trouble={wrong} again={() => void look()} />}
      {g.changing && (
        <Alert color="wait" variant="light" role="status">
          A change of its members is still being made: some of them are as they will be, others as they were.
        </Alert>
      )}
      <div className={classes['columns']}>
        <Members
          group={g}
          list={list}
          words={words}
          onWords={(w) => to(w ? { words: w } : {}, true)}
          onAdd={() => open('add')}
          onRemove={(m) => {
            pressed.current = document.activeElement
            setRemoving(m)
          }}
        />
        <Stack gap="lg">
          <Facts group={g} />
          <OfferedActs acts={actsOf(g).filter((a) => a.act !== 'add')} onAct={open} /> {/* people are added where they are listed */}
        </Stack>
      </div>
      <Suspense>
        {can('rename') && <Rename {...props} />}
        {can('add') && <AddMembers {...props} />}
        {can('delete') && <Delete {...props} onDeleted={onDeleted} />}
        {removing && (
          <RemoveMember
            group={g}
            member={removing}
            again={again}
            onClose={() => {
              setRemoving(null)
              focusBack()
            }}
          />
        )}
      </Suspense>
    </Stack>
  )
}

type MembersProps = { group: GroupRow; list: ReturnType<typeof usePaged<MemberRow>>; words: string | undefined; onWords: (words: string) => void; onAdd: () => void; onRemove: (m: MemberRow) => void }

function Members({ group: g, list, words, onWords, onAdd, onRemove }: MembersProps) {
  const { live } = useConnection()
  const [typed, setTyped] = useState(words ?? '')
  useEffect(() => setTyped((t) => (t.trim() === (words ?? '') ? t : (words ?? ''))), [words])
  const find = useDebouncedCallback((v: string) => onWords(v.trim()), 250)
  const off = offBecause(g.source, 'members')
  const { rows, wrong } = list
  return (
    <section className="card" aria-labelledby="members" aria-busy={list.reading}>
      <Group p="md" justify="space-between" align="flex-end">
        <Title order={2} id="members">
          Members{g.memberCount === null ? '' : ` (${grouped(g.memberCount)})`}
        </Title>
        {!off && (
          <ActButton variant="default" off={!live} onClick={onAdd}>
            Add people…
          </ActButton>
        )}
      </Group>
      <TextInput
        px="md"
        pb="md"
        maw={400}
        label="Name or e-mail"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        maxLength={200}
        onChange={(e) => {
          setTyped(e.currentTarget.value)
          find(e.currentTarget.value)
        }}
      />
      {wrong && <Failure inset what="The members could not be read" trouble={wrong} again={list.retry} />}
      {!rows && !wrong && <Loading inset rows={4} height={60} />}
      {rows && rows.length === 0 && (
        <Text px="md" pb="md" c="dimmed">
          {words === undefined ? 'Nobody is in it.' : 'Nobody in it matches this.'}
        </Text>
      )}
      {rows && rows.length > 0 && (
        <ul className={classes['list']}>
          {rows.map((m) => (
            <li key={m.id} className={classes['member']}>
              <div className={classes['main']}>
                <Link to="/people/$id" params={{ id: m.id }} c="inherit" fw={600}>
                  <bdi>{m.name}</bdi>
                </Link>
                <Text size="sm" c="dimmed">
                  <bdi>{m.email}</bdi>
                  {m.disabled ? ' · Disabled' : ''}
                </Text>
              </div>
              {!off && (
                <ActButton variant="default" off={!live} onClick={() => onRemove(m)} aria-label={`Remove ${m.name}…`}>
                  Remove…
                </ActButton>
              )}
            </li>
          ))}
        </ul>
      )}
      <ShowMore of={list} />
    </section>
  )
}

function Facts({ group: g }: { group: GroupRow }) {
  return (
    <section className="card" aria-labelledby="facts">
      <Stack p="md" gap="sm">
        <Title order={2} id="facts">
          What this is
        </Title>
        <dl className={classes['facts']}>
          {g.externalId !== null && (
            <>
              <dt>{g.source === 'OIDC' ? 'Claim' : 'ID there'}</dt>
              <dd className="mono">{g.externalId}</dd>
            </>
          )}
          <dt>Made</dt>
          <dd>
            <Time at={g.createdAt} as="moment" />
          </dd>
          <dt>Changed</dt>
          <dd>
            <Time at={g.changedAt} />
          </dd>
          <dt>ID</dt>
          <dd className="mono">{g.id}</dd>
        </dl>
        <HistoryLink of={g.id} />
      </Stack>
    </section>
  )
}

/** What can be done with a group now, and why something can't. */
const actsOf = (g: GroupRow): Offered<Act>[] => [
  { act: 'add', label: 'Add people…', off: offBecause(g.source, 'members') },
  { act: 'rename', label: 'Rename…', off: offBecause(g.source, 'name') },
  { act: 'delete', label: 'Delete…', harm: true, off: null },
]
