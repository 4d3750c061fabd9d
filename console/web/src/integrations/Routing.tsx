import { Group, Loader, Select, Stack, Text, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useQuery } from 'urql'
import { graphql } from '../api/graphql.ts'
import { trouble } from '../api/trouble.ts'
import { Link } from '../ui/Link.tsx'
import { Failure } from '../ui/state.tsx'
import { kinds, silence } from '../ui/words.ts'

const FindTargets = graphql(`
  query FindTargets($search: String) {
    accounts(search: $search, first: 8) { nodes { id name provider } }
    resources(search: $search, first: 20) { nodes { id name kind account { id name } gateway { id name } } }
  }
`)

const ReadRoutedAccount = graphql(`
  query ReadRoutedAccount($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Account { name }
    }
    resources(accountId: $id, first: 1) { nodes { id roles } }
  }
`)

const ReadResource = graphql(`
  query ReadResource($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Resource { name kind roles account { id name } gateway { id name } }
    }
  }
`)

const Preview = graphql(`
  query Preview($items: [AccessRequestItemInput!]!) {
    notificationPreview(items: $items) {
      routes { integrationId integrationName }
      silentRoutes { integrationId integrationName integrationStatus }
    }
  }
`)

/** For an account or a resource: which channels would hear of a request for it now. */
export function Routing({ integrationId, target, onTarget }: { integrationId: string; target: string | undefined; onTarget: (id: string | undefined) => void }) {
  const [words, setWords] = useState('')
  const [search] = useDebouncedValue(words.trim(), 200)
  const [{ data: found, fetching }] = useQuery({ query: FindTargets, variables: { search: search || null } })
  const account = target?.startsWith('acc_') ?? false
  const variables = { id: target ?? '' }
  const [{ data: ofAccount, error: noAccount }, readAccount] = useQuery({ query: ReadRoutedAccount, variables, pause: !account, requestPolicy: 'network-only' })
  const [{ data: ofResource, error: noResource }, readResource] = useQuery({ query: ReadResource, variables, pause: account || target === undefined, requestPolicy: 'network-only' })
  const node = account ? ofAccount?.node : ofResource?.node
  const anAccount = account && ofAccount?.node?.__typename === 'Account' && ofAccount.node.id === target ? ofAccount.node : null
  const aResource = !account && ofResource?.node?.__typename === 'Resource' && ofResource.node.id === target ? ofResource.node : null
  const is = anAccount ?? aResource
  const resource = aResource ?? (anAccount ? ofAccount?.resources?.nodes[0] : undefined)
  const items = resource ? [{ resourceId: resource.id, role: resource.roles[0] ?? null }] : []
  const [{ data, error }, preview] = useQuery({ query: Preview, variables: { items }, pause: items.length === 0, requestPolicy: 'network-only' })

  const label = aResource ? [aResource.name, aResource.account?.name ?? aResource.gateway?.name].filter(Boolean).join(' · ') : (anAccount?.name ?? '')
  const accounts = (found?.accounts?.nodes ?? []).map((a) => ({ value: a.id, label: a.name }))
  const resources = (found?.resources?.nodes ?? []).map((r) => ({ value: r.id, label: [r.name, r.account?.name ?? r.gateway?.name ?? kinds[r.kind]].filter(Boolean).join(' · ') }))
  if (target && label && ![...accounts, ...resources].some((o) => o.value === target)) (account ? accounts : resources).unshift({ value: target, label })
  const wrong = trouble((account ? noAccount : noResource) ?? error)
  const routes = data?.notificationPreview?.routes
  const silent = silence(data?.notificationPreview?.silentRoutes ?? [])
  return (
    <section className="card" aria-labelledby="routing">
      <Stack p="md" gap="sm">
        <Title order={2} id="routing">
          Routing preview
        </Title>
        <Select
          label="Account or resource"
          description="Which channels hear of a request for it?"
          placeholder="Find one by its name"
          searchable
          clearable
          clearButtonProps={{ 'aria-label': 'Clear the account or resource' }}
          value={target ?? null}
          onChange={(v) => onTarget(v ?? undefined)}
          onSearchChange={(v) => setWords(v === label || [...accounts, ...resources].some((o) => o.label === v) ? '' : v)}
          filter={({ options }) => options} // the server has searched
          data={[
            { group: 'Accounts', items: accounts },
            { group: 'Resources', items: resources },
          ].filter((g) => g.items.length > 0)}
          nothingFoundMessage={fetching ? 'Searching…' : 'No account or resource is called so.'}
        />
        <div role="status" style={{ minHeight: 44 }}>
          {target === undefined ? null : wrong ? (
            <Failure
              what="The routing could not be read"
              trouble={wrong}
              again={() => {
                if (account) readAccount({ requestPolicy: 'network-only' })
                else readResource({ requestPolicy: 'network-only' })
                if (items.length > 0) preview({ requestPolicy: 'network-only' })
              }}
            />
          ) : node === null ? (
            <Text c="wait">This account or resource does not exist any more.</Text>
          ) : anAccount && items.length === 0 ? (
            <Text c="wait">
              <bdi>{anAccount.name}</bdi> has no resource yet: nobody can ask for anything in it.
            </Text>
          ) : !routes || !is ? (
            <Loader size="sm" role="progressbar" aria-label="Loading" />
          ) : routes.length === 0 ? (
            <Text c="wait">
              No channel hears of a request for <bdi>{label}</bdi>. {silent ? `${silent}.` : 'Link its account here, or select a notification channel.'}
            </Text>
          ) : (
            <Group gap="xs" align="baseline">
              <Text>
                <bdi>{label}</bdi> →
              </Text>
              {routes.map((r, n) => (
                <Text key={r.integrationId} fw={r.integrationId === integrationId ? 600 : 400}>
                  {r.integrationId === integrationId ? (
                    <>
                      <bdi>{r.integrationName}</bdi> (this one)
                    </>
                  ) : (
                    <Link to="/integrations/$id" params={{ id: r.integrationId }}>
                      <bdi>{r.integrationName}</bdi>
                    </Link>
                  )}
                  {n < routes.length - 1 && ','}
                </Text>
              ))}
              {!routes.some((r) => r.integrationId === integrationId) && <Text c="dimmed">This one does not.</Text>}
            </Group>
          )}
        </div>
      </Stack>
    </section>
  )
}
