import { useSyncExternalStore } from 'react'
import { now } from '../api/clock.ts'
import { short } from './duration.ts'
import { dayOf, local, pad } from './zone.ts'

// One tick for all times on the page, so that they change together.
const listeners = new Set<() => void>()
let tick = now()
let timer: ReturnType<typeof setInterval> | undefined

function onTick(f: () => void): () => void {
  listeners.add(f)
  timer ??= setInterval(() => {
    tick = now()
    for (const g of listeners) g()
  }, 10_000)
  return () => {
    listeners.delete(f)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

/** The server's time, to ten seconds. */
export const useNow = (): number => useSyncExternalStore(onTick, latest)

// Where no tick came for a while, since nothing was shown or the tab slept, the next look is
// one. It says the same for ten seconds then: a store that changes by being read never rests.
function latest(): number {
  const at = now()
  if (at - tick > 10_000) tick = at
  return tick
}

/** Has all times on the page be drawn anew: the viewer's clock is another one. */
export function redraw(): void {
  tick = tick === now() ? tick + 1 : now()
  for (const f of listeners) f()
}

export const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** "27 Nov, 20:22" in the viewer's zone, with the year where it is another. */
export function moment(ms: number, at: number): string {
  const l = local(ms)
  const year = l.year === local(at).year ? '' : ` ${l.year}`
  return `${l.day} ${months[l.month - 1]}${year}, ${pad(l.hour)}:${pad(l.minute)}`
}

/** "23:10", or with the day where that is another. */
export function clock(ms: number, at: number): string {
  const l = local(ms)
  return dayOf(ms) === dayOf(at) ? `${pad(l.hour)}:${pad(l.minute)}` : moment(ms, at)
}

/** "12 min ago", "in 5 min" within a day, else the moment. */
export function relative(ms: number, at: number): string {
  const away = Math.abs(ms - at) / 1000
  if (away >= 86_400) return moment(ms, at)
  // The tick is up to ten seconds behind: what has just happened is not to come.
  if (away < 60) return ms - at > 10_000 ? 'in less than a minute' : 'just now'
  const length = short(Math.floor(away / 60) * 60)
  return ms > at ? `in ${length}` : `${length} ago`
}

/** As relative, in as few words as a row has room for: "3 h ago". */
export function brief(ms: number, at: number): string {
  const away = at - ms
  return away >= 3_600_000 && away < 86_400_000 ? `${Math.floor(away / 3_600_000)} h ago` : relative(ms, at)
}

/** "2026-11-27 20:22:05 UTC". */
export const exact = (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace(/\.\d+Z$/, ' UTC')
