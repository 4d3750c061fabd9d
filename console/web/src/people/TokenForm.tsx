import { Checkbox, Radio, Select, Stack, Text, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import { useQuery } from 'urql'
import { useChange } from '../api/change.ts'
import { now } from '../api/clock.ts'
import { useDraft } from '../api/draft.ts'
import { graphql } from '../api/graphql.ts'
import { trouble } from '../api/trouble.ts'
import { Form } from '../ui/Form.tsx'
import { moment } from '../ui/now.ts'
import { Secret } from '../ui/Secret.tsx'
import { Failure, Loading } from '../ui/state.tsx'
import { useRefused } from '../ui/useRefused.ts'
import { useViewer } from '../viewer.ts'
import { CreateToken, readCreated } from './operations.ts'
import { checkName, formErrors } from './rules.ts'
import type { Owner } from './Tokens.tsx'

const ReadScopes = graphql(`
  query ReadScopes {
    tokenScopes { name description forPeople forServices }
  }
`)

const lengths = { P7D: ['7 days', 7], P30D: ['30 days', 30], P90D: ['90 days', 90], P366D: ['a year (366 days)', 366] } as const
type Length = keyof typeof lengths

// Of a person's token these are all that they may, and no part of it.
const whole = ['self', 'admin']

/** Makes a token, and shows its secret once. */
export function TokenForm({ owner, again, onClose }: { owner: Owner; again: () => unknown; onClose: () => void }) {
  const viewer = useViewer()
  const own = owner.kind === 'self'
  const { values, set, drop } = useDraft(viewer.id, `token.${own ? 'self' : owner.id}`, { name: '', all: own, scopes: [] as string[], ttl: 'P90D' as Length })
  const [{ data, error }, read] = useQuery({ query: ReadScopes })
  const [secret, setSecret] = useState<string | null>(null)
  const [lost, setLost] = useState(false)
  const made = useRef<string | null>(null)
  const change = useChange(CreateToken, {
    byKey: async (key) => {
      const id = await readCreated('TOKEN', key)
      made.current = id ?? null
      return id === undefined ? undefined : id !== null
    },
    notDone: 'This did not arrive, and no token was made. Press Make the token again.',
    at: formErrors,
    again,
  })
  const name = useRefused(change.wrong['name'])
  const scopes = data?.tokenScopes?.filter((s) => (own ? s.forPeople && !whole.includes(s.name) : s.forServices)) ?? []
  async function send() {
    const chosen = scopes.map((s) => s.name).filter((s) => values.scopes.includes(s))
    const wrongName = checkName(values.name, 'CI')
    const wrongScopes = !values.all && chosen.length === 0 ? 'Choose what it may do.' : null
    if (wrongName || wrongScopes) {
      change.say({ ...(wrongName ? { name: wrongName } : {}), ...(wrongScopes ? { scopes: wrongScopes } : {}) })
      return
    }
    const outcome = await change.send({ ...(own ? {} : { serviceAccountId: owner.id }), name: values.name.trim(), ...(values.all ? {} : { scopes: chosen }), ttl: values.ttl })
    if (outcome?.is !== 'done') return
    drop()
    if (outcome.result?.secret) setSecret(outcome.result.secret)
    else setLost(true)
  }
  if (secret !== null) {
    return (
      <Secret title={`Token “${values.name.trim() || 'new'}”`} label="Token" secret={secret} onStored={onClose}>
        It goes into the header <span className="mono">Authorization: Bearer …</span> of whatever uses it.
      </Secret>
    )
  }
  if (lost) {
    return (
      <Form title="The token was made, and its secret was lost" act="I see" change={change} onSend={onClose} onClose={onClose}>
        <Text>The answer that held it did not arrive, and it is shown once. Revoke the token in the list, and make another.</Text>
      </Form>
    )
  }
  const wrong = trouble(error)
  const say = () => change.say({})
  return (
    <Form title={own ? 'Make a token of yours' : `Make a token of “${owner.name}”`} act="Make the token" change={change} onSend={() => void send()} onClose={onClose}>
      <TextInput
        ref={name}
        label="Name"
        description="What it is for: 1 to 80 characters."
        placeholder="CI"
        value={values.name}
        onChange={(e) => {
          set({ name: e.currentTarget.value })
          say()
        }}
        error={change.wrong['name']}
        autoComplete="off"
        data-autofocus
      />
      {own && (
        <Radio.Group
          size="md"
          label="What it may do"
          value={values.all ? 'all' : 'some'}
          onChange={(v) => {
            set({ all: v === 'all' })
            say()
          }}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="all" label="All that I may do" />
            <Radio value="some" label="Only some of it" />
          </Stack>
        </Radio.Group>
      )}
      {!values.all &&
        (wrong ? (
          <Failure what="What tokens may do could not be read" trouble={wrong} again={() => read({ requestPolicy: 'network-only' })} />
        ) : !data ? (
          <Loading rows={3} />
        ) : (
          <Checkbox.Group
            size="md"
            label={own ? 'Scopes' : 'What it may do'}
            value={values.scopes}
            onChange={(v) => {
              set({ scopes: v })
              say()
            }}
            error={change.wrong['scopes']}
          >
            <Stack gap="sm" mt="xs">
              {scopes.map((s) => (
                <Checkbox key={s.name} value={s.name} label={<span className="mono">{s.name}</span>} description={s.description} />
              ))}
            </Stack>
          </Checkbox.Group>
        ))}
      <Select
        label="For how long"
        value={values.ttl}
        onChange={(v) => v && set({ ttl: v as Length })}
        data={Object.entries(lengths).map(([value, [label]]) => ({ value, label }))}
        description={`It opens nothing from ${moment(now() + lengths[values.ttl][1] * 86_400_000, now())} on.`}
        error={change.wrong['ttl']}
        allowDeselect={false}
      />
    </Form>
  )
}
