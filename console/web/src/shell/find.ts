/** A text as it is compared: letter case and accents make no difference. */
export const folded = (s: string): string => s.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim()

/**
 * Where somebody sees an object; null for what has no place in the console. What is in the
 * catalog is there for administrators, and its requests for everybody.
 */
export function placeOf(id: string, admin: boolean): string | null {
  const kind = id.slice(0, id.indexOf('_'))
  const name = encodeURIComponent(id)
  switch (kind) {
    case 'req':
      return `/requests/${name}`
    case 'res':
      return admin ? `/catalog?open=${name}` : `/requests?tab=history&resource=${name}`
    case 'acc':
      return admin ? `/catalog?tab=accounts&open=${name}` : `/requests?tab=history&account=${name}`
    case 'gw':
      return admin ? `/catalog?tab=gateways&open=${name}` : null
    case 'imp':
      return admin ? `/catalog/import?import=${name}` : null
    case 'int':
      return `/integrations/${name}`
    case 'usr':
      return `/people/${name}`
    case 'grp':
      return admin ? `/groups/${name}` : null
    case 'svc':
      return `/people?tab=services&account=${name}`
    case 'wsp':
    case 'slk':
      return admin ? '/slack' : null
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
  const path = /^(req|int)_/.test(s) ? placeOf(s, false) : null
  return path ? { id: s, path } : { id: s }
}
