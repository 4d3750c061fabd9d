import { Text, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useChange } from '../api/change.ts'
import { useDraft } from '../api/draft.ts'
import type { Trouble } from '../api/trouble.ts'
import { ownedWords, type Owned } from '../catalog/owned.ts'
import { WhoSelect, type Who } from '../people/WhoSelect.tsx'
import { Breaks } from '../policies/Breaks.tsx'
import { Confirm } from '../ui/Confirm.tsx'
import { Form } from '../ui/Form.tsx'
import { Failure, Loading } from '../ui/state.tsx'
import { useRefused } from '../ui/useRefused.ts'
import { count } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'
import { CreateGroup, DeleteGroup, holdsOfGroup, isMember, readCreatedGroup, readGroupEnds, SetGroupMembers, UpdateGroup, type GroupRow, type MemberRow } from './operations.ts'
import { checkGroupName, groupErrors } from './rules.ts'

/** Adds a group, and leads to its page. */
export function AddGroup({ onClose }: { onClose: () => void }) {
  const viewer = useViewer()
  const go = useNavigate()
  const { values, set, drop } = useDraft(viewer.id, 'group', { name: '' })
  const made = useRef<string | null>(null)
  const change = useChange(CreateGroup, {
    byKey: async (key) => {
      const id = await readCreatedGroup(key)
      made.current = id ?? null
      return id === undefined ? undefined : id !== null
    },
    notDone: 'This did not arrive, and no group was added. Press Add once more.',
    at: groupErrors,
  })
  const field = useRefused(change.wrong['name'])
  async function send() {
    const wrong = checkGroupName(values.name)
    if (wrong) {
      change.say({ name: wrong })
      return
    }
    const outcome = await change.send({ name: values.name.trim() })
    if (outcome?.is !== 'done') return
    drop()
    const id = outcome.result?.group?.id ?? made.current
    if (id === null) onClose()
    else void go({ to: '/groups/$id', params: { id } })
  }
  return (
    <Form title="Add a group" act="Add" change={change} onSend={() => void send()} onClose={onClose}>
      <NameField ref={field} value={values.name} error={change.wrong['name']} onChange={(name) => { set({ name }); change.say({}) }} />
      <Text size="sm" c="dimmed">
        It is kept here, and nobody is in it yet. Groups of the directory and of sign-ins come by themselves.
      </Text>
    </Form>
  )
}

function NameField({ value, error, onChange, ref }: { value: string; error: string | undefined; onChange: (v: string) => void; ref: React.Ref<HTMLInputElement> }) {
  return <TextInput ref={ref} label="Name" description="1 to 256 characters; no two groups that are kept here are called the same." value={value} onChange={(e) => onChange(e.currentTarget.value)} error={error} autoComplete="off" data-autofocus />
}

type Props = { group: GroupRow; again: () => unknown; onClose: () => void }

/** Gives a group another name. */
export function Rename({ group: g, again, onClose }: Props) {
  const viewer = useViewer()
  const { values, set, drop } = useDraft(viewer.id, `group.${g.id}`, { name: g.name })
  const change = useChange(UpdateGroup, {
    holds: ({ name }) => holdsOfGroup(g.id, (is) => is?.name === name),
    notDone: 'This did not arrive, and the name is as before. Send it again.',
    at: groupErrors,
    again,
  })
  const field = useRefused(change.wrong['name'])
  async function send() {
    const wrong = checkGroupName(values.name)
    if (wrong) {
      change.say({ name: wrong })
      return
    }
    if ((await change.send({ groupId: g.id, name: values.name.trim(), expectedVersion: g.version }))?.is !== 'done') return
    drop()
    onClose()
  }
  return (
    <Form title={`Rename “${g.name}”`} act="Rename" change={change} onSend={() => void send()} onClose={onClose}>
      <NameField ref={field} value={values.name} error={change.wrong['name']} onChange={(name) => { set({ name }); change.say({}) }} />
    </Form>
  )
}

const mostAdded = 50

/** Puts people into a group that is kept here. */
export function AddMembers({ group: g, again, onClose }: Props) {
  const [chosen, setChosen] = useState<readonly Who[]>([])
  const change = useChange(SetGroupMembers, {
    holds: async () => (chosen[0] ? isMember(g.id, chosen[0]) : false), // all of them, or nobody
    notDone: 'This did not arrive, and nobody was added. Send it again.',
    at: groupErrors,
    again,
  })
  const field = useRefused(change.wrong['people'])
  async function send() {
    if (chosen.length === 0) {
      change.say({ people: 'Choose somebody.' })
      return
    }
    if ((await change.send({ groupId: g.id, addUserIds: chosen.map((w) => w.id) }))?.is === 'done') onClose()
  }
  return (
    <Form title={`Add people to “${g.name}”`} act="Add" change={change} onSend={() => void send()} onClose={onClose}>
      <WhoSelect
        ref={field}
        label="People"
        description={`By name or e-mail address, at most ${mostAdded} at a time.`}
        most={mostAdded}
        value={chosen}
        onChange={(value) => {
          setChosen(value)
          change.say({})
        }}
        error={change.wrong['people']}
      />
    </Form>
  )
}

/** Takes somebody out of a group that is kept here. */
export function RemoveMember({ group: g, member: m, again, onClose }: Props & { member: MemberRow }) {
  const change = useChange(SetGroupMembers, {
    holds: async () => {
      const is = await isMember(g.id, m)
      return is === undefined ? undefined : !is
    },
    notDone: 'This did not arrive, and they are still in it. Try again.',
    at: groupErrors,
    again,
  })
  const send = async () => {
    if ((await change.send({ groupId: g.id, removeUserIds: [m.id] }))?.is === 'done') onClose()
  }
  return (
    <Confirm title={`Remove “${m.name}” from “${g.name}”?`} act="Remove from the group" change={change} onAct={() => void send()} onClose={onClose}>
      <bdi>{m.name}</bdi> has no longer what being in this group gives. They stay a person here, with all else of theirs.
    </Confirm>
  )
}

/** What ends with a group, before it ends. */
export function endsWithGroup(g: GroupRow): string {
  const members = g.memberCount === null ? 'Who is in it is in it no more' : g.memberCount === 0 ? 'Nobody is in it' : `${count(g.memberCount, 'person').replace(/persons$/, 'people')} ${g.memberCount === 1 ? 'is' : 'are'} in it no more`
  return `${members}.`
}

/** What a group answers for, which is read first. */
function Answers({ id }: { id: string }) {
  const [owned, setOwned] = useState<Owned | Trouble | null>(null)
  const look = useCallback(async () => setOwned(await readGroupEnds(id)), [id])
  useEffect(() => void look(), [look])
  if (owned === null) return <Loading rows={1} />
  if ('kind' in owned) return <Failure what="What it answers for could not be read" trouble={owned} again={() => void look()} />
  return (
    <Text mb="sm" c={owned.aloneCount > 0 ? 'wait' : undefined}>
      <bdi>{ownedWords('It answers for', owned)}</bdi>
    </Text>
  )
}

/** Asks before a group ends, and says what ends with it. */
export function Delete({ group: g, again, onClose, onDeleted }: Props & { onDeleted: () => void }) {
  const change = useChange(DeleteGroup, {
    holds: () => holdsOfGroup(g.id, (is) => is === null),
    notDone: 'This did not arrive, and the group is still there. Try again.',
    at: groupErrors,
    again: (outcome) => (outcome.is === 'done' ? undefined : again()), // what is gone is not read
  })
  const send = async () => {
    if ((await change.send({ groupId: g.id, expectedVersion: g.version }))?.is === 'done') onDeleted()
  }
  return (
    <Confirm title={`Delete “${g.name}”?`} act={g.name.length <= 30 ? `Delete ${g.name}` : 'Delete this group'} name={g.name} change={change} onAct={() => void send()} onClose={onClose}>
      <Text mb="sm">{endsWithGroup(g)}</Text>
      <Answers id={g.id} />
      <Breaks id={g.id} />
      {g.source !== 'LOCAL' && <Text mb="sm">{g.source === 'SCIM' ? 'The directory’s next attempt makes a new one: end it there as well.' : 'The next sign-in that names it makes a new one.'}</Text>}
      <Text mb="sm" c="dimmed">
        Its history stays. This can’t be undone.
      </Text>
    </Confirm>
  )
}
