// Reads what addresses hold. What means nothing there is left out, whatever was typed.

/** A text of at most so many characters. The router reads "?words=123" as a number. */
export const text = (v: unknown, most = 200): string | undefined => (typeof v === 'string' || typeof v === 'number' ? String(v).trim().slice(0, most) : '') || undefined

/** One of these words. */
export const one = <T extends string>(v: unknown, of: readonly T[]): T | undefined => of.find((o) => o === v)

/** An ID, of one of these kinds where some are given: `id(v, 'acc', 'res')`. */
export function id(v: unknown, ...kinds: string[]): string | undefined {
  const s = text(v, 101)
  const [, kind] = /^([a-z]{2,20})_[\w-]{1,80}$/i.exec(s ?? '') ?? []
  return kind !== undefined && (kinds.length === 0 || kinds.includes(kind)) ? s : undefined
}

/** A day since 1970, "2026-11-27". */
export function day(v: unknown): string | undefined {
  const s = text(v, 10)
  if (s === undefined || !/^\d{4}-\d\d-\d\d$/.test(s) || s < '1970-01-01') return undefined
  const at = new Date(`${s}T00:00:00Z`)
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== s ? undefined : s
}

/** A moment since 1970 in UTC, to the second or more exactly: "2026-11-27T20:22:05Z". */
export function moment(v: unknown): string | undefined {
  const s = text(v, 30)
  if (s === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(s) || s < '1970-01-01') return undefined
  return day(s.slice(0, 10)) === undefined || Number.isNaN(Date.parse(s)) ? undefined : s
}

/** The same without what is undefined. */
export const some = <T extends object>(o: { [K in keyof T]: T[K] | undefined }): T => Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as T
