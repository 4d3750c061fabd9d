import { useEffect, useRef } from 'react'
import { useRouter } from '@tanstack/react-router'
import { useViewer } from '../viewer.ts'

/** Whether shortcuts of single letters are on; some people's tools type letters by themselves. */
const stored = 'procyon.keys'
export const lettersOn = (): boolean => localStorage.getItem(stored) !== 'off'
export const setLetters = (on: boolean): void => localStorage.setItem(stored, on ? 'on' : 'off')

// The library of keys is read once the page is seen: to tell that two keys differ, it asks
// for a collator each time, and a list's twenty keys would hold up its first rows.
type Bind = typeof import('./bind.ts').bind
type Binding = { keys: readonly string[]; run: () => void; off?: () => void }
const waiting = new Set<Binding>()
let bind: Bind | null = null

// What is pressed before is pressed again then.
const early: KeyboardEvent[] = []
const remember = (e: KeyboardEvent) => void early.push(e)
document.addEventListener('keydown', remember)

/** Reads the library, and binds what waits for it. */
export async function loadKeys(): Promise<void> {
  bind = (await import('./bind.ts')).bind
  for (const b of waiting) b.off = bind(b.keys, b.run)
  waiting.clear()
  document.removeEventListener('keydown', remember)
  for (const e of early.splice(0)) if (!e.defaultPrevented) e.target?.dispatchEvent(new KeyboardEvent('keydown', e))
}

/** Calls f when the key, or one key after another, is pressed outside of fields, while it is enabled. */
export function useKeys(keys: string, f: () => void, enabled = true): void {
  const latest = useRef(f)
  latest.current = f
  useEffect(() => {
    if (!enabled) return
    const b: Binding = { keys: keys.split(' '), run: () => latest.current() }
    if (bind) b.off = bind(b.keys, b.run)
    else waiting.add(b)
    return () => {
      waiting.delete(b)
      b.off?.()
    }
  }, [keys, enabled])
}

/** The shortcuts that work on every page. */
export function useGoKeys(open: { palette: () => void; keys: () => void }): void {
  const router = useRouter()
  const { admin } = useViewer()
  const go = (to: string) => () => {
    if (lettersOn()) router.history.push(to)
  }
  useKeys('Mod+K', open.palette)
  useKeys('?', () => lettersOn() && open.keys())
  useKeys('G H', go('/'))
  useKeys('G R', go('/requests'))
  useKeys('G L', go('/catalog'), admin)
  useKeys('G I', go('/integrations'), admin)
  useKeys('G P', go('/people'), admin)
  useKeys('G G', go('/groups'), admin)
  useKeys('G O', go('/overview'), admin)
  useKeys('G D', go('/api'))
  useKeys('G S', () => lettersOn() && (admin ? router.history.push('/slack') : location.assign('/links')))
  useKeys('G A', go('/audit'), admin)
  useKeys('C', go('/ask'))
}

/** A letter that does something on this page. A list and what is shown beside it may both have one. */
export function useLetter(letter: 'A' | 'D' | 'E' | 'F' | 'J' | 'K' | 'U' | 'Y' | 'X' | '/' | '.', f: () => void, enabled = true): void {
  useKeys(letter, () => lettersOn() && f(), enabled)
}
