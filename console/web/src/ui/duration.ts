// Lengths of time: ISO 8601 as the API has them, and what people read. In seconds.

const iso = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/
const units = [
  ['week', 'w', 604_800],
  ['day', 'd', 86_400],
  ['hour', 'h', 3600],
  ['minute', 'min', 60],
  ['second', 's', 1],
] as const

/** The seconds of an ISO 8601 duration in weeks and smaller parts; NaN for anything else. */
export function seconds(text: string): number {
  const m = iso.exec(text)
  if (!m) return NaN
  return units.reduce((sum, [, , size], i) => sum + Number(m[i + 1] ?? 0) * size, 0)
}

export const toISO = (s: number): string => {
  const parts = [Math.floor(s / 3600), Math.floor((s % 3600) / 60), Math.floor(s % 60)]
  const text = parts.map((n, i) => (n > 0 ? `${n}${'HMS'[i]}` : '')).join('')
  return text === '' ? 'PT0S' : `PT${text}`
}

function parts(s: number): [number, (typeof units)[number]][] {
  const out: [number, (typeof units)[number]][] = []
  for (const u of units.slice(1)) {
    const n = Math.floor(s / u[2])
    if (n > 0) out.push([n, u])
    s -= n * u[2]
  }
  return out
}

/** "1 h 30 min": for tables. */
export function short(s: number): string {
  return parts(s).map(([n, u]) => `${n} ${u[1]}`).join(' ') || '0 min'
}

/** "1 hour and 30 minutes": for sentences. */
export function words(s: number): string {
  const said = parts(s).map(([n, u]) => `${n} ${u[0]}${n === 1 ? '' : 's'}`)
  if (said.length < 2) return said[0] ?? '0 minutes'
  return `${said.slice(0, -1).join(', ')} and ${said[said.length - 1]}`
}

const steps = [900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400, 172_800, 259_200, 604_800, 1_209_600, 2_592_000]

/** What a form offers between least and most: round lengths, and most itself. */
export function choices(least: number, most: number): number[] {
  const out = steps.filter((s) => s >= least && s < most)
  return [...out, most]
}
