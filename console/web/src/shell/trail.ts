import { useEffect, useSyncExternalStore } from 'react'

/** A page that lies above another one. */
export type Step = { label: string; to: '/requests' | '/catalog' | '/integrations' | '/people' | '/groups' | '/requests/$id'; params?: { id: string }; search?: object }

/** Where a page stands: what lies above it, the nearest last, and its own name. */
export type Trail = { above: readonly Step[]; here: string }

let trail: Trail | null = null
const listeners = new Set<() => void>()

function set(next: Trail | null): void {
  trail = next
  for (const f of listeners) f()
}

const subscribe = (f: () => void) => {
  listeners.add(f)
  return () => void listeners.delete(f)
}

/** What the header shows; null on a page that nothing lies above. */
export const useTrail = (): Trail | null => useSyncExternalStore(subscribe, () => trail)

/** Says where this page stands, while it is on screen; null where nothing lies above it. */
export function useStands(at: Trail | null): void {
  const said = JSON.stringify(at)
  useEffect(() => {
    const mine = JSON.parse(said) as Trail | null
    if (!mine) return
    set(mine)
    return () => {
      if (trail === mine) set(null)
    }
  }, [said])
}
