import { IconGavel } from '@tabler/icons-react'
import { memo } from 'react'
import { StatusBadge } from '../ui/Status.tsx'
import { brief, exact, useNow } from '../ui/now.ts'
import type { ListRow } from './follow.ts'
import classes from './ListPage.module.css'
import { asks, what } from './terms.ts'

export type RowActs = {
  /** Opens the request's decision. */
  decide: (id: string, act: 'approve' | 'deny') => void
  /** Opens the request: beside the list, or on its page. */
  show: (id: string) => void
}

/** As Time, with the exact time over it by style alone. */
function Age({ at }: { at: string }) {
  const here = useNow()
  const ms = Date.parse(at)
  return (
    <time dateTime={at} tabIndex={0} data-exact={exact(ms)} className={classes['time']}>
      {brief(ms, here)}
    </time>
  )
}

/** One request of the list: a line, or two where there is little room. */
export const Row = memo(function Row({ r, room, decidable, acts, off, onFocus }: { r: ListRow; room: 'line' | 'two lines' | 'tight'; decidable: boolean; acts: RowActs; off: boolean; onFocus: (id: string) => void }) {
  const thing = what(r.items)
  const asked = asks(r)
  // Plain elements, the buttons as well: a fast scroll makes a hundred of these a second, and
  // twenty are in the way of the first row that is seen.
  const link = (
    <a
      href={`/requests/${r.id}`}
      className={`${classes['what']} ${classes['cut']}`}
      data-row={r.id}
      onFocus={() => onFocus(r.id)}
      onClick={(e) => {
        if (e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return
        e.preventDefault()
        acts.show(r.id)
      }}
    >
      <bdi>{thing}</bdi>
    </a>
  )
  const reason = (
    <>
      “<bdi>{asked.reason}</bdi>”
    </>
  )
  const age = (
    <span className={classes['age']}>
      <Age at={r.createdAt} />
    </span>
  )
  const buttons = (
    <div className={classes['acts']}>
      <button type="button" className={`${classes['act']} ${classes['yes']}`} disabled={off} onClick={() => acts.decide(r.id, 'approve')} aria-label={`Approve ${thing} for ${r.requester.name}…`}>
        Approve…
      </button>
      <button type="button" className={`${classes['act']} ${classes['no']}`} disabled={off} onClick={() => acts.decide(r.id, 'deny')} aria-label={`Deny ${thing} for ${r.requester.name}…`}>
        Deny…
      </button>
    </div>
  )
  if (room !== 'line') {
    return (
      <>
        <div className={classes['line']}>
          <StatusBadge status={r.status} />
          <span className={classes['cut']}>
            <bdi>{r.requester.name}</bdi>
          </span>
          {room !== 'tight' && age}
        </div>
        <div className={classes['line']} data-tight={room === 'tight' || undefined}>
          {link}
          {room === 'tight' && age}
          <span className={`${classes['cut']} ${classes['small']} quiet`}>
            {asked.length}, {reason}
          </span>
        </div>
        {r.viewerCanReview &&
          (room === 'tight' ? (
            <div className={classes['acts']}>
              <button type="button" className={`${classes['act']} ${classes['yes']} ${classes['icon']}`} disabled={off} onClick={() => acts.decide(r.id, 'approve')} aria-label={`Decide about ${thing} for ${r.requester.name}…`}>
                <IconGavel size={20} aria-hidden />
              </button>
            </div>
          ) : (
            buttons
          ))}
      </>
    )
  }
  return (
    <>
      <div>
        <StatusBadge status={r.status} />
      </div>
      <span className={classes['cut']}>
        <bdi>{r.requester.name}</bdi>
      </span>
      {link}
      <span className={`${classes['cut']} ${classes['small']}`}>
        {asked.length}
      </span>
      <span className={`${classes['cut']} ${classes['small']} quiet`}>{reason}</span>
      {age}
      {decidable && r.viewerCanReview && buttons}
    </>
  )
})
