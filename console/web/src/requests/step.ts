import { words } from '../ui/duration.ts'
import { clock } from '../ui/now.ts'
import { step, via } from '../ui/words.ts'

/** An entry of a request's journal, as its time line is made of. */
export type Entry = { at: string; type: string; actor: { kind: string; userId: string | null; name: string; via: string; actingService: string | null }; data: unknown }

/** A step in words: who, what, from where, and what was said. */
type Step = { who: string | null; words: string; from: string | null; details: string[]; quote: string | null }

// What of an entry's details is shown; lengths are in seconds.
type Data = {
  comment?: string
  review?: { comment?: string; duration?: number }
  extension?: { reason?: string; duration?: number }
  grant?: { expiresAt?: string }
}

function parsed(data: unknown): Data {
  try {
    const d: unknown = typeof data === 'string' ? JSON.parse(data) : data
    return typeof d === 'object' && d !== null ? (d as Data) : {}
  } catch {
    return {}
  }
}

/** What an entry of a request of that person's says, for somebody who reads it at that moment. */
export function stepOf(e: Entry, requesterId: string, at: number): Step {
  const d = parsed(e.data)
  let { words: said, who } = step(e.type)
  // Something that it rests on is gone: the comment says what.
  if (e.type === 'CANCELED' && e.actor.userId !== requesterId) said = 'ended the request'
  const from = [via[e.actor.via], e.actor.actingService && `through ${e.actor.actingService}`].filter(Boolean).join(', ')
  const details: string[] = []
  if (d.review?.duration) details.push(`shortened to ${words(d.review.duration)}`)
  if (d.extension?.duration) details.push(`${words(d.extension.duration)} longer`)
  if (d.grant?.expiresAt) details.push(`in force until ${clock(Date.parse(d.grant.expiresAt), at)}`)
  return {
    who: who ? (e.actor.kind === 'SYSTEM' ? 'Procyon' : e.actor.name) : null,
    words: said,
    from: who && from ? from : null,
    details,
    quote: d.review?.comment || d.extension?.reason || d.comment || null,
  }
}
