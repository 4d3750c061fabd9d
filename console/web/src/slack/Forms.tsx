import { Stack, Text } from '@mantine/core'
import { useQuery } from 'urql'
import { useChange } from '../api/change.ts'
import { fieldErrors, type UserError } from '../api/trouble.ts'
import { Confirm } from '../ui/Confirm.tsx'
import { Form } from '../ui/Form.tsx'
import { listed } from '../ui/words.ts'
import { AcceptWorkspace, AgreeLink, ReadEnding, readLink, readWorkspace, RemoveLink, RemoveWorkspace, type SlackLinkRow, type WorkspaceRow } from './operations.ts'
import { LinkedPerson, Place, SlackAccount } from './Words.tsx'

const at = (errors: readonly UserError[]) => fieldErrors(errors, () => undefined, (e) => e.message)
const notDone = 'This did not arrive, and it is as before. Try again.'

type OfWorkspace = { workspace: WorkspaceRow; again: () => void; onClose: () => void }
type OfLink = { link: SlackLinkRow; again: () => void; onClose: () => void }

export function Accept({ workspace: w, again, onClose }: OfWorkspace) {
  const change = useChange(AcceptWorkspace, { holds: async (i) => (await readWorkspace(i.workspaceId))?.waiting === false, notDone, at, again })
  const send = async () => {
    if ((await change.send({ workspaceId: w.id, installedAt: w.installedAt }))?.is === 'done') onClose()
  }
  return (
    <Form title="Accept this workspace" act="Accept" change={change} onSend={() => void send()} onClose={onClose}>
      <Text>
        <Place of={w} />
      </Text>
      <Text>
        Its people can link their accounts, ask and decide. Whoever administers it decides what e-mail addresses they have, and addresses that somebody has here link by themselves: so accept only your own company’s. Go by the address and the ID; anybody can choose the name.
      </Text>
    </Form>
  )
}

export function Remove({ workspace: w, again, onClose }: OfWorkspace) {
  const change = useChange(RemoveWorkspace, { holds: async (i) => (await readWorkspace(i.workspaceId))?.removed, notDone, at, again })
  const [{ data }] = useQuery({ query: ReadEnding, variables: { id: w.id }, requestPolicy: 'network-only' })
  const links = data?.node?.__typename === 'SlackWorkspace' ? data.node.linkCount : undefined
  const breaks = (data?.integrations?.nodes ?? []).filter((i) => i.slackChannel?.workspace.id === w.id).map((i) => i.name)
  const send = async () => {
    if ((await change.send({ workspaceId: w.id, waiting: w.waiting }))?.is === 'done') onClose()
  }
  if (w.waiting)
    return (
      <Confirm title="Deny this workspace" act="Deny" change={change} onAct={() => void send()} onClose={onClose}>
        <Stack gap="xs">
          <Text>
            <Place of={w} />
          </Text>
          <Text>Nobody could do anything there yet, and nobody can. Where the app is installed there once more, it waits again.</Text>
        </Stack>
      </Confirm>
    )
  return (
    <Confirm title="Remove this workspace" act="Remove" change={change} onAct={() => void send()} onClose={onClose}>
      <Stack gap="xs">
        <Text>
          <Place of={w} />
        </Text>
        <Text>
          From now on nobody can do anything there, and the app posts nothing. {links == null ? 'The links of its people stop working' : links === 0 ? 'Nobody is linked there' : `${links === 100 ? '100 or more links' : links === 1 ? '1 link' : `${links} links`} of people ${links === 1 ? 'stops' : 'stop'} working`}
          {breaks.length > 0 && (
            <>
              , and {breaks.length === 1 ? 'this integration breaks' : `these ${breaks.length} integrations break`}: <bdi>{listed(breaks, 'and')}</bdi>
            </>
          )}
          {data?.integrations?.pageInfo.hasNextPage ? ', perhaps among others' : ''}. Both come back when the app is installed and accepted there again. Remove it in Slack, too.
        </Text>
      </Stack>
    </Confirm>
  )
}

export function Agree({ link: l, again, onClose }: OfLink) {
  const change = useChange(AgreeLink, {
    holds: async (i) => {
      const is = await readLink(i.linkId)
      return is === undefined ? undefined : is === 'LINKED'
    },
    notDone,
    at,
    again,
  })
  const send = async () => {
    if ((await change.send({ linkId: l.id, userId: l.user.id }))?.is === 'done') onClose()
  }
  return (
    <Form title="Agree to this link" act="Agree" change={change} onSend={() => void send()} onClose={onClose}>
      <Text>
        From now on whoever uses the Slack account <SlackAccount of={l} /> asks and decides as <LinkedPerson of={l} />.
      </Text>
      <Text>It is not known that the account is theirs. Agree only if you know it.</Text>
    </Form>
  )
}

export function Unlink({ link: l, again, onClose }: OfLink) {
  const change = useChange(RemoveLink, {
    holds: async (i) => {
      const is = await readLink(i.linkId)
      return is === undefined ? undefined : is === null
    },
    notDone,
    at,
    again,
  })
  const send = async () => {
    if ((await change.send({ linkId: l.id }))?.is === 'done') onClose()
  }
  const waits = l.status === 'WAITING'
  return (
    <Confirm title={waits ? 'Deny this link' : 'Remove this link'} act={waits ? 'Deny' : 'Remove'} change={change} onAct={() => void send()} onClose={onClose}>
      <Text>
        {waits ? (
          <>
            The Slack account <SlackAccount of={l} /> is not linked to <LinkedPerson of={l} />. Nobody could act by it yet; they can try again.
          </>
        ) : (
          <>
            With the Slack account <SlackAccount of={l} /> nothing can be done as <LinkedPerson of={l} /> any more, until they link again. What they asked for stays as it is.
          </>
        )}
      </Text>
    </Confirm>
  )
}
