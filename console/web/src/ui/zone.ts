// The clock by which the viewer sees times: their device's, or that of the zone that they
// chose in My profile. All that shows a time or reads one from a form asks here.

/** What a clock and a calendar show; months count from 1. */
export type Local = { year: number; month: number; day: number; hour: number; minute: number; second: number }

let chosen: string | null = null
let clock: Intl.DateTimeFormat | null = null // of the chosen zone; made only where there is one, for that takes a while

/** Goes by another zone from now on; null, and one that this browser does not know, is the device's. */
export function chooseZone(zone: string | null): void {
  chosen = null
  clock = null
  if (zone === null) return
  try {
    clock = new Intl.DateTimeFormat('en', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' })
    chosen = zone
  } catch {
    // The device's is better than no time at all.
  }
}

// This browser remembers it, for the first page asks for its days before it is read whose it is.
const stored = 'procyon.zone'

function remembered(): string | null {
  try {
    return localStorage.getItem(stored)
  } catch {
    return null
  }
}

/** Goes by a zone from now on, and after a reload; whether that was another one than is remembered. */
export function keepZone(zone: string | null): boolean {
  chooseZone(zone)
  if (remembered() === zone) return false
  try {
    if (zone === null) localStorage.removeItem(stored)
    else localStorage.setItem(stored, zone)
  } catch {
    return false // it can't be remembered here
  }
  return remembered() === zone
}

/** Goes by the zone that was remembered. */
export const recallZone = (): void => chooseZone(remembered())

/** The device's own zone, "Europe/Berlin". */
export const deviceZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

/** The zone that times are shown in. */
export const zoneName = (): string => chosen ?? deviceZone()

/** Whether that is the device's, whatever was chosen. */
export const byDevice = (): boolean => clock === null

/** What the viewer's clock shows at a moment. */
export function local(ms: number): Local {
  if (clock) {
    const of: Record<string, number> = {}
    for (const { type, value } of clock.formatToParts(ms)) of[type] = Number(value)
    return { year: of['year']!, month: of['month']!, day: of['day']!, hour: of['hour']!, minute: of['minute']!, second: of['second']! }
  }
  const d = new Date(ms)
  return { year: d.getFullYear(), month: d.getMonth() + 1, day: d.getDate(), hour: d.getHours(), minute: d.getMinutes(), second: d.getSeconds() }
}

const asUTC = (l: Local) => Date.UTC(l.year, l.month - 1, l.day, l.hour, l.minute, l.second)

const day = 86_400_000

/**
 * The moment at which the viewer's clock shows this. Where it does so twice, since clocks are
 * put back, it is the first; where it never does, it is as much later as they are put on.
 */
export function momentOf(l: Local): number {
  if (!clock) return new Date(l.year, l.month - 1, l.day, l.hour, l.minute, l.second).getTime()
  const shown = asUTC(l)
  const [before, after] = [shown - day, shown + day].map((at) => shown - (asUTC(local(at)) - Math.floor(at / 1000) * 1000)) as [number, number]
  const right = [before, after].filter((at) => asUTC(local(at)) === shown)
  return right.length > 0 ? Math.min(...right) : before
}

export const pad = (n: number): string => String(n).padStart(2, '0')

/** The day of a moment, "2026-11-27". */
export function dayOf(ms: number): string {
  const l = local(ms)
  return `${l.year}-${pad(l.month)}-${pad(l.day)}`
}

/** The beginning of a day, or of one so many days later. */
export function dayStart(of: string, later = 0): Date {
  const [year, month, day] = of.split('-').map(Number) as [number, number, number]
  return new Date(momentOf({ year, month, day: day + later, hour: 0, minute: 0, second: 0 }))
}
