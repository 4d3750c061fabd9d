import { Checkbox, TagsInput, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useChange } from '../api/change.ts'
import { useDraft } from '../api/draft.ts'
import { Form } from '../ui/Form.tsx'
import { useRefused } from '../ui/useRefused.ts'
import { listed } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'
import { readItem, UpdateAccount, UpdateGateway, UpdateResource, type Holder, type Item, type ResourceItem } from './operations.ts'
import { endsWith, itemErrors } from './rules.ts'

type Held = { holders: readonly Holder[]; more: boolean } | null
type Props = { item: Item; held: Held; again: () => Promise<void>; onClose: () => void }

/** Changes what is in the catalog: names, and the roles of a resource. */
export function Edit(props: Props) {
  const { item } = props
  return item.__typename === 'Resource' ? <OfResource {...props} item={item} /> : <OfPlace {...props} />
}

async function holds(id: string, f: (is: Item) => boolean): Promise<boolean | undefined> {
  const is = await readItem(id)
  return is === undefined ? undefined : is !== null && f(is)
}

const notDone = 'This did not arrive, and it is as before. Send it again.'

function OfPlace({ item, again, onClose }: Props) {
  const viewer = useViewer()
  const { values, set, drop } = useDraft(viewer.id, `catalog.${item.id}`, { name: item.name })
  const name = values.name.trim()
  const terms = { holds: () => holds(item.id, (is) => is.name === name), notDone, at: itemErrors, again }
  const account = useChange(UpdateAccount, terms)
  const gateway = useChange(UpdateGateway, terms)
  const change = item.__typename === 'Account' ? account : gateway
  const field = useRefused(change.wrong['name'])
  const send = async () => {
    const outcome = item.__typename === 'Account' ? await account.send({ accountId: item.id, name }) : await gateway.send({ gatewayId: item.id, name })
    if (outcome?.is !== 'done') return
    drop()
    onClose()
  }
  return (
    <Form title={`Rename “${item.name}”`} act="Rename" change={change} onSend={() => void send()} onClose={onClose}>
      <TextInput ref={field} label="Name" description={`1 to 80 characters; no two ${item.__typename === 'Account' ? 'accounts' : 'gateways'} are called the same.`} value={values.name} onChange={(e) => set({ name: e.currentTarget.value })} error={change.wrong['name']} autoComplete="off" data-autofocus />
    </Form>
  )
}

function OfResource({ item, held, again, onClose }: Props & { item: ResourceItem }) {
  const viewer = useViewer()
  const { values, set, drop } = useDraft(viewer.id, `catalog.${item.id}`, { name: item.name, roles: [...item.roles] })
  const [end, setEnd] = useState(false)
  const change = useChange(UpdateResource, {
    holds: ({ name, roles }) => holds(item.id, (is) => is.__typename === 'Resource' && is.name === name && same(is.roles, roles ?? [])),
    notDone,
    at: itemErrors,
    again,
  })
  const field = useRefused(change.wrong['name'])
  const gone = item.roles.filter((r) => !values.roles.includes(r))
  const first = item.roles.length === 0 && values.roles.length > 0 // requests without a role name none that is there
  const concerned = (held?.holders ?? []).filter((h) => h.items.some((i) => i.resourceId === item.id && (i.role ? gone.includes(i.role) : first)))
  const ending = endsWith(concerned, held?.more ?? false)
  const send = async () => {
    const outcome = await change.send({ resourceId: item.id, name: values.name.trim(), roles: values.roles, endOpenRequests: end && ending !== '' })
    if (outcome?.is !== 'done') return
    drop()
    onClose()
  }
  return (
    <Form title={`Edit “${item.name}”`} act="Save" harm={ending !== '' && end} off={ending !== '' && !end} change={change} onSend={() => void send()} onClose={onClose}>
      <TextInput ref={field} label="Name" description="1 to 80 characters." value={values.name} onChange={(e) => set({ name: e.currentTarget.value })} error={change.wrong['name']} autoComplete="off" data-autofocus />
      <TagsInput label="Roles" description="What can be asked for: at most 50, each confirmed by Enter or a comma." value={values.roles} onChange={(roles) => set({ roles })} maxTags={50} error={change.wrong['roles']} />
      {gone.length > 0 && (
        <Text size="sm" role="status">
          Removes {listed(gone)}
          {ending === '' ? ': no open request names it.' : `, and ends ${ending}.`}
        </Text>
      )}
      {ending !== '' && <Checkbox label="End these as well" description="Without that the roles can’t go." checked={end} onChange={(e) => setEnd(e.currentTarget.checked)} />}
    </Form>
  )
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((x, i) => x === b[i])
