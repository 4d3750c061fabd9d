import { Select, TagsInput, TextInput } from '@mantine/core'
import { useChange } from '../api/change.ts'
import { useDraft } from '../api/draft.ts'
import { Form } from '../ui/Form.tsx'
import { useRefused } from '../ui/useRefused.ts'
import { kinds } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'
import { CreateAccount, CreateGateway, CreateResource, readCreated, type ResourceItem } from './operations.ts'
import { PlaceSelect } from './PlaceSelect.tsx'
import { itemErrors, providers, standsAlone } from './rules.ts'
import { kindNames, type Tab } from './search.ts'

type Props = { tab: Tab; place: { account?: string; gateway?: string }; onClose: () => void; onDone: (id: string | null) => void }

/** Adds a resource, an account or a gateway. */
export function Add(props: Props) {
  return props.tab === 'accounts' ? <AddAccount {...props} /> : props.tab === 'gateways' ? <AddGateway {...props} /> : <AddResource {...props} />
}

const notDone = 'This did not arrive, and nothing was added. Send it again.'

/** What tells whether an addition was done whose answer was lost, and which one it was. */
function byKey(kind: 'ACCOUNT' | 'GATEWAY' | 'RESOURCE') {
  const made = { id: null as string | null }
  return {
    made,
    terms: {
      byKey: async (key: string) => {
        const id = await readCreated(kind, key)
        made.id = id ?? null
        return id === undefined ? undefined : id !== null
      },
      notDone,
      at: itemErrors,
    },
  }
}

function AddAccount({ onClose, onDone }: Props) {
  const viewer = useViewer()
  const { values, set, drop } = useDraft(viewer.id, 'catalog.account', { name: '', provider: 'AWS', externalId: '' })
  const { made, terms } = byKey('ACCOUNT')
  const change = useChange(CreateAccount, terms)
  const name = useRefused(change.wrong['name'])
  const send = async () => {
    const outcome = await change.send({ name: values.name, provider: values.provider as 'AWS', externalId: values.externalId })
    if (outcome?.is !== 'done') return
    drop()
    onDone(outcome.result?.account?.id ?? made.id)
  }
  return (
    <Form title="Add an account" act="Add account" change={change} onSend={() => void send()} onClose={onClose}>
      <TextInput ref={name} label="Name" description="1 to 80 characters; no two accounts are called the same." value={values.name} onChange={(e) => set({ name: e.currentTarget.value })} error={change.wrong['name']} autoComplete="off" data-autofocus />
      <Select label="Provider" value={values.provider} onChange={(v) => v && set({ provider: v })} data={Object.entries(providers).map(([value, label]) => ({ value, label }))} error={change.wrong['provider']} allowDeselect={false} />
      <TextInput label="ID there" description="Such as the number of an AWS account." value={values.externalId} onChange={(e) => set({ externalId: e.currentTarget.value })} error={change.wrong['externalId']} autoComplete="off" />
    </Form>
  )
}

function AddGateway({ onClose, onDone }: Props) {
  const viewer = useViewer()
  const { values, set, drop } = useDraft(viewer.id, 'catalog.gateway', { name: '' })
  const { made, terms } = byKey('GATEWAY')
  const change = useChange(CreateGateway, terms)
  const name = useRefused(change.wrong['name'])
  const send = async () => {
    const outcome = await change.send({ name: values.name })
    if (outcome?.is !== 'done') return
    drop()
    onDone(outcome.result?.gateway?.id ?? made.id)
  }
  return (
    <Form title="Add a gateway" act="Add gateway" change={change} onSend={() => void send()} onClose={onClose}>
      <TextInput ref={name} label="Name" description="1 to 80 characters; no two gateways are called the same." value={values.name} onChange={(e) => set({ name: e.currentTarget.value })} error={change.wrong['name']} autoComplete="off" data-autofocus />
    </Form>
  )
}

function AddResource({ place, onClose, onDone }: Props) {
  const viewer = useViewer()
  const { values, set, drop } = useDraft(viewer.id, 'catalog.resource', { name: '', kind: 'DATABASE', account: place.account ?? null, gateway: place.gateway ?? null, roles: [] as string[] })
  const { made, terms } = byKey('RESOURCE')
  const change = useChange(CreateResource, terms)
  const name = useRefused(change.wrong['name'])
  const send = async () => {
    const outcome = await change.send({ name: values.name, kind: values.kind as ResourceItem['kind'], accountId: values.account, gatewayId: values.gateway, roles: values.roles })
    if (outcome?.is !== 'done') return
    drop()
    onDone(outcome.result?.resource?.id ?? made.id)
  }
  return (
    <Form title="Add a resource" act="Add resource" change={change} onSend={() => void send()} onClose={onClose}>
      <TextInput ref={name} label="Name" description="1 to 80 characters; unique within its account or gateway." value={values.name} onChange={(e) => set({ name: e.currentTarget.value })} error={change.wrong['name']} autoComplete="off" data-autofocus />
      <Select label="Kind" value={values.kind} onChange={(v) => v && set({ kind: v })} data={kindNames.map((value) => ({ value, label: kinds[value] ?? value }))} error={change.wrong['kind']} allowDeselect={false} />
      <PlaceSelect of="account" placeholder="None" value={values.account} onChange={(account) => set({ account, ...(account ? { gateway: null } : {}) })} error={change.wrong['accountId']} />
      <PlaceSelect
        of="gateway"
        label={standsAlone(values.kind) ? 'Or behind a gateway; a server can also stand alone' : 'Or behind a gateway'}
        placeholder="None"
        value={values.gateway}
        onChange={(gateway) => set({ gateway, ...(gateway ? { account: null } : {}) })}
        error={change.wrong['gatewayId']}
      />
      <TagsInput label="Roles" description="What can be asked for: at most 50, each confirmed by Enter or a comma. None: a request names no role." value={values.roles} onChange={(roles) => set({ roles })} maxTags={50} error={change.wrong['roles']} />
    </Form>
  )
}
