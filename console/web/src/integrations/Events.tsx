import { Button, Checkbox, Group, Stack, Text, Title } from '@mantine/core'
import { useChange } from '../api/change.ts'
import { useConnection } from '../api/connection.ts'
import { useDraft } from '../api/draft.ts'
import { cantBeReached } from '../api/trouble.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Standing } from '../ui/Standing.tsx'
import { events as words, eventTypes, type EventType } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'
import { readIntegration, UpdateIntegration, type IntegrationDetail } from './operations.ts'
import { formErrors } from './rules.ts'

const about: Record<EventType, string> = {
  CREATED: 'Somebody asks for access.',
  UPDATED: 'The requester changes what they ask for.',
  REVIEWED: 'An approver says something that does not decide it yet.',
  APPROVED: 'An approver allows it.',
  DENIED: 'An approver denies it.',
  CANCELED: 'The requester cancels it, or what it rests on is gone.',
  TIMED_OUT: 'Nobody decides in time.',
  ACTIVATED: 'The access comes into force.',
  POLICY_CHANGED: 'What governs it changed, and others decide it now.',
  REMINDED: 'It still waits, and those who can decide are reminded, where a policy says so.',
  ESCALATED: 'It has waited so long that more people can decide it, where a policy says so.',
  EXTENSION_REQUESTED: 'The requester asks for more time.',
  EXTENDED: 'More time is given.',
  EXTENSION_DENIED: 'More time is refused; the access stays until its end.',
  EXPIRED: 'The access runs out.',
  CLOSED: 'The requester gives the access back.',
  REVOKED: 'Somebody revokes the access.',
  FAILED: 'The access could not be set up.',
}

/** Which events an integration hears of. */
export function Events({ integration: i, again }: { integration: IntegrationDetail; again: () => void }) {
  const viewer = useViewer()
  const { live } = useConnection()
  // What differs from what is, so that what somebody else changes meanwhile stays.
  const { values: draft, set, drop } = useDraft<{ on: string[]; off: string[] }>(viewer.id, `events.${i.id}`, { on: [], off: [] })
  const chosen = eventTypes.filter((t) => draft.on.includes(t) || (i.events.includes(t) && !draft.off.includes(t)))
  const unchanged = eventTypes.every((t) => chosen.includes(t) === i.events.includes(t))
  const change = useChange(UpdateIntegration, {
    holds: async (input) => {
      const is = await readIntegration(i.id)
      return is === undefined ? undefined : is !== null && is.events.length === input.events?.length && is.events.every((e) => input.events?.includes(e))
    },
    notDone: 'This did not arrive, and the events are as before. Press Update again.',
    at: formErrors,
    again,
  })
  const { wrong, busy } = change
  const toggle = (t: EventType, on: boolean) => {
    change.say({})
    const was = i.events.includes(t)
    set({ on: on && !was ? [...draft.on, t] : draft.on.filter((o) => o !== t), off: !on && was ? [...draft.off, t] : draft.off.filter((o) => o !== t) })
  }
  async function update() {
    if (chosen.length === 0) {
      change.say({ events: 'Choose at least one event, or disable the integration.' })
      return
    }
    if ((await change.send({ integrationId: i.id, events: [...chosen] }))?.is === 'done') drop()
  }
  return (
    <section className="card" aria-labelledby="events">
      <form
        onSubmit={(e) => {
          e.preventDefault()
          if (!busy && live && !unchanged) void update()
        }}
      >
        <Stack p="md" gap="md">
          <div>
            <Title order={2} id="events">
              Events
            </Title>
            <Text size="sm" c="dimmed">
              What happens to a request, and is told to this integration.
            </Text>
          </div>
          <Stack gap={0} role="group" aria-labelledby="events">
            {eventTypes.map((t) => (
              <Checkbox key={t} size="md" py={8} label={words[t]} description={about[t]} checked={chosen.includes(t)} onChange={(e) => toggle(t, e.currentTarget.checked)} />
            ))}
          </Stack>
          {wrong['events'] && (
            <Text role="alert" c="bad">
              {wrong['events']}
            </Text>
          )}
          <Standing of={change} />
          <Group>
            <ActButton type="submit" busy={busy} off={!live || unchanged}>
              Update
            </ActButton>
            {!unchanged && (
              <Button variant="default" onClick={drop} disabled={busy}>
                Go back
              </Button>
            )}
            <Text size="sm" c="dimmed">
              {!live ? cantBeReached : unchanged ? 'Nothing is changed yet.' : ''}
            </Text>
          </Group>
        </Stack>
      </form>
    </section>
  )
}
