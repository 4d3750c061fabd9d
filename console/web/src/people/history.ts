import { via } from '../ui/words.ts'
import { roleWords } from './rules.ts'

/** An entry of the journal of a person. */
export type Entry = { seq: number; at: string; type: string; actor: { kind: string; userId: string | null; name: string; via: string; actingService: string | null }; data: unknown }

/** A change in words: who, what, and from where. */
export type Told = { seq: number; at: string; who: string; words: string; from: string | null }

type State = { admin?: boolean; disabled?: boolean; name?: string }
type Data = State & { email?: string; oneTime?: boolean; count?: number }

function parsed(data: unknown): Data {
  try {
    const d: unknown = typeof data === 'string' ? JSON.parse(data) : data
    return typeof d === 'object' && d !== null ? (d as Data) : {}
  } catch {
    return {}
  }
}

/** What an entry with the whole state says, against the state before; null where it says nothing to people. */
function changed(was: State | null, is: Data): string | null {
  const role = roleWords[is.admin ? 'ADMIN' : 'MEMBER'].toLowerCase()
  if (!was) return `changed this person: ${role}, ${is.disabled ? 'disabled' : 'can sign in'}`
  const parts = [
    Boolean(was.disabled) !== Boolean(is.disabled) && (is.disabled ? 'disabled this person' : 'enabled this person'),
    Boolean(was.admin) !== Boolean(is.admin) && `made this person ${is.admin ? 'an administrator' : 'a member'}`,
    was.name !== is.name && `changed the name to ${is.name}`,
  ].filter((p) => p !== false)
  return parts.length > 0 ? parts.join(', ') : null // such as that all of a disabled person's has ended
}

function words(e: Entry, d: Data, was: State | null): string | null {
  switch (e.type) {
    case 'CREATED':
      return 'added this person'
    case 'UPDATED':
      return changed(was, d)
    case 'PROFILE_CHANGED':
      return [d.name !== undefined && `changed the name to ${d.name}`, d.email !== undefined && `changed the e-mail address to ${d.email}`].filter(Boolean).join(', ') || 'confirmed the e-mail address'
    case 'GROUPS_CHANGED':
      return 'changed which groups they are in'
    case 'IDENTITY_TIED':
      return 'signed in through the identity provider for the first time'
    case 'PASSWORD_SET':
      return d.oneTime ? 'gave a one-time password' : 'set a password'
    case 'TOKEN_ISSUED':
      return d.name ? `made the token ${d.name}` : 'made a token'
    case 'TOKEN_REVOKED':
      return 'revoked a token'
    case 'SESSIONS_ENDED':
      return d.count === 1 ? 'ended a session' : `ended ${d.count ?? 'all'} sessions`
    case 'CONSUMER_RESET':
      return `reset the consumer ${d.name ?? ''}`.trim()
    case 'CONSUMER_DELETED':
      return `deleted the consumer ${d.name ?? ''}`.trim()
  }
  return e.type.toLowerCase().replaceAll('_', ' ')
}

/** The entries in words, the newest first; they come the oldest first, as the journal has them. */
export function told(entries: readonly Entry[]): Told[] {
  let was = null as State | null
  const out: Told[] = []
  for (const e of entries) {
    const d = parsed(e.data)
    const said = words(e, d, was)
    if (e.type === 'CREATED' || e.type === 'UPDATED') was = d
    else if (e.type === 'PROFILE_CHANGED' && was && d.name !== undefined) was = { ...was, name: d.name }
    if (said === null) continue
    const from = [via[e.actor.via], e.actor.actingService && `through ${e.actor.actingService}`].filter(Boolean).join(', ')
    out.push({ seq: e.seq, at: e.at, who: e.actor.kind === 'SYSTEM' ? 'Procyon' : e.actor.name, words: said, from: from || null })
  }
  return out.reverse()
}
