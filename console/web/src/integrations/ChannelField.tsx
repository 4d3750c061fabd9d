import { Anchor, Group, Select, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconHash, IconLock } from '@tabler/icons-react'
import { useEffect, useState, type Ref } from 'react'
import { useMutation, useQuery } from 'urql'
import { useConnection } from '../api/connection.ts'
import { graphql } from '../api/graphql.ts'
import { Time } from '../ui/Time.tsx'

const ReadChannels = graphql(`
  query ReadChannels($id: ID!, $search: String) {
    node(id: $id) {
      __typename
      id
      ... on SlackWorkspace {
        channelsAsOf
        channelsWanted
        channels(search: $search, archived: false, first: 25) {
          nodes { id channelId name private member external }
          totalCount
        }
      }
    }
  }
`)

const RefreshChannels = graphql(`
  mutation RefreshChannels($input: RefreshSlackChannelsInput!) {
    refreshSlackChannels(input: $input) {
      workspace { id channelsWanted }
      userErrors { code field message }
    }
  }
`)

const shown = 25
const wait = 250
const lookAgain = 2000

type Option = { value: string; label: string; private: boolean; notes: string }

const option = (c: { channelId: string; name: string; private: boolean; member: boolean; external: boolean }): Option => ({
  value: c.channelId,
  label: `#${c.name}`,
  private: c.private,
  notes: [...(c.member ? [] : ['not invited']), ...(c.external ? ['shared with another company'] : [])].join(', '),
})

type Props = {
  workspaceId: string
  /** The channel's ID, '' for none. */
  value: string
  onChange: (channelId: string) => void
  error?: React.ReactNode
  input?: Ref<HTMLInputElement>
}

/**
 * Chooses a channel by its name, from those that the app sees. While none are known, or where
 * the one that is wanted is not among them, its ID is typed.
 */
export function ChannelField({ workspaceId, value, onChange, error, input }: Props) {
  const { live } = useConnection()
  const [typing, setTyping] = useState(false)
  const [search, setSearch] = useState('')
  const [asked] = useDebouncedValue(search, wait)
  const [chosen, setChosen] = useState<Option | null>(null)
  const [{ data }, read] = useQuery({ query: ReadChannels, variables: { id: workspaceId, search: asked }, pause: workspaceId === '', requestPolicy: 'cache-and-network' })
  const [refreshed, refresh] = useMutation(RefreshChannels)
  const of = data?.node?.__typename === 'SlackWorkspace' && data.node.id === workspaceId ? data.node : null
  const wanted = of?.channelsWanted === true
  useEffect(() => {
    if (!wanted || !live) return
    const t = setInterval(() => read({ requestPolicy: 'network-only' }), lookAgain)
    return () => clearInterval(t)
  }, [wanted, live, read])

  const known = Boolean(of?.channelsAsOf)
  if (typing || !known)
    return (
      <TextInput
        ref={input}
        label="Channel ID"
        description={
          <>
            Such as C0123ABCD: in Slack, at the end of the channel’s details. Invite the app to a private channel first.{' '}
            {known ? (
              <Anchor component="button" type="button" inherit onClick={() => setTyping(false)}>
                Choose it by its name
              </Anchor>
            ) : (
              of && 'Its name can be chosen once the bot has told which channels it sees; whether it can post in this one shows when it does.'
            )}
          </>
        }
        inputWrapperOrder={['label', 'description', 'input', 'error']}
        value={value}
        onChange={(e) => onChange(e.currentTarget.value)}
        error={error}
        autoComplete="off"
        spellCheck={false}
      />
    )

  const found = (of?.channels?.nodes ?? []).map(option)
  const picked = chosen?.value === value ? chosen : null
  const data_ = picked && !found.some((o) => o.value === picked.value) ? [picked, ...found] : found
  const notes = new Map(data_.map((o) => [o.value, o]))
  const now = notes.get(value)
  const total = of?.channels?.totalCount ?? 0
  const refused = refreshed.data?.refreshSlackChannels?.userErrors[0]?.message
  return (
    <Select
      ref={input}
      label="Channel"
      description={
        <>
          As of <Time at={of!.channelsAsOf!} />
          {total > shown && ` · ${total.toLocaleString('en')} are called so; the first ${shown} are shown`}
          {' · '}
          {wanted ? (
            'Looking again…'
          ) : (
            <Anchor component="button" type="button" inherit disabled={!live} onClick={() => void refresh({ input: { workspaceId } }).then(() => read({ requestPolicy: 'network-only' }))}>
              Look again
            </Anchor>
          )}
          {' · '}
          <Anchor component="button" type="button" inherit onClick={() => setTyping(true)}>
            Type its ID
          </Anchor>
          {refused && ` · ${refused}`}
        </>
      }
      placeholder="Type a part of its name"
      leftSection={now?.private ? <IconLock size={16} aria-label="Private" /> : <IconHash size={16} aria-hidden />}
      data={data_.map(({ value: v, label }) => ({ value: v, label }))}
      value={value === '' || !now ? null : value}
      onChange={(v) => {
        setChosen(v ? (notes.get(v) ?? null) : null)
        onChange(v ?? '')
      }}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      filter={({ options }) => options}
      nothingFoundMessage="The app sees no channel that is called so. Invite it to a private one by /invite @Procyon, then look again."
      renderOption={({ option: { value: v, label } }) => {
        const o = notes.get(v)
        return (
          <Group gap="xs" wrap="nowrap">
            {o?.private ? <IconLock size={16} aria-label="Private" /> : null}
            <bdi>{label}</bdi>
            {o?.notes && (
              <Text span size="xs" c="dimmed">
                {o.notes}
              </Text>
            )}
          </Group>
        )
      }}
      error={error}
    />
  )
}
