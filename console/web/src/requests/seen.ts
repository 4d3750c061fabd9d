import { useEffect, useState } from 'react'
import type { RequestDetail } from './fragments.ts'

/** How long the buttons rest after a changed version was taken. */
export const rest = 1000

/**
 * What was on screen when the buttons were offered: an act is about this and nothing else.
 * It becomes what the request is now by take alone, and the buttons rest a moment then, so
 * that a second press of the same spot does not act on what nobody has read.
 */
export function useSeen(request: RequestDetail) {
  const [seen, setSeen] = useState(request)
  const [was, setWas] = useState<RequestDetail | null>(null) // before the latest take
  const [resting, setResting] = useState(false)
  useEffect(() => {
    if (!resting) return
    const timer = setTimeout(() => setResting(false), rest)
    return () => clearTimeout(timer)
  }, [resting, seen])
  return {
    seen,
    was,
    changed: request.version !== seen.version,
    resting,
    take: () => {
      setWas(seen)
      setSeen(request)
      setResting(true)
    },
  }
}
