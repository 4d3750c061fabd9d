import { counted, type Counts } from './counts.ts'
import classes from './Shell.module.css'

export type Page = { label: string; short?: string; count?: keyof Counts }

/** How much waits there; outside of the link's name, which stays the same. */
export function Count({ counts, of: { count } }: { counts: Counts; of: Page }) {
  const text = count && counted(counts[count])
  if (!text) return null
  return (
    <span className={classes['count']} data-of={count} aria-hidden>
      {text}
    </span>
  )
}
