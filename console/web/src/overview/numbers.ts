import { seconds, short } from '../ui/duration.ts'
import { grouped } from '../ui/words.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** "Fri, 27 Nov". */
export function dayWords(date: string): string {
  const [y, m, d] = date.split('-').map(Number) as [number, number, number]
  return `${weekdays[new Date(Date.UTC(y, m - 1, d)).getUTCDay()]}, ${d} ${months[m - 1]}`
}

/** How long decisions took, to two parts of it: "4 min", "1 h 30 min", "2 d 3 h"; "none" where there was none. */
export function tookWords(duration: string | null): string {
  if (duration === null) return 'none'
  const s = seconds(duration)
  if (s < 1) return 'under 1 s'
  const unit = s >= 86_400 ? 3600 : s >= 600 ? 60 : 1
  return short(Math.round(s / unit) * unit)
}

/** Up to a million are counted. */
export const upToMost = (n: number): string => (n >= 1_000_000 ? '1,000,000 or more' : grouped(n))

/** "99.2 %" of those that are over; 100 is said of all alone, and 0 of none. null where none is over. */
export function share(good: number, bad: number): string | null {
  const all = good + bad
  if (all === 0) return null
  const tenths = Math.floor((good / all) * 1000)
  const shown = bad > 0 ? Math.min(999, tenths) : 1000
  return `${good > 0 ? Math.max(1, shown) / 10 : 0} %`
}

/** The end of a scale that has room for most: a round number whose half is whole. */
export function scaleEnd(most: number): number {
  if (most <= 10) return [4, 6, 8, 10].find((n) => n >= most) ?? 10
  const power = 10 ** Math.floor(Math.log10(most))
  return [1, 2, 3, 4, 6, 8, 10].map((n) => n * power).find((n) => n >= most) ?? most
}

/** The names of the ages of what waits, in the order of the API. */
export const ages = ['under 15 min', '15 min to 1 h', '1 h to 4 h', 'over 4 h'] as const
