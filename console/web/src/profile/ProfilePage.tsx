import { Group, Stack, Text, Title } from '@mantine/core'
import { lazy, Suspense, useRef, useState } from 'react'
import { useConnection } from '../api/connection.ts'
import { useLive } from '../api/live.ts'
import { useRead } from '../api/read.ts'
import { trouble } from '../api/trouble.ts'
import { Links } from '../people/Links.tsx'
import classes from '../people/people.module.css'
import { roleWords } from '../people/rules.ts'
import { Sessions } from '../people/Sessions.tsx'
import { Tokens } from '../people/Tokens.tsx'
import { useOffer } from '../shell/acts.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Awaited, Failure } from '../ui/state.tsx'
import { useTitle } from '../ui/title.ts'
import { useViewer } from '../viewer.ts'
import { ReadProfile } from './operations.ts'
import { Settings } from './Settings.tsx'

const PasswordForm = lazy(async () => ({ default: (await import('./PasswordForm.tsx')).PasswordForm }))

/** What is the viewer's own: password, sessions, tokens, Slack link and settings. */
export function ProfilePage() {
  const viewer = useViewer()
  const { live } = useConnection()
  const [changing, setChanging] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const [{ data, error }, read] = useRead({ query: ReadProfile, variables: { me: viewer.id } })
  const again = () => read({ requestPolicy: 'network-only' })
  useLive((heard) => heard === 'again' && again())
  useTitle('My profile')
  const wrong = trouble(error)
  const u = data?.viewer?.user
  useOffer(u && !u.federated ? [{ label: 'Change your password', run: () => setChanging(true) }] : [])
  if (!u) return <Awaited title="My profile" wrong={wrong} what="Your profile could not be read" again={again} />
  const sessions = u.sessions?.nodes ?? []
  return (
    <Stack gap="lg">
      <div>
        <Title order={1}>My profile</Title>
        <Text c="dimmed">
          <bdi>{u.name}</bdi> · <bdi>{u.email}</bdi> · {roleWords[u.role]}
        </Text>
      </div>
      {wrong && <Failure what="This could not be read again" trouble={wrong} again={again} />}
      <div className={classes['columns']}>
        <Stack gap="lg" miw={0}>
          <Sessions sessions={sessions} again={again} />
          <div className="card">
            <Tokens tokens={u.tokens?.nodes ?? []} owner={{ kind: 'self' }} again={again} />
          </div>
          <Links
            links={data?.slackLinks?.nodes ?? []}
            none={
              <>
                No Slack account is yours. Type <span className="mono">/procyon login</span> in Slack to link one.
              </>
            }
            again={again}
          />
        </Stack>
        <Stack gap="lg">
          <Settings zone={u.timeZone} />
          <section className="card" aria-labelledby="password">
            <Stack p="md" gap="sm">
              <Title order={2} id="password">
                Password
              </Title>
              <Text size="sm" c="dimmed">
                {u.federated ? 'You sign in through the identity provider, and change your password there.' : 'To change it ends all of your sessions, also this one.'}
              </Text>
              {!u.federated && (
                <Group>
                  <ActButton ref={button} variant="default" off={!live} onClick={() => setChanging(true)}>
                    Change password…
                  </ActButton>
                </Group>
              )}
            </Stack>
          </section>
        </Stack>
      </div>
      <Suspense>
        {changing && (
          <PasswordForm
            sessions={sessions.length}
            onClose={() => {
              setChanging(false)
              setTimeout(() => button.current?.focus())
            }}
          />
        )}
      </Suspense>
    </Stack>
  )
}
