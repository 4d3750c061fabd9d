import { Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { Trouble } from '../api/trouble.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Link } from '../ui/Link.tsx'
import { Failure } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { count, listed } from '../ui/words.ts'
import { inputOf } from './edit.ts'
import { rehearse, type Rehearsed, type Rules } from './operations.ts'
import classes from './policies.module.css'

/** Says what the draft would have made of the newest requests. off: it can't be asked now. */
export function Rehearsal({ draft, off }: { draft: Rules; off: boolean }) {
  const [busy, setBusy] = useState(false)
  const [is, setIs] = useState<{ of: Rules; said: Rehearsed | Trouble } | null>(null)
  useEffect(() => setIs((was) => (was?.of === draft ? was : null)), [draft]) // which it was not said of
  const look = async () => {
    setBusy(true)
    const said = await rehearse(inputOf(draft))
    setBusy(false)
    setIs({ of: draft, said })
  }
  const said = is?.of === draft ? is.said : null
  return (
    <div>
      <ActButton variant="default" busy={busy} off={off} onClick={() => void look()}>
        Rehearse on the newest requests
      </ActButton>
      <div role="status">
        {said && ('kind' in said ? <Failure what="This could not be rehearsed" trouble={said} again={() => void look()} /> : <Shown of={said} />)}
      </div>
    </div>
  )
}

function Shown({ of: r }: { of: Rehearsed }) {
  return (
    <Stack gap="xs" mt="sm">
      <ul className={classes['changes']}>
        {rehearsalWords(r).map((w) => (
          <li key={w}>{w}</li>
        ))}
      </ul>
      {r.differing.length > 0 && (
        <ul className={classes['list']} aria-label="Requests that differ">
          {r.differing.map((d) => (
            <li key={d.requestId} className={classes['rehearsed']}>
              <Link to="/requests/$id" params={{ id: d.requestId }}>
                <bdi>{d.requesterName}</bdi>: <bdi>{listed(d.items, 'and', 5)}</bdi>
              </Link>
              <Text size="sm" c="dimmed" component="span">
                {' '}
                <Time at={d.askedAt} />
              </Text>
              <Text size="sm">
                <span className={classes['when']}>Now:</span> {d.before}
              </Text>
              <Text size="sm">
                <span className={classes['when']}>By the draft:</span> {d.after}
              </Text>
            </li>
          ))}
        </ul>
      )}
      {r.differingCount > r.differing.length && <Text c="dimmed">And {count(r.differingCount - r.differing.length, 'request')} more.</Text>}
    </Stack>
  )
}

/** What a rehearsal tells, in counts. */
export function rehearsalWords(r: Omit<Rehearsed, 'differing'>): string[] {
  if (r.requestCount === 0) return ['Nobody has asked for anything yet.']
  const out = [`Of the newest ${count(r.requestCount, 'request')} ${r.differingCount === 0 ? 'none' : r.differingCount} would be treated in another way.`]
  const tell = (n: number, what: string) => void (n > 0 && out.push(`${n} ${what}`))
  tell(r.refusedCount, 'would be refused.')
  tell(r.allowedCount, 'would no longer be refused.')
  tell(r.approvedAtOnceCount, 'would be approved at once, and by nobody.')
  tell(r.otherApproversCount, 'would be decided by other people, or by more or fewer of them.')
  tell(r.otherPolicyCount, 'would be under another policy.')
  tell(r.goneCount, `can’t be compared: who asked, or what for, is not there any more.`)
  return out
}
