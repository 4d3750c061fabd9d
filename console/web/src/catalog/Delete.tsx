import { Checkbox, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useChange } from '../api/change.ts'
import { Breaks } from '../policies/Breaks.tsx'
import { Confirm } from '../ui/Confirm.tsx'
import { DeleteAccount, DeleteGateway, DeleteResource, readItem, type Holder, type Item } from './operations.ts'
import { endsWith, itemErrors } from './rules.ts'

type Props = { item: Item; held: { holders: readonly Holder[]; more: boolean } | null; again: () => Promise<void>; onClose: () => void; onDeleted: () => void }

/** Asks before something leaves the catalog, and says what ends with it. */
export function Delete(props: Props) {
  return props.item.__typename === 'Resource' ? <OfResource {...props} /> : <OfPlace {...props} />
}

/** A button has no room for a long name. */
const actOf = (item: Item): string => (item.name.length <= 30 ? `Delete ${item.name}` : `Delete this ${item.__typename.toLowerCase()}`)

const terms = (item: Item, again: () => Promise<void>) => ({
  holds: async () => {
    const is = await readItem(item.id)
    return is === undefined ? undefined : is === null
  },
  notDone: 'This did not arrive, and it is still there. Try again.',
  at: itemErrors,
  again: (outcome: { is: string }) => (outcome.is === 'done' ? undefined : again()), // what is gone is not read
})

function OfResource({ item, held, again, onClose, onDeleted }: Props) {
  const [end, setEnd] = useState(false)
  const change = useChange(DeleteResource, terms(item, again))
  const ending = held ? endsWith(held.holders, held.more) : ''
  const remove = async () => {
    if ((await change.send({ resourceId: item.id, endOpenRequests: end }))?.is === 'done') onDeleted()
  }
  return (
    <Confirm title={`Delete “${item.name}”?`} act={actOf(item)} name={item.name} off={!held || (ending !== '' && !end)} change={change} onAct={() => void remove()} onClose={onClose}>
      <Stack gap="sm">
        <Text>Nobody can ask for it any more. Its history stays. This can’t be undone.</Text>
        <Breaks id={item.id} />
        {!held ? (
          <Text c="dimmed">It is being read what would end with it.</Text>
        ) : ending === '' ? (
          <Text>Nobody holds it, and no open request names it.</Text>
        ) : (
          <>
            <Text>Ends {ending}.</Text>
            <Checkbox label="End these as well" description="Without that it can’t be deleted." checked={end} onChange={(e) => setEnd(e.currentTarget.checked)} />
          </>
        )}
      </Stack>
    </Confirm>
  )
}

function OfPlace({ item, again, onClose, onDeleted }: Props) {
  const account = useChange(DeleteAccount, terms(item, again))
  const gateway = useChange(DeleteGateway, terms(item, again))
  const of = item.__typename === 'Account' ? account : gateway
  const remove = async () => {
    const outcome = item.__typename === 'Account' ? await account.send({ accountId: item.id }) : await gateway.send({ gatewayId: item.id })
    if (outcome?.is === 'done') onDeleted()
  }
  return (
    <Confirm title={`Delete “${item.name}”?`} act={actOf(item)} name={item.name} change={of} onAct={() => void remove()} onClose={onClose}>
      Only {item.__typename === 'Account' ? 'an account' : 'a gateway'} without resources can be deleted: delete those first. Its history stays. This can’t be undone.
      <Breaks id={item.id} />
    </Confirm>
  )
}
