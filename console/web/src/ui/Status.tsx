import { IconAlertTriangle, IconArrowBackUp, IconBan, IconCheck, IconCircleFilled, IconClock, IconClockOff, IconDoorExit, IconHourglassOff, IconX } from '@tabler/icons-react'
import classes from './Status.module.css'
import { statuses, type Status } from './words.ts'

const icons = {
  PENDING: IconClock,
  APPROVED: IconCheck,
  ACTIVE: IconCircleFilled,
  EXPIRED: IconHourglassOff,
  CLOSED: IconDoorExit,
  REVOKED: IconBan,
  DENIED: IconX,
  CANCELED: IconArrowBackUp,
  TIMED_OUT: IconClockOff,
  FAILED: IconAlertTriangle,
} satisfies Record<Status, unknown>

/** A status as a pill: icon and word, so that colour is never the only difference. It is a plain element, for lists have many. */
export function StatusBadge({ status }: { status: Status }) {
  const { word, tone } = statuses[status]
  const Icon = icons[status]
  return (
    <span className={`${classes['pill']} ${classes[tone]}`}>
      <Icon size={status === 'ACTIVE' ? 8 : 14} aria-hidden />
      {word}
    </span>
  )
}
