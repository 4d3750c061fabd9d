import { useSyncExternalStore } from 'react'

// Whether what is on screen is true: the stream of events is open, or it is not and since
// when; and whether there is still a session.
type Connection = {
  live: boolean
  /** When what is shown was last known to be true; null while it is. */
  asOf: number | null
  signedOut: boolean
}

let state: Connection = { live: false, asOf: null, signedOut: false }
const listeners = new Set<() => void>()

export function connection(): Connection {
  return state
}

export function setConnection(change: Partial<Connection>): void {
  const next = { ...state, ...change }
  if (next.live === state.live && next.asOf === state.asOf && next.signedOut === state.signedOut) return
  state = next
  for (const f of listeners) f()
}

function onConnection(f: () => void): () => void {
  listeners.add(f)
  return () => listeners.delete(f)
}

export const useConnection = (): Connection => useSyncExternalStore(onConnection, connection)
