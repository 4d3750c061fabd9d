import { id, some } from '../ui/search.ts'

/** What the address of the page holds: which form is open, and of what. */
export type Place = { accept?: string; remove?: string; unlink?: string; agree?: string }

export function readPlace(raw: Record<string, unknown>): Place {
  return some<Place>({ accept: id(raw['accept']), remove: id(raw['remove']), unlink: id(raw['unlink']), agree: id(raw['agree']) })
}
