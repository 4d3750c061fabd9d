import { TagsInput } from '@mantine/core'
import { useState } from 'react'
import { useChange } from '../api/change.ts'
import { fieldErrors } from '../api/trouble.ts'
import { WhoSelect, type Who } from '../people/WhoSelect.tsx'
import { Form } from '../ui/Form.tsx'
import { useRefused } from '../ui/useRefused.ts'
import { readKept, SetOwners, SetTags, tagOf, written, type Kept } from './kept.ts'
import type { Item } from './operations.ts'

type Props = { item: Item; kept: Kept; again: () => Promise<void>; onClose: () => void }

const mostOwners = 20
const mostTags = 50

async function holds(id: string, f: (is: Kept) => boolean): Promise<boolean | undefined> {
  const is = await readKept(id)
  return 'kind' in is ? undefined : f(is)
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((x) => b.includes(x))

/** Says who answers for something of the catalog. */
export function Owners({ item, kept, again, onClose }: Props) {
  const [seen] = useState(kept.version) // that of what stands in the form
  const [chosen, setChosen] = useState<readonly Who[]>(kept.owners.map((o) => ({ id: o.ownerId, name: o.name, email: '' })))
  const change = useChange(SetOwners, {
    holds: ({ ownerIds }) => holds(item.id, (is) => same(is.owners.map((o) => o.ownerId), ownerIds)),
    notDone: 'This did not arrive, and the owners are as before. Send it again.',
    at: (errors) => fieldErrors(errors, (path) => (path[0] === 'ownerIds' ? 'who' : undefined)),
    again,
  })
  const field = useRefused(change.wrong['who'])
  const of = item.__typename === 'Resource' ? { resourceId: item.id } : item.__typename === 'Account' ? { accountId: item.id } : { gatewayId: item.id }
  const send = async () => {
    if ((await change.send({ ...of, ownerIds: chosen.map((w) => w.id), expectedVersion: seen }))?.is === 'done') onClose()
  }
  return (
    <Form title={`Owners of “${item.name}”`} act="Save" change={change} onSend={() => void send()} onClose={onClose}>
      <WhoSelect
        ref={field}
        groups
        label="Owners"
        description={`People and groups that answer for it, at most ${mostOwners}. Left empty: nobody.`}
        most={mostOwners}
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

/** Says what a resource is marked with. */
export function Tags({ item, kept, again, onClose }: Props) {
  const [seen] = useState(kept.version)
  const [tags, setTags] = useState<string[]>((kept.tags ?? []).map(written))
  const change = useChange(SetTags, {
    holds: (input) => holds(item.id, (is) => same((is.tags ?? []).map(written), input.tags.map(written))),
    notDone: 'This did not arrive, and the tags are as before. Send it again.',
    at: (errors) => fieldErrors(errors, (path) => (path[0]?.startsWith('tags') ? 'tags' : undefined)),
    again,
  })
  const field = useRefused(change.wrong['tags'])
  const send = async () => {
    if ((await change.send({ resourceId: item.id, tags: tags.map(tagOf), expectedVersion: seen }))?.is === 'done') onClose()
  }
  return (
    <Form title={`Tags of “${item.name}”`} act="Save" change={change} onSend={() => void send()} onClose={onClose}>
      <TagsInput
        ref={field}
        label="Tags"
        description={`A key, or key=value, each confirmed by Enter: at most ${mostTags}.`}
        splitChars={[]} // a value may have a comma
        maxTags={mostTags}
        value={tags}
        onChange={(value) => {
          setTags(value)
          change.say({})
        }}
        error={change.wrong['tags']}
        data-autofocus
      />
    </Form>
  )
}
