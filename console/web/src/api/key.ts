import { useRef } from 'react'
import { newKey } from './act.ts'

/**
 * Gives an input its idempotency key: the same one as long as the same is sent, so that
 * what is sent again after a failure counts once; a new one once it was taken, or differs.
 */
export function useKey() {
  const last = useRef<{ of: string; key: string } | null>(null)
  return {
    keyOf(input: unknown): string {
      const of = JSON.stringify(input)
      if (last.current?.of !== of) last.current = { of, key: newKey() }
      return last.current.key
    },
    taken(): void {
      last.current = null
    },
  }
}
