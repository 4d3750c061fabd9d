import { one, some } from '../ui/search.ts'

/** How many days can be shown, today included. */
export const spans = ['7', '30', '90'] as const
export type Days = (typeof spans)[number]

/** What the address of the overview holds; 7 days are left out. */
export type Place = { days?: '30' | '90' }

// The router reads "?days=30" as a number.
export const readPlace = (s: Record<string, unknown>): Place => some<Place>({ days: one(String(s['days']), ['30', '90'] as const) })
