import { some } from '../ui/search.ts'

/** How many days can be shown, today included. */
export const spans = [7, 30, 90] as const
export type Days = (typeof spans)[number]

/** What the address of the overview holds; 7 days are left out. */
export type Place = { days?: 30 | 90 }

export const readPlace = (s: Record<string, unknown>): Place => some<Place>({ days: ([30, 90] as const).find((n) => String(n) === String(s['days'])) })
