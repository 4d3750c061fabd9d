import { ActionIcon, Badge, Button, Checkbox, Drawer, Group, Menu, Pill, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconDots, IconSearch, IconSettings } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { ask } from '../api/ask.ts'
import { useChange } from '../api/change.ts'
import { useConnection } from '../api/connection.ts'
import { useDraft } from '../api/draft.ts'
import { graphql } from '../api/graphql.ts'
import { cantBeReached, noAnswer, type Trouble } from '../api/trouble.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Standing } from '../ui/Standing.tsx'
import { Failure, Loading } from '../ui/state.tsx'
import { count, listed } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'
import { readIntegration, SetAccounts, type IntegrationDetail } from './operations.ts'
import { formErrors } from './rules.ts'
import classes from './integrations.module.css'

const FindAccountsToLink = graphql(`
  query FindAccountsToLink($search: String, $after: String) {
    accounts(search: $search, first: 50, after: $after) {
      nodes { id name provider externalId }
      pageInfo { endCursor hasNextPage }
    }
  }
`)

type Account = { id: string; name: string; provider: string; externalId: string }
/** What is to be changed of the linked accounts: so what somebody else changes meanwhile stays. */
type Draft = { add: Account[]; remove: string[] }

const mostLinked = 500

/** The accounts that are linked to an integration, and the menu that changes them. */
export function Accounts({ integration: i, open, onOpen, onClose, again }: { integration: IntegrationDetail; open: boolean; onOpen: () => void; onClose: () => void; again: () => void }) {
  const menu = useRef<HTMLButtonElement>(null)
  const close = () => {
    onClose()
    setTimeout(() => menu.current?.focus())
  }
  return (
    <section className="card" aria-labelledby="linking">
      <Group p="md" justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Title order={2} id="linking">
            Channel-Account linking
          </Title>
          <Text size="sm" c="dimmed">
            Requests for resources of these cloud accounts are told to this integration.
          </Text>
        </div>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon ref={menu} aria-label="Channel-Account linking: menu">
              <IconDots size={20} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item h={44} leftSection={<IconSettings size={16} aria-hidden />} onClick={onOpen}>
              Manage
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
      {i.accounts.length === 0 ? (
        <Text px="md" pb="md" c="wait">
          No account is linked yet.
        </Text>
      ) : (
        <Table horizontalSpacing="md" verticalSpacing="sm" aria-label="Linked accounts">
          <Table.Tbody>
            {i.accounts.map((a) => (
              <Table.Tr key={a.id}>
                <Table.Td>
                  <Text fw={600} span>
                    <bdi>{a.name}</bdi>
                  </Text>
                  <Text size="sm" c="dimmed">
                    {a.provider} · <span className="mono">{a.externalId}</span>
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Drawer opened={open} onClose={close} position="right" size="md" title={`Accounts of “${i.name}”`} classNames={{ title: classes['title'] }} closeButtonProps={{ 'aria-label': 'Close' }}>
        {open && <Choose integration={i} onClose={close} again={again} />}
      </Drawer>
    </section>
  )
}

function Choose({ integration: i, onClose, again }: { integration: IntegrationDetail; onClose: () => void; again: () => void }) {
  const viewer = useViewer()
  const { live } = useConnection()
  const [words, setWords] = useState('')
  const [search] = useDebouncedValue(words.trim(), 200)
  const [found, setFound] = useState<{ rows: Account[]; end: string | null; more: boolean } | null>(null)
  const [failed, setFailed] = useState<Trouble | null>(null)
  const round = useRef(0)
  const { values: draft, set, drop } = useDraft<Draft>(viewer.id, `accounts.${i.id}`, { add: [], remove: [] })
  // What was typed before may have become true meanwhile.
  const adds = draft.add.filter((a) => !i.accounts.some((is) => is.id === a.id))
  const removes = i.accounts.filter((a) => draft.remove.includes(a.id))
  const chosen = [...i.accounts.filter((a) => !draft.remove.includes(a.id)), ...adds]

  const change = useChange(SetAccounts, {
    holds: async (input) => {
      const is = await readIntegration(i.id)
      if (is === undefined) return undefined
      return is !== null && sameSet(is.accounts.map((a) => a.id), input.accountIds)
    },
    notDone: 'This did not arrive, and the accounts are as before. Press Update again.',
    at: formErrors,
    again,
  })
  const { wrong, busy } = change

  async function read(after: string | null) {
    const mine = ++round.current
    setFailed(null)
    const { data, error } = await ask(FindAccountsToLink, { search: search || null, after })
    if (mine !== round.current) return
    const page = data?.accounts
    if (!page) setFailed(noAnswer(error))
    else setFound((was) => ({ rows: after === null ? [...page.nodes] : [...(was?.rows ?? []), ...page.nodes], end: page.pageInfo.endCursor, more: page.pageInfo.hasNextPage }))
  }
  useEffect(() => {
    void read(null)
    return () => void round.current++
  }, [search])

  const toggle = (a: Account, on: boolean) => {
    change.say({})
    const linked = i.accounts.some((is) => is.id === a.id)
    if (linked) set({ remove: on ? draft.remove.filter((id) => id !== a.id) : [...draft.remove, a.id] })
    else set({ add: on ? [...draft.add, a] : draft.add.filter((o) => o.id !== a.id) })
  }

  async function update() {
    if (chosen.length > mostLinked) {
      change.say({ accountIds: `An integration has at most ${mostLinked} accounts; these are ${chosen.length}.` })
      return
    }
    if ((await change.send({ integrationId: i.id, accountIds: chosen.map((a) => a.id) }))?.is === 'done') {
      drop()
      onClose()
    }
  }

  const unchanged = adds.length === 0 && removes.length === 0
  return (
    <form
      aria-label="Channel-Account linking"
      onSubmit={(e) => {
        e.preventDefault()
        if (!busy && live && !unchanged) void update()
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Find accounts"
          description="By a part of the name."
          leftSection={<IconSearch size={16} aria-hidden />}
          value={words}
          onChange={(e) => setWords(e.currentTarget.value)}
          onKeyDown={(e) => e.key === 'Enter' && e.preventDefault()}
          data-autofocus
        />
        {failed && <Failure what="The accounts could not be read" trouble={failed} again={() => void read(found?.end ?? null)} />}
        {!found && !failed && <Loading rows={4} />}
        {found && (
          <Stack gap={0} role="group" aria-label="Cloud accounts" mah={360} style={{ overflowY: 'auto' }}>
            {found.rows.map((a) => (
              <Checkbox
                key={a.id}
                size="md"
                py={8}
                label={<bdi>{a.name}</bdi>}
                description={`${a.provider} · ${a.externalId}`}
                checked={chosen.some((c) => c.id === a.id)}
                onChange={(e) => toggle(a, e.currentTarget.checked)}
              />
            ))}
            {found.rows.length === 0 && <Text c="dimmed">{search ? 'No account is called so.' : 'There is no cloud account yet.'}</Text>}
            {found.more && (
              <Button variant="subtle" onClick={() => void read(found.end)}>
                Show more
              </Button>
            )}
          </Stack>
        )}
        <div>
          <Group gap="xs" mb="xs">
            <Text fw={600}>Linked</Text>
            <Badge variant="light" color="over" tt="none">
              {chosen.length}
            </Badge>
          </Group>
          <Pill.Group>
            {chosen.slice(0, 40).map((a) => (
              <Pill key={a.id} size="lg" withRemoveButton onRemove={() => toggle(a, false)} removeButtonProps={{ 'aria-label': `Remove ${a.name}`, tabIndex: 0, 'aria-hidden': false }}>
                <bdi>{a.name}</bdi>
              </Pill>
            ))}
          </Pill.Group>
          {chosen.length > 40 && <Text size="sm">and {chosen.length - 40} more</Text>}
        </div>
        <div role="status">
          {unchanged ? (
            <Text size="sm" c="dimmed">
              Nothing is changed yet.
            </Text>
          ) : (
            <>
              {adds.length > 0 && <Text size="sm">Adds {listed(adds.map((a) => a.name))}.</Text>}
              {removes.length > 0 && (
                <Text size="sm" c="bad">
                  Removes {listed(removes.map((a) => a.name))}: requests for {removes.length === 1 ? 'its' : 'their'} resources are not told to “{i.name}” any more.
                </Text>
              )}
            </>
          )}
        </div>
        {wrong['accountIds'] && (
          <Text role="alert" c="bad">
            {wrong['accountIds']}
          </Text>
        )}
        <Standing of={change} />
        <Group>
          <ActButton type="submit" busy={busy} off={!live || unchanged}>
            Update
          </ActButton>
          <Button
            variant="default"
            disabled={busy}
            onClick={() => {
              drop()
              onClose()
            }}
          >
            Go back
          </Button>
          <Text size="sm" c="dimmed" role="note">
            {!live ? cantBeReached : count(chosen.length, 'account')}
          </Text>
        </Group>
      </Stack>
    </form>
  )
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean => a.length === new Set(b).size && a.every((x) => b.includes(x))
