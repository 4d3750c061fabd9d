/** A text as it is compared: letter case and accents make no difference. */
export const folded = (s: string): string => s.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim()

/** Where an object is seen; null for what has no place in the console. */
export function placeOf(id: string): string | null {
  const kind = id.slice(0, id.indexOf('_'))
  const name = encodeURIComponent(id)
  switch (kind) {
    case 'req':
      return `/requests/${name}`
    case 'int':
      return `/integrations/${name}`
    case 'res':
      return `/requests?tab=history&resource=${name}`
    case 'acc':
      return `/requests?tab=history&account=${name}`
    case 'usr':
      return `/people/${name}`
    case 'svc':
      return `/people?tab=services&account=${name}`
  }
  return null
}

/** What was pasted, where that is an ID or an address of this console: never one of elsewhere. */
export function pasted(text: string, origin: string): { id?: string; path?: string } | null {
  const s = text.trim()
  if (s.length > 2000) return null
  if (s.startsWith(`${origin}/`)) return { path: s.slice(origin.length).replace(/^\/+/, '/') }
  if (!/^[a-z]{2,20}_[0-9a-f]{8,64}$/.test(s)) return null
  // A request and an integration have pages that say themselves when there is none.
  const path = /^(req|int)_/.test(s) ? placeOf(s) : null
  return path ? { id: s, path } : { id: s }
}
