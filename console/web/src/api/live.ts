import { useEffect, useRef } from 'react'
import type { RequestEvent } from './stream.ts'

/** 'again' is said when events may have passed unseen, and everything shown must be read anew. */
export type Heard = RequestEvent | 'again'

const listeners = new Set<(heard: Heard) => void>()

/** Says something to all that listen. */
export function tell(heard: Heard): void {
  for (const f of listeners) f(heard)
}

/** Calls f for each event, in order, and for 'again'. */
export function useLive(f: (heard: Heard) => void): void {
  const latest = useRef(f)
  latest.current = f
  useEffect(() => {
    const listener = (heard: Heard) => latest.current(heard)
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }, [])
}
