import { Badge, Text, Title } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { useChange } from '../api/change.ts'
import { useConnection } from '../api/connection.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Confirm } from '../ui/Confirm.tsx'
import { Time } from '../ui/Time.tsx'
import { isGone, RemoveLink, type LinkRow } from './operations.ts'
import classes from './people.module.css'
import { formErrors } from './rules.ts'

/** The Slack accounts that are a person's; each can be removed. */
export function Links({ links, none, again }: { links: readonly LinkRow[]; none: ReactNode; again: () => unknown }) {
  const { live } = useConnection()
  const [removing, setRemoving] = useState<LinkRow | null>(null)
  return (
    <section className="card" aria-labelledby="slack">
      <Title order={2} id="slack" p="md">
        Slack
      </Title>
      {links.length === 0 ? (
        <Text px="md" pb="md" c="dimmed">
          {none}
        </Text>
      ) : (
        <ul className={classes['list']}>
          {links.map((l) => (
            <li key={l.id} className={classes['row']}>
              <div className={classes['main']}>
                <Text fw={600}>
                  <bdi>{l.slackName}</bdi> <span className="mono">{l.slackUserId}</span>{' '}
                  {l.status === 'WAITING' && (
                    <Badge variant="light" color="wait" tt="none" radius="xl">
                      Waits for an administrator
                    </Badge>
                  )}
                </Text>
                <Text size="sm" c="dimmed">
                  In <bdi>{l.workspace.name}</bdi>, since <Time at={l.createdAt} />
                  {l.waitsBecause === 'EMAIL_DIFFERS' && ' · Slack has another e-mail address'}
                  {l.waitsBecause === 'EMAIL_HIDDEN' && ' · Slack told no e-mail address'}
                </Text>
              </div>
              <ActButton variant="default" off={!live} onClick={() => setRemoving(l)} aria-label={`Remove the link of ${l.slackName} in ${l.workspace.name}`}>
                Remove…
              </ActButton>
            </li>
          ))}
        </ul>
      )}
      {removing && <Remove link={removing} again={again} onClose={() => setRemoving(null)} />}
    </section>
  )
}

function Remove({ link: l, again, onClose }: { link: LinkRow; again: () => unknown; onClose: () => void }) {
  const change = useChange(RemoveLink, { holds: () => isGone(l.id), notDone: 'This did not arrive, and the link is still there. Try again.', at: formErrors, again })
  const remove = async () => {
    if ((await change.send({ linkId: l.id }))?.is === 'done') onClose()
  }
  return (
    <Confirm title={`Remove the link of “${l.slackName}”?`} act="Remove the link" change={change} onAct={() => void remove()} onClose={onClose}>
      <Text>
        Whoever uses the Slack account <bdi>{l.slackName}</bdi> in <bdi>{l.workspace.name}</bdi> can’t ask or decide there any more, until they link it again with <span className="mono">/procyon login</span>.
      </Text>
    </Confirm>
  )
}
