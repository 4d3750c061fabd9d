import { Badge, Group, Text, Title } from '@mantine/core'
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
  again: () => unknown
  /** Ends all of somebody else's; without it they are one's own, and all others can be ended. */
  onEndAll?: () => void
}

/** Where somebody is signed in; each can be ended, and all at once. */
export function Sessions({ sessions, again, onEndAll }: Props) {
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
          <ActButton variant="outline" color="bad" off={!live} onClick={onEndAll ?? (() => setEnding('others'))}>
            {onEndAll ? 'End all…' : 'End all others…'}
          </ActButton>
        )}
      </Group>
      {sessions.length === 0 ? (
        <Text px="md" pb="md" c="dimmed">
          {onEndAll ? 'They are' : 'You are'} signed in nowhere.
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
      {ending === 'others' && <EndOthers count={others.length} again={again} onClose={() => setEnding(null)} />}
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

function EndOthers({ count, again, onClose }: { count: number; again: () => unknown; onClose: () => void }) {
  const change = useChange(EndSessions, { holds: async () => false, notDone: 'The answer was lost. Press again: to end them twice does no harm.', at: formErrors, again })
  const end = async () => {
    if ((await change.send({ exceptCurrent: true }))?.is === 'done') onClose()
  }
  return (
    <Confirm title="End your other sessions?" act="End the others" change={change} onAct={() => void end()} onClose={onClose}>
      <Text>Ends {counted(count, 'session')}, but not this one: whoever is signed in there has to sign in again. Tokens stay.</Text>
    </Confirm>
  )
}
