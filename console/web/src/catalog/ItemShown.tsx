import { Badge, Group, Stack, Table, Text, Title } from '@mantine/core'
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { useConnection } from '../api/connection.ts'
import { useLive } from '../api/live.ts'
import { cantBeReached, type Trouble } from '../api/trouble.ts'
import { useLetter } from '../shell/keys.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { HistoryLink } from '../ui/HistoryLink.tsx'
import { Link } from '../ui/Link.tsx'
import { Failure, Loading } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { kinds } from '../ui/words.ts'
import classes from './catalog.module.css'
import { Kept } from './Kept.tsx'
import { readKept, type Kept as IsKept } from './kept.ts'
import { readHolders, readItem, type Holder, type Item } from './operations.ts'
import { providers, rolesIn, wordOf } from './rules.ts'
import type { ItemAct } from './search.ts'

const Edit = lazy(async () => ({ default: (await import('./Edit.tsx')).Edit }))
const Delete = lazy(async () => ({ default: (await import('./Delete.tsx')).Delete }))
const Owners = lazy(async () => ({ default: (await import('./KeptForms.tsx')).Owners }))
const Tags = lazy(async () => ({ default: (await import('./KeptForms.tsx')).Tags }))

type Props = { id: string; known: Item | null; act: ItemAct | null; onAct: (act: ItemAct | null) => void; onChange: () => Promise<void>; onDeleted: () => void }

/** One resource, account or gateway: what it is, who holds access now, and what can be done. */
export function ItemShown({ id, known, act, onAct, onChange, onDeleted }: Props) {
  const { live } = useConnection()
  const [read, setRead] = useState<Item | null | undefined>(undefined)
  const [failed, setFailed] = useState(false)
  const [held, setHeld] = useState<{ holders: readonly Holder[]; more: boolean } | Trouble | null>(null)
  const [kept, setKept] = useState<IsKept | Trouble | null>(null)
  const item = read ?? known
  const pressed = useRef<Element | null>(null)
  const look = useCallback(async () => {
    const is = await readItem(id)
    setFailed(is === undefined)
    if (is !== undefined) setRead(is)
    if (!is) return
    const [holders, keeps] = await Promise.all([readHolders(is), readKept(is.id)])
    setHeld(holders)
    setKept(keeps)
  }, [id])
  useEffect(() => void look(), [look])
  // Many events in a moment are one look.
  const late = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(late.current), [])
  useLive(() => {
    clearTimeout(late.current)
    late.current = setTimeout(() => void look(), 1000)
  })
  const open = (a: ItemAct) => {
    pressed.current = document.activeElement
    onAct(a)
  }
  const close = () => {
    onAct(null)
    setTimeout(() => (pressed.current as HTMLElement | null)?.focus())
  }
  useLetter('E', () => open('edit'), live && act === null && Boolean(item))

  if (read === null) return <Text>This does not exist any more.</Text>
  if (!item) return failed ? <Failure what="This could not be read" trouble={{ kind: 'unreachable', message: cantBeReached }} again={() => void look()} /> : <Loading rows={4} />
  const again = async () => {
    await look()
    await onChange()
  }
  const props = { item, held: held && !('kind' in held) ? held : null, again, onClose: close }
  return (
    <Stack gap="lg">
      <Title order={2}>
        <bdi>{item.name}</bdi>
      </Title>
      <Table withRowBorders={false} verticalSpacing={4} horizontalSpacing={0} layout="fixed">
        <Table.Tbody>
          {facts(item).map(([label, value]) => (
            <Table.Tr key={label}>
              <Table.Th scope="row" w={120} fw={400} c="dimmed">
                {label}
              </Table.Th>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <section aria-labelledby="holders">
        <Title order={3} id="holders" fz={16} lh="24px" mb={4}>
          Who holds access now
        </Title>
        <Holders item={item} held={held} again={() => void look()} />
      </section>
      <Kept of={kept} live={live} again={() => void look()} onAct={open} />
      <Group gap="sm">
        <Requests item={item} />
        <HistoryLink of={item.id} />
      </Group>
      <Group gap="sm">
        <ActButton variant="default" off={!live} onClick={() => open('edit')}>
          Edit…
        </ActButton>
        <ActButton variant="outline" color="bad" off={!live} onClick={() => open('delete')}>
          Delete…
        </ActButton>
        {!live && (
          <Text size="sm" c="dimmed">
            {cantBeReached}
          </Text>
        )}
      </Group>
      <Suspense>
        {act === 'edit' && <Edit {...props} />}
        {act === 'delete' && <Delete {...props} onDeleted={onDeleted} />}
        {act === 'owners' && kept && !('kind' in kept) && <Owners item={item} kept={kept} again={again} onClose={close} />}
        {act === 'tags' && kept && !('kind' in kept) && kept.tags && <Tags item={item} kept={kept} again={again} onClose={close} />}
      </Suspense>
    </Stack>
  )
}

function facts(i: Item): [string, React.ReactNode][] {
  const added: [string, React.ReactNode] = ['Added', <Time key="at" at={i.createdAt} />]
  switch (i.__typename) {
    case 'Resource':
      return [
        ['Kind', kinds[i.kind] ?? i.kind],
        ...(i.account ? [['Account', <Place key="p" id={i.account.id} name={i.account.name} tab="accounts" />] as [string, React.ReactNode]] : []),
        ...(i.gateway ? [['Gateway', <Place key="p" id={i.gateway.id} name={i.gateway.name} tab="gateways" />] as [string, React.ReactNode]] : []),
        [
          'Roles',
          i.roles.length === 0 ? (
            'None: a request names no role.'
          ) : (
            <Group key="r" gap={4}>
              {i.roles.map((r) => (
                <Badge key={r} variant="light" color="over" tt="none" className="mono">
                  <bdi>{r}</bdi>
                </Badge>
              ))}
            </Group>
          ),
        ],
        added,
      ]
    case 'Account':
      return [['Provider', providers[i.provider] ?? i.provider], ['ID there', <span key="x" className="mono">{i.externalId}</span>], ['Resources', <Inside key="in" search={{ account: i.id }} />], added]
    case 'Gateway':
      return [['Resources', <Inside key="in" search={{ gateway: i.id }} />], added]
  }
}

const Place = ({ id, name, tab }: { id: string; name: string; tab: 'accounts' | 'gateways' }) => (
  <Link to="/catalog" search={{ tab, open: id }}>
    <bdi>{name}</bdi>
  </Link>
)

const Inside = ({ search }: { search: { account: string } | { gateway: string } }) => (
  <Link to="/catalog" search={search}>
    {'account' in search ? 'Those of this account' : 'Those behind this gateway'}
  </Link>
)

/** What was asked for it; what is behind a gateway is asked for by itself. */
function Requests({ item: i }: { item: Item }) {
  if (i.__typename === 'Gateway') return null
  return (
    <Link to="/requests" search={{ tab: 'history', ...(i.__typename === 'Resource' ? { resource: i.id } : { account: i.id }) }} size="sm">
      Its requests
    </Link>
  )
}

function Holders({ item, held, again }: { item: Item; held: { holders: readonly Holder[]; more: boolean } | Trouble | null; again: () => void }) {
  if (!held) return <Loading rows={2} height={32} />
  if ('kind' in held) return <Failure what="It could not be read who holds access" trouble={held} again={again} />
  const now = held.holders.filter((h) => h.status === 'ACTIVE')
  const soon = held.holders.filter((h) => h.status !== 'ACTIVE')
  return (
    <>
      {now.length === 0 && <Text c="dimmed">Nobody holds access now.</Text>}
      <ul className={classes['holders']} aria-label="Who holds access now">
        {now.map((h) => (
          <li key={h.id} className={classes['holder']}>
            <Link to="/requests/$id" params={{ id: h.id }}>
              <bdi>{h.requester.name}</bdi>
            </Link>
            <Text size="sm" span className="mono">
              <bdi>{rolesIn(h, item)}</bdi>
            </Text>
            <Text size="sm" span c="dimmed">
              {h.grant ? (
                <>
                  until <Time at={h.grant.expiresAt} />
                </>
              ) : (
                ''
              )}
            </Text>
          </li>
        ))}
      </ul>
      {soon.length > 0 && (
        <>
          <Text size="sm" c="dimmed" mt="sm">
            Not in force yet
          </Text>
          <ul className={classes['holders']} aria-label="Requests that are not in force yet">
            {soon.map((h) => (
              <li key={h.id} className={classes['holder']}>
                <Link to="/requests/$id" params={{ id: h.id }}>
                  <bdi>{h.requester.name}</bdi>
                </Link>
                <Text size="sm" span className="mono">
                  <bdi>{rolesIn(h, item)}</bdi>
                </Text>
                <Text size="sm" span c="dimmed">
                  {wordOf(h)}
                </Text>
              </li>
            ))}
          </ul>
        </>
      )}
      {held.more && (
        <Text size="sm" c="dimmed" mt="xs">
          There are more than these.
        </Text>
      )}
    </>
  )
}
