import { Tooltip } from '@mantine/core'
import { short } from './duration.ts'
import { clock, exact, moment, relative, useNow } from './now.ts'

/** A moment: relative or as a clock says it, with the exact time in UTC on hover and focus. */
export function Time({ at, as = 'relative' }: { at: string; as?: 'relative' | 'clock' | 'moment' }) {
  const here = useNow()
  const ms = Date.parse(at)
  const text = as === 'clock' ? clock(ms, here) : as === 'moment' ? moment(ms, here) : relative(ms, here)
  return (
    <Tooltip label={exact(ms)}>
      <time dateTime={at} tabIndex={0} style={{ whiteSpace: 'nowrap' }}>
        {text}
      </time>
    </Tooltip>
  )
}

/** How long it is until then: "47 min left"; "over" once it has passed. */
export function Left({ until }: { until: string }) {
  const away = (Date.parse(until) - useNow()) / 1000
  const text = away <= 0 ? 'over' : away < 60 ? 'less than a minute left' : `${short(Math.floor(away / 60) * 60)} left`
  return (
    <Tooltip label={exact(Date.parse(until))}>
      <time dateTime={until} tabIndex={0} style={{ whiteSpace: 'nowrap' }}>
        {text}
      </time>
    </Tooltip>
  )
}
