import { Alert, Badge, Button, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useQuery } from 'urql'
import { ask } from '../api/ask.ts'
import { useChange } from '../api/change.ts'
import { useConnection } from '../api/connection.ts'
import { useDraft } from '../api/draft.ts'
import { graphql } from '../api/graphql.ts'
import { noAnswer, trouble } from '../api/trouble.ts'
import { useOffer } from '../shell/acts.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Confirm } from '../ui/Confirm.tsx'
import { Form } from '../ui/Form.tsx'
import { usePaged } from '../ui/paged.ts'
import { ShowMore } from '../ui/ShowMore.tsx'
import { Standing } from '../ui/Standing.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { useRefused } from '../ui/useRefused.ts'
import { listed } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'
import { CreateServiceAccount, DisableServiceAccount, EnableServiceAccount, isDisabled, readCreated, ServiceRow, TokenRow } from './operations.ts'
import type { To } from './PeoplePage.tsx'
import { checkName, counted, formErrors } from './rules.ts'
import type { PeopleSearch } from './search.ts'
import { Tokens, type Owner } from './Tokens.tsx'

const ReadServices = graphql(
  `
    query ReadServices($after: String, $account: ID!) {
      serviceAccounts(first: 10, after: $after) {
        nodes { ...ServiceRow }
        pageInfo { endCursor hasNextPage }
      }
      chosen: node(id: $account) {
        __typename
        id
        ... on ServiceAccount { ...ServiceRow }
      }
    }
  `,
  [ServiceRow],
)

const ReadTokens = graphql(
  `
    query ReadTokens($id: ID!, $after: String) {
      node(id: $id) {
        __typename
        id
        ... on ServiceAccount {
          tokens(first: 100, after: $after) {
            nodes { ...TokenRow }
            pageInfo { endCursor hasNextPage }
          }
        }
      }
    }
  `,
  [TokenRow],
)

/** The service accounts with their tokens. */
export function Services({ search, to }: { search: PeopleSearch; to: To }) {
  const { account, add } = search
  const adding = useRef<HTMLButtonElement>(null)
  const chosen = useRef<HTMLElement>(null)
  const list = usePaged(JSON.stringify([account]), async (after) => {
    const { data, error } = await ask(ReadServices, { after, account: account ?? 'none' })
    const page = data?.serviceAccounts
    if (!page) return noAnswer(error)
    const first = after === null && data.chosen?.__typename === 'ServiceAccount' ? [data.chosen] : []
    return { rows: [...first, ...page.nodes.filter((n) => n.id !== account)], end: page.pageInfo.endCursor, more: page.pageInfo.hasNextPage }
  })
  const { rows, wrong, shown } = list
  // What was just added, or was led to, has the focus, once.
  useEffect(() => {
    if (account && shown === 1) chosen.current?.focus()
  }, [account, shown])
  useOffer([{ label: 'Add a service account', run: () => to({ ...search, add: true }) }])
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="md">
        <Text c="dimmed" maw={640} style={{ flex: '1 1 320px' }}>
          A service account is an identity of a program: it acts by tokens, asks for no access and decides none. The workers inside the server have one each.
        </Text>
        <Button ref={adding} leftSection={<IconPlus size={16} aria-hidden />} onClick={() => to({ ...search, add: true })}>
          Add a service account
        </Button>
      </Group>
      {wrong && <Failure what="The service accounts could not be read" trouble={wrong} again={list.retry} />}
      {!rows && !wrong && <Loading rows={4} height={120} />}
      {rows?.length === 0 && (
        <section className="card">
          <Empty act={<Button onClick={() => to({ ...search, add: true })}>Add a service account</Button>}>There is no service account yet.</Empty>
        </section>
      )}
      {rows?.map((a) => (
        <section key={a.id} className="card" aria-labelledby={`name-${a.id}`} tabIndex={-1} ref={a.id === account ? chosen : undefined}>
          <Account account={a} again={list.again} />
        </section>
      ))}
      <ShowMore of={list} />
      {add && (
        <AddService
          onClose={(id) => {
            to({ tab: 'services', ...(id ? { account: id } : account ? { account } : {}) }, true)
            if (!id) setTimeout(() => adding.current?.focus())
          }}
        />
      )}
    </Stack>
  )
}

function Account({ account: a, again }: { account: ServiceRow; again: () => void }) {
  const { live } = useConnection()
  const [disabling, setDisabling] = useState(false)
  const enable = useChange(EnableServiceAccount, { holds: async () => not(await isDisabled(a.id)), notDone: 'This did not arrive, and it is still disabled. Try again.', at: formErrors, again })
  const [all, setAll] = useState(false)
  const owner = { kind: 'service', id: a.id, name: a.name } as const
  return (
    <>
      <Group p="md" gap="sm" justify="space-between">
        <div style={{ minWidth: 0, flex: '1 1 240px' }}>
          <Group gap="sm">
            <Title order={2} id={`name-${a.id}`}>
              <bdi>{a.name}</bdi>
            </Title>
            {a.disabled && (
              <Badge variant="light" color="over" tt="none" radius="xl">
                Disabled
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            Added <Time at={a.createdAt} />
            {a.worksHere && ' · a worker in this server acts as it, without a token'}
          </Text>
        </div>
        {a.disabled ? (
          <ActButton busy={enable.busy} off={!live} onClick={() => void enable.send({ serviceAccountId: a.id })}>
            Enable
          </ActButton>
        ) : (
          <ActButton variant="outline" color="bad" off={!live || a.worksHere} onClick={() => setDisabling(true)} aria-describedby={a.worksHere ? `works-${a.id}` : undefined} aria-label={`Disable: ${a.name}`}>
            Disable…
          </ActButton>
        )}
      </Group>
      {a.worksHere && !a.disabled && (
        <Text id={`works-${a.id}`} size="sm" c="dimmed" px="md">
          It can’t be disabled here: take its worker off the server’s setting <span className="mono">PROCYON_WORKERS</span> instead.
        </Text>
      )}
      <Standing of={enable} />
      {a.disabled ? (
        <Text px="md" pb="md" c="dimmed">
          Its tokens have ended, and it gets no others while it is disabled.
        </Text>
      ) : all ? (
        <AllTokens owner={owner} again={again} />
      ) : (
        <Tokens tokens={a.tokens?.nodes ?? []} owner={owner} again={again} order={3} id={`tokens-${a.id}`}>
          {a.tokens?.pageInfo.hasNextPage && (
            <Group justify="center" p="md">
              <Button variant="default" onClick={() => setAll(true)}>
                Show all tokens
              </Button>
            </Group>
          )}
        </Tokens>
      )}
      {disabling && <Disable account={a} again={again} onClose={() => setDisabling(false)} />}
    </>
  )
}

/** All tokens of an account that has more than the list reads. */
function AllTokens({ owner, again }: { owner: Extract<Owner, { kind: 'service' }>; again: () => void }) {
  const list = usePaged(owner.id, async (after) => {
    const { data, error } = await ask(ReadTokens, { id: owner.id, after })
    const page = data?.node?.__typename === 'ServiceAccount' ? data.node.tokens : null
    return page ? { rows: page.nodes, end: page.pageInfo.endCursor, more: page.pageInfo.hasNextPage } : noAnswer(error)
  })
  const both = () => {
    list.again()
    again()
  }
  return (
    <>
      {list.wrong && <Failure inset what="The tokens could not be read" trouble={list.wrong} again={list.retry} />}
      {!list.rows && !list.wrong && <Loading inset />}
      {list.rows && (
        <Tokens tokens={list.rows} owner={owner} again={both} order={3} id={`tokens-${owner.id}`}>
          <ShowMore of={list} />
        </Tokens>
      )}
    </>
  )
}

const not = (b: boolean | undefined) => (b === undefined ? undefined : !b)

function Disable({ account: a, again, onClose }: { account: ServiceRow; again: () => void; onClose: () => void }) {
  const change = useChange(DisableServiceAccount, { holds: () => isDisabled(a.id), notDone: 'This did not arrive, and it is as before. Try again.', at: formErrors, again })
  const [{ data, error }, read] = useQuery({ query: ReadTokens, variables: { id: a.id, after: null }, requestPolicy: 'network-only' })
  const wrong = trouble(error)
  const page = data?.node?.__typename === 'ServiceAccount' ? data.node.tokens : null
  const tokens = page?.nodes ?? []
  const n = page?.pageInfo.hasNextPage ? 100 : tokens.length
  const disable = async () => {
    if ((await change.send({ serviceAccountId: a.id }))?.is === 'done') onClose()
  }
  return (
    <Confirm title={`Disable “${a.name}”?`} act={`Disable ${a.name}`} change={change} off={!page} onAct={() => void disable()} onClose={onClose}>
      {wrong ? (
        <Failure what="What this ends could not be read" trouble={wrong} again={() => read({ requestPolicy: 'network-only' })} />
      ) : !page ? (
        <Loading rows={1} />
      ) : n === 0 ? (
        <Text>It has no token, so nothing ends.</Text>
      ) : (
        <Text>
          Ends {counted(n, 'token')} for good (<bdi>{listed(tokens.map((t) => t.name), 'and', 6)}</bdi>): whatever uses {n === 1 ? 'it' : 'them'} is refused from now on.
        </Text>
      )}
      <Text c="dimmed" mt="sm">
        It can be enabled again, and then needs new tokens.
      </Text>
    </Confirm>
  )
}

function AddService({ onClose }: { onClose: (id: string | null) => void }) {
  const viewer = useViewer()
  const { values, set, drop } = useDraft(viewer.id, 'service', { name: '' })
  const made = useRef<string | null>(null)
  const change = useChange(CreateServiceAccount, {
    byKey: async (key) => {
      const id = await readCreated('SERVICE_ACCOUNT', key)
      made.current = id ?? null
      return id === undefined ? undefined : id !== null
    },
    notDone: 'This did not arrive, and nothing was added. Press Add once more.',
    at: formErrors,
  })
  const field = useRefused(change.wrong['name'])
  async function send() {
    const fault = checkName(values.name, 'siem')
    if (fault) {
      change.say({ name: fault })
      return
    }
    const outcome = await change.send({ name: values.name.trim() })
    if (outcome?.is !== 'done') return
    drop()
    onClose(outcome.result?.serviceAccount?.id ?? made.current)
  }
  return (
    <Form title="Add a service account" act="Add" change={change} onSend={() => void send()} onClose={() => onClose(null)}>
      <TextInput
        ref={field}
        label="Name"
        description="1 to 80 characters; no two are called the same. It stays: workers find theirs by it."
        value={values.name}
        onChange={(e) => {
          set({ name: e.currentTarget.value })
          change.say({})
        }}
        error={change.wrong['name']}
        autoComplete="off"
        data-autofocus
      />
      <Alert color="accent" variant="light">
        It can do nothing before it has a token, which you make next.
      </Alert>
    </Form>
  )
}
