import { useEffect, useRef, useSyncExternalStore } from 'react'

/** What a page offers in the palette. It opens a form or moves the focus, and never does anything by itself. */
type PageAct = { label: string; keys?: string; run: () => void }

const pages = new Map<object, readonly PageAct[]>()
const listeners = new Set<() => void>()
let all: readonly PageAct[] = []

function changed(): void {
  all = [...pages.values()].flat()
  for (const f of listeners) f()
}

const subscribe = (f: () => void) => {
  listeners.add(f)
  return () => void listeners.delete(f)
}

/** The acts of what is on screen. */
export const usePageActs = (): readonly PageAct[] => useSyncExternalStore(subscribe, () => all)

/** Offers acts while this is on screen; they may be other functions at each rendering. */
export function useOffer(acts: readonly PageAct[]): void {
  const latest = useRef(acts)
  latest.current = acts
  const names = acts.map((a) => `${a.label} ${a.keys ?? ''}`).join('\n')
  useEffect(() => {
    const page = {}
    pages.set(
      page,
      latest.current.map((a, i) => ({ ...a, run: () => latest.current[i]?.run() })),
    )
    changed()
    return () => {
      pages.delete(page)
      changed()
    }
  }, [names])
}
