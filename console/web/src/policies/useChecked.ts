import { useState } from 'react'
import { inWords, type Trouble } from '../api/trouble.ts'
import type { ChangeState } from '../ui/Standing.tsx'
import type { Problem } from './operations.ts'

/** Has the server check what a form says; it is done once nothing is wrong with it. */
export function useChecked<T>(check: (of: T) => Promise<readonly Problem[] | Trouble>, onDone: (of: T) => void) {
  const [problems, setProblems] = useState<readonly Problem[]>([])
  const [failed, setFailed] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const clear = () => {
    setProblems([])
    setFailed(null)
  }
  async function send(of: T): Promise<void> {
    clear()
    setBusy(true)
    const found = await check(of)
    setBusy(false)
    if ('kind' in found) setFailed(inWords(found))
    else if (found.some((p) => !p.warning)) setProblems(found)
    else onDone(of)
  }
  /** How the form stands; wrong is what is of no field. */
  const change = (wrong: string | undefined): ChangeState => {
    const said = failed ?? wrong
    return { standing: busy ? 'sending' : 'idle', wrong: said ? { '': said } : {}, conflict: null }
  }
  return { problems, clear, send, change }
}
