import { Text } from '@mantine/core'
import { useConnection } from '../api/connection.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Link } from '../ui/Link.tsx'
import { Time } from '../ui/Time.tsx'
import { eventOf, itemsOf, redeliverOff, useRedeliver } from './DeliveryDrawer.tsx'
import classes from './integrations.module.css'
import type { DeliveryDetail, IntegrationDetail } from './operations.ts'
import type { Place } from './search.ts'
import { StateBadge } from './StateBadge.tsx'

/** One delivery in a line, or in two where it is narrow. */
export function LogRow({ d, integration, narrow, link, onFocus, onChange }: { d: DeliveryDetail; integration: IntegrationDetail; narrow: boolean; link: (id: string) => Place; onFocus: () => void; onChange: (d: DeliveryDetail) => void }) {
  const { live } = useConnection()
  const { send, wrong, conflict, busy } = useRedeliver(d, onChange)
  const last = d.attempts.at(-1)
  const about = itemsOf(d)
  const code = last?.error ?? (last ? `ok${last.statusCode === null ? '' : `, HTTP ${last.statusCode}`}, ${last.tookMs.toLocaleString('en')} ms` : '')
  const said = wrong[''] ?? conflict ?? [`${d.attemptCount} ${d.attemptCount === 1 ? 'try' : 'tries'}`, code].filter(Boolean).join(', ')
  const what = (
    <Link to="/integrations/$id" params={{ id: integration.id }} search={link(d.id)} resetScroll={false} className={`${classes['what']} ${classes['cut']}`} data-row={d.id} onFocus={onFocus}>
      {eventOf(d)}
      {about && (
        <Text span fw={400}>
          {' · '}
          <bdi>{about}</bdi>
        </Text>
      )}
    </Link>
  )
  const error = (
    <span className={`${classes['first']} ${classes['small']} ${classes['error']}`} style={{ color: last && last.outcome !== 'DELIVERED' ? 'var(--bad)' : 'var(--quiet)' }}>
      <span className={classes['cut']} title={said}>
        {said}
      </span>
      {d.nextAttemptAt && last && (
        <span className={classes['next']}>
          next try <Time at={d.nextAttemptAt} />
        </span>
      )}
    </span>
  )
  const act =
    d.status === 'DEAD' && redeliverOff(d.status, integration.status, live) === null ? (
      <span className={classes['over']}>
        <ActButton size="compact-sm" h={36} variant="default" busy={busy} onClick={() => void send({ deliveryId: d.id })} aria-label={`Redeliver ${eventOf(d)}${about ? `, ${about}` : ''}`}>
          Redeliver
        </ActButton>
      </span>
    ) : null
  const age = (
    <span className={classes['age']}>
      <Time at={d.owedAt} />
    </span>
  )
  if (narrow) {
    return (
      <>
        <span className={classes['first']}>
          <StateBadge of={d.status} />
          {what}
        </span>
        {error}
        {act ?? <span className={classes['over']}>{age}</span>}
      </>
    )
  }
  return (
    <>
      <StateBadge of={d.status} />
      <span className={classes['cut']}>{what}</span>
      {error}
      {age}
      {act ?? <span />}
    </>
  )
}
