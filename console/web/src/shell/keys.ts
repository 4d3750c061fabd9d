import { useHotkey, useHotkeySequence } from '@tanstack/react-hotkeys'
import { useRouter } from '@tanstack/react-router'
import { useViewer } from '../viewer.ts'

/** Whether shortcuts of single letters are on; some people's tools type letters by themselves. */
const stored = 'procyon.keys'
export const lettersOn = (): boolean => localStorage.getItem(stored) !== 'off'
export const setLetters = (on: boolean): void => localStorage.setItem(stored, on ? 'on' : 'off')

/** The shortcuts that work on every page. */
export function useGoKeys(open: { palette: () => void; keys: () => void }): void {
  const router = useRouter()
  const { admin } = useViewer()
  const go = (to: string) => () => {
    if (lettersOn()) router.history.push(to)
  }
  useHotkey('Mod+K', open.palette)
  useHotkey({ key: '?' }, () => lettersOn() && open.keys())
  useHotkeySequence(['G', 'H'], go('/'))
  useHotkeySequence(['G', 'R'], go('/requests'))
  useHotkeySequence(['G', 'I'], go('/integrations'), { enabled: admin })
  useHotkeySequence(['G', 'S'], () => lettersOn() && location.assign('/links'))
  useHotkey('C', go('/ask'))
}

/** A letter that does something on this page. */
export function useLetter(letter: 'A' | 'D' | 'E' | 'F' | 'J' | 'K' | 'U' | 'Y' | 'X' | '/' | '.', f: () => void, enabled = true): void {
  // A list and what is shown beside it may both have one; whichever is not enabled is silent.
  useHotkey(letter, () => lettersOn() && f(), { enabled, conflictBehavior: 'allow' })
}
