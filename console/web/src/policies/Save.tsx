import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useChange } from '../api/change.ts'
import { useConnection } from '../api/connection.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Standing } from '../ui/Standing.tsx'
import { byWhom } from '../ui/words.ts'
import { inputOf, same } from './edit.ts'
import { Rehearsal } from './Rehearsal.tsx'
import { readPolicies, SetPolicies, type InForce, type Rules } from './operations.ts'

type Props = {
  draft: Rules & { version: number }
  inForce: InForce
  /** Why it can't be saved; null where it can. */
  off: string | null
  /** Reads anew what is in force. */
  again: () => Promise<void>
  /** Takes the draft as one of what is in force now. */
  onRebase: () => void
  onDrop: () => void
}

/** The draft's bar: saves all of it in one change, or drops it. Where somebody else changed what is in force, it says who, and keeps the draft. */
export function Save({ draft, inForce, off, again, onRebase, onDrop }: Props) {
  const { live } = useConnection()
  const change = useChange(SetPolicies, {
    holds: async ({ expectedVersion }) => {
      const is = await readPolicies()
      return 'kind' in is ? undefined : is.version > expectedVersion && same(is, draft)
    },
    notDone: 'This did not arrive, and nothing was changed. Save it again.',
    at: (errors) => ({ '': errors.map((e) => e.message).join(' ') }),
    again,
  })
  const stale = inForce.version !== draft.version
  const busy = change.standing !== 'idle'
  async function send() {
    if ((await change.send({ expectedVersion: draft.version, set: inputOf(draft) }))?.is === 'done') onDrop()
  }
  return (
    <section className="card" aria-labelledby="draft">
      <Stack p="md" gap="sm">
        <Text id="draft" fw={600}>
          Your draft is not in force yet
        </Text>
        {stale && !busy ? (
          <Alert color="wait" variant="light" role="alert" title={`${inForce.changedBy ? byWhom(inForce.changedBy) : 'Somebody'} changed the policies meanwhile`}>
            Version {inForce.version} is in force; your draft began at version {draft.version}. What you see below is your draft: saved as it is, it takes the place of their change.
            <Group mt="sm">
              <Button variant="default" onClick={onRebase}>
                Keep my draft
              </Button>
              <Button variant="default" onClick={onDrop}>
                Drop it and see theirs
              </Button>
            </Group>
          </Alert>
        ) : (
          <>
            <Standing of={change} />
            {off && (
              <Text size="sm" c="dimmed">
                {off}
              </Text>
            )}
            <Group>
              <ActButton busy={busy} off={!live || off !== null} onClick={() => void send()}>
                Save all changes
              </ActButton>
              <Button variant="default" disabled={busy} onClick={onDrop}>
                Drop the draft
              </Button>
            </Group>
            <Rehearsal draft={draft} off={!live || off !== null || busy} />
          </>
        )}
      </Stack>
    </section>
  )
}
