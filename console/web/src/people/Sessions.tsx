import { Badge, Group, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useChange } from '../api/change.ts'
import { useConnection } from '../api/connection.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Confirm } from '../ui/Confirm.tsx'
import { Left, Time } from '../ui/Time.tsx'
import { EndSession, EndSessions, isGone, type SessionRow } from './operations.ts'
import classes from './people.module.css'
import { counted, formErrors } from './rules.ts'

type Props = {
  sessions: readonly SessionRow[]
  /** Whose they are: "Your", or a person's name; their ID. */
  whose: { id: string; name: string | null }
  again: () => unknown
}

/** Where somebody is signed in; each can be ended, and all but this one. */
export function Sessions({ sessions, whose, again }: Props) {
  const { live } = useConnection()
  const [ending, setEnding] = useState<SessionRow | 'others' | null>(null)
  const others = sessions.filter((s) => !s.current)
  return (
    <section className="card" aria-labelledby="sessions">
      <Group p="md" justify="space-between">
        <Title order={2} id="sessions">
          Sessions
        </Title>
        {others.length > 0 && (
          <ActButton variant="outline" color="bad" off={!live} onClick={() => setEnding('others')}>
            {others.length < sessions.length ? 'End all others…' : 'End all…'}
          </ActButton>
        )}
      </Group>
      {sessions.length === 0 ? (
        <Text px="md" pb="md" c="dimmed">
          {whose.name === null ? 'You are' : 'They are'} signed in nowhere.
        </Text>
      ) : (
        <ul className={classes['list']}>
          {sessions.map((s) => (
            <li key={s.id} className={classes['row']}>
              <div className={classes['main']}>
                <Group gap="sm">
                  <Text span>
                    Signed in <Time at={s.createdAt} />
                  </Text>
                  {s.current && (
                    <Badge variant="light" color="good" tt="none" radius="xl">
                      This session
                    </Badge>
                  )}
                </Group>
                <Text size="sm" c="dimmed">
                  Last used <Time at={s.lastSeenAt} /> · <Left until={s.expiresAt} /> without use
                </Text>
              </div>
              <ActButton variant="default" off={!live} onClick={() => setEnding(s)} aria-label={`End the session that began ${new Date(s.createdAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`}>
                End…
              </ActButton>
            </li>
          ))}
        </ul>
      )}
      {ending === 'others' && <EndOthers whose={whose} count={others.length} all={others.length === sessions.length} again={again} onClose={() => setEnding(null)} />}
      {ending !== null && ending !== 'others' && <EndOne session={ending} again={again} onClose={() => setEnding(null)} />}
    </section>
  )
}

function EndOne({ session: s, again, onClose }: { session: SessionRow; again: () => unknown; onClose: () => void }) {
  const change = useChange(EndSession, { holds: () => isGone(s.id), notDone: 'This did not arrive, and the session goes on. Try again.', at: formErrors, again: (o) => (s.current && o.is === 'done' ? undefined : again()) })
  const end = async () => {
    if ((await change.send({ sessionId: s.id }))?.is !== 'done') return
    if (s.current) location.assign('/signin')
    else onClose()
  }
  return (
    <Confirm title="End this session?" act="End the session" change={change} onAct={() => void end()} onClose={onClose}>
      {s.current ? (
        <Text>This is the session in which you are now: you are signed out.</Text>
      ) : (
        <Text>
          Whoever is signed in there since <Time at={s.createdAt} /> has to sign in again.
        </Text>
      )}
    </Confirm>
  )
}

function EndOthers({ whose, count, all, again, onClose }: { whose: Props['whose']; count: number; all: boolean; again: () => unknown; onClose: () => void }) {
  const change = useChange(EndSessions, { holds: async () => false, notDone: 'The answer was lost. Press again: to end them twice does no harm.', at: formErrors, again })
  const end = async () => {
    if ((await change.send({ userId: whose.id, exceptCurrent: true }))?.is === 'done') onClose()
  }
  return (
    <Confirm title={whose.name === null ? 'End your other sessions?' : `End the sessions of “${whose.name}”?`} act={all ? 'End the sessions' : 'End the others'} change={change} onAct={() => void end()} onClose={onClose}>
      <Stack gap="xs">
        <Text>
          Ends {counted(count, 'session')}
          {all ? '' : ', but not this one'}: whoever is signed in there has to sign in again. Tokens stay.
        </Text>
      </Stack>
    </Confirm>
  )
}
