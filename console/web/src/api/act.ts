import { useRef, useState } from 'react'
import type { AnyVariables, TypedDocumentNode } from 'urql'
import { client } from './client.ts'
import { trouble, type Trouble } from './trouble.ts'

/** How an act stands. While it is not idle the button that began it shows it. */
export type Standing = 'idle' | 'sending' | 'findingOut'

/** What came of an act. 'notDone' is said only once nothing of it can be under way any more. */
export type Outcome<T> = { is: 'answered'; data: T } | { is: 'done' } | { is: 'notDone' } | { is: 'failed'; trouble: Trouble }

// The server gives a mutation this long at most; what is not done by then never will be.
const settled = 15_000

/** A key that names one press of one button, so that it counts once however often it arrives. */
export const newKey = (): string => crypto.randomUUID()

/**
 * Runs a mutation that has an idempotency key. Where the answer is lost it is never sent a
 * second time: wasDone looks, by the key, whether it was done, until the server can be asked.
 */
export function useAct<T, V extends AnyVariables>(mutation: TypedDocumentNode<T, V>, wasDone: (variables: V) => Promise<boolean | undefined>) {
  const [standing, setStanding] = useState<Standing>('idle')
  const busy = useRef(false)

  async function run(variables: V): Promise<Outcome<T> | null> {
    if (busy.current) return null // a second press of the same button
    busy.current = true
    setStanding('sending')
    const sent = Date.now()
    try {
      const { data, error } = await client.mutation(mutation, variables).toPromise()
      const wrong = trouble(error)
      if (wrong === null && data) return { is: 'answered', data }
      if (wrong && wrong.kind !== 'unreachable' && wrong.code !== 'UNKNOWN_OUTCOME') return { is: 'failed', trouble: wrong }
      setStanding('findingOut')
      for (let wait = 500; ; wait = Math.min(wait * 2, 5000)) {
        await new Promise((resolve) => setTimeout(resolve, wait))
        const asked = Date.now()
        const done = await wasDone(variables)
        if (done === true) return { is: 'done' }
        if (done === false && asked - sent >= settled) return { is: 'notDone' }
      }
    } finally {
      busy.current = false
      setStanding('idle')
    }
  }

  return { run, standing }
}
