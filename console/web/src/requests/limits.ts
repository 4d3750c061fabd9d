import { choices } from '../ui/duration.ts'

/** What is allowed of requests and decisions. */
export type Limits = { minDuration: string; maxDuration: string; minReasonLength: number; maxReasonLength: number }

/** What is wrong with a text that says why; null where nothing is. */
export function reasonError(text: string, limits: Pick<Limits, 'minReasonLength'>): string | null {
  if ([...text.trim()].length >= limits.minReasonLength) return null
  return limits.minReasonLength === 1 ? 'Say why.' : `Say why, in at least ${limits.minReasonLength} characters.`
}

/** What a select offers between least and most, and what it is set to. */
export const lengths = (least: number, most: number, chosen: number): number[] => [...new Set([...choices(least, most), chosen])].sort((a, b) => a - b)
