import { Text } from '@mantine/core'
import { useState } from 'react'
import { useChange } from '../api/change.ts'
import { fieldErrors, type UserError } from '../api/trouble.ts'
import { Confirm } from '../ui/Confirm.tsx'
import { Form } from '../ui/Form.tsx'
import { useRefused } from '../ui/useRefused.ts'
import { listed } from '../ui/words.ts'
import type { ActProps } from './ActForms.tsx'
import { HandOverUser, holdsOf, JoinUsers, SeparateUser, SetManager } from './operations.ts'
import { WhoSelect, type Who } from './WhoSelect.tsx'

// Where the form has one field, what is wrong with either of two people stands at it.
const atWho = (errors: readonly UserError[]): Record<string, string> => fieldErrors(errors, (path) => (['managerId', 'withUserId', 'userId'].includes(path[0] ?? '') ? 'who' : undefined))
const atForm = (errors: readonly UserError[]): Record<string, string> => fieldErrors(errors, [])

/** Says who somebody's manager is. */
export function Manager({ person: p, again, onClose }: ActProps) {
  const [seen] = useState(p.version) // that of who stands in the form
  const [chosen, setChosen] = useState<readonly Who[]>(p.manager ? [{ id: p.manager.userId, name: p.manager.name, email: p.manager.email }] : [])
  const change = useChange(SetManager, {
    holds: ({ managerId }) => holdsOf(p.id, (is) => (is.manager?.userId ?? null) === (managerId ?? null)),
    notDone: 'This did not arrive, and the manager is as before. Send it again.',
    at: atWho,
    again,
  })
  const field = useRefused(change.wrong['who'])
  const send = async () => {
    if ((await change.send({ userId: p.id, managerId: chosen[0]?.id ?? null, expectedVersion: seen }))?.is === 'done') onClose()
  }
  return (
    <Form title={`Manager of “${p.name}”`} act="Save" change={change} onSend={() => void send()} onClose={onClose}>
      <WhoSelect
        ref={field}
        label="Manager"
        description="By name or e-mail address. Left empty: nobody."
        most={1}
        except={[p.id, ...(p.otherAccounts ?? []).map((o) => o.id)]}
        value={chosen}
        onChange={(value) => {
          setChosen(value)
          change.say({})
        }}
        error={change.wrong['who']}
      />
    </Form>
  )
}

/** Says that another account is the same human's. */
export function Join({ person: p, again, onClose }: ActProps) {
  const others = p.otherAccounts ?? []
  const [seen] = useState(p.version)
  const [chosen, setChosen] = useState<readonly Who[]>([])
  const change = useChange(JoinUsers, {
    holds: ({ userId, withUserId }) => holdsOf(userId, (is) => (is.otherAccounts ?? []).some((o) => o.id === withUserId)),
    notDone: 'This did not arrive, and nothing was joined. Send it again.',
    at: atWho,
    again,
  })
  const field = useRefused(change.wrong['who'])
  async function send() {
    const other = chosen[0]?.id
    if (other === undefined) {
      change.say({ who: 'Choose the other account.' })
      return
    }
    // Only an account that is joined to none can be joined to others.
    const input = others.length > 0 ? { userId: other, withUserId: p.id } : { userId: p.id, withUserId: other, expectedVersion: seen }
    if ((await change.send(input))?.is === 'done') onClose()
  }
  return (
    <Form title={`Another account of “${p.name}”`} act="Join the accounts" change={change} onSend={() => void send()} onClose={onClose}>
      <Text>They count as one human from then on: none of their accounts decides what another one asks for. It only takes rights.</Text>
      <WhoSelect
        ref={field}
        label="Other account"
        description="By name or e-mail address."
        most={1}
        except={[p.id, ...others.map((o) => o.id)]}
        value={chosen}
        onChange={(value) => {
          setChosen(value)
          change.say({})
        }}
        error={change.wrong['who']}
      />
    </Form>
  )
}

/** Says that an account is its own human's again. */
export function Separate({ person: p, again, onClose }: ActProps) {
  const [seen] = useState(p.version)
  const change = useChange(SeparateUser, { holds: () => holdsOf(p.id, (is) => (is.otherAccounts ?? []).length === 0), notDone: 'This did not arrive, and the accounts are joined as before. Try again.', at: atForm, again })
  const send = async () => {
    if ((await change.send({ userId: p.id, expectedVersion: seen }))?.is === 'done') onClose()
  }
  return (
    <Confirm title={`Separate “${p.name}” from other accounts?`} act="Separate" change={change} onAct={() => void send()} onClose={onClose}>
      It counts as another human than <bdi>{listed((p.otherAccounts ?? []).map((o) => o.email), 'and')}</bdi>: each may decide what the other asks for, where they may decide at all.{p.directory?.employeeNumber ? ' That holds although the directory gives it their employee number, until it gives it another one.' : ''}
    </Confirm>
  )
}

/** Lets the directory take somebody over, or not any more. */
export function HandOver({ person: p, again, onClose }: ActProps) {
  const [to] = useState(!p.handedOver) // not the opposite once it is done
  const change = useChange(HandOverUser, { holds: () => holdsOf(p.id, (is) => Boolean(is.handedOver) === to || is.directory !== null), notDone: 'This did not arrive, and they are kept as before. Try again.', at: atForm, again })
  const send = async () => {
    if ((await change.send({ userId: p.id, handedOver: to }))?.is === 'done') onClose()
  }
  return (
    <Form title={to ? `Hand “${p.name}” over to the directory?` : `Revoke the handover of “${p.name}”?`} act={to ? 'Hand over' : 'Revoke the handover'} change={change} onSend={() => void send()} onClose={onClose}>
      <Text>
        {to
          ? 'When the directory next wants to make somebody with their e-mail address, it takes them over, with their requests, their history and their Slack links. From then on it changes, deactivates and deletes them.'
          : 'They stay kept here: the directory can’t take them over.'}
      </Text>
    </Form>
  )
}
