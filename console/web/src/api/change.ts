import { useRef, useState } from 'react'
import type { TypedDocumentNode } from 'urql'
import { client } from './client.ts'
import { inWords, trouble, type Trouble, type UserError } from './trouble.ts'

/** How a change stands. While it is not idle the button that began it shows it. */
export type Standing = 'idle' | 'sending' | 'findingOut'

/** What is wrong with a form, by field; what is of no field is under ''. */
export type FieldErrors = Record<string, string>

type Payload = { userErrors: readonly UserError[] }

/** What came of a change. */
export type Outcome<R extends Payload> =
  /** Done. There is no result where the answer was lost and a look told it. */
  | { is: 'done'; result: R | null }
  /** Nothing was done: something changed meanwhile, or too many change it at once. */
  | { is: 'conflict'; message: string }
  /** Nothing was done: the form has to say something else. */
  | { is: 'refused'; result: R; wrong: FieldErrors }
  /** Nothing was done: it never arrived, and can't arrive any more. */
  | { is: 'notDone' }
  /** The server took it, and said that it can't be; or the session is over. */
  | { is: 'failed'; trouble: Trouble }

/** How it is found out whether a change was done whose answer was lost; undefined: not known yet. */
type Look<I> =
  /** By its idempotency key, which send puts into the input. */
  | { byKey: (key: string, input: I) => Promise<boolean | undefined>; holds?: never }
  /** Of a mutation without a key: whether what was asked for is so now. */
  | { holds: (input: I) => Promise<boolean | undefined>; byKey?: never }

type Terms<R extends Payload, I> = Look<I> & {
  /** What is said where it never arrived. */
  notDone: string
  /** The server's errors at the fields of the form. */
  at: (errors: readonly UserError[], input: I, result: R) => FieldErrors
  /** Reads anew what is shown, unless it failed; what came of it is said after that. */
  again?: (outcome: Outcome<R>) => unknown
}

// The server gives a mutation 10 seconds, and what it has sent to its store by then can arrive
// there for 10 more; what is not done after that never will be.
const settled = 20_000

/** Sends a mutation, and where the answer is lost looks, until it is known, whether it was done. */
async function sendOnce<T, V extends { input: object }>(mutation: TypedDocumentNode<T, V>, variables: V, wasDone: () => Promise<boolean | undefined>, onLost: () => void): Promise<{ data: T } | { done: boolean } | { trouble: Trouble }> {
  const sent = Date.now()
  const { data, error } = await client.mutation(mutation, variables).toPromise()
  const wrong = trouble(error)
  if (wrong === null && data) return { data }
  if (wrong && wrong.kind !== 'unreachable' && wrong.kind !== 'unknown') return { trouble: wrong }
  onLost()
  for (let wait = 500; ; wait = Math.min(wait * 2, 5000)) {
    await new Promise((resolve) => setTimeout(resolve, wait))
    const asked = Date.now()
    const done = await wasDone()
    if (done === true || (done === false && asked - sent >= settled)) return { done }
  }
}

function outcomeOf<R extends Payload>(answer: { data: { result: R | null } } | { done: boolean } | { trouble: Trouble }, at: (errors: readonly UserError[], result: R) => FieldErrors): Outcome<R> {
  if ('trouble' in answer) return { is: 'failed', trouble: answer.trouble }
  if ('done' in answer) return answer.done ? { is: 'done', result: null } : { is: 'notDone' }
  const { result } = answer.data
  const conflict = result?.userErrors.find((e) => e.code === 'CONFLICT')
  if (conflict) return { is: 'conflict', message: conflict.message }
  return result && result.userErrors.length > 0 ? { is: 'refused', result, wrong: at(result.userErrors, result) } : { is: 'done', result }
}

/**
 * Runs a mutation, whose field is called result, for a form. It counts once: a press while
 * it is under way does nothing, and where the answer is lost it is never sent again by itself.
 * The same input has the same key until it was done, so that what is sent again after a
 * failure counts once, too. After a reload the key is another, and it is what the input says
 * that counts once: the version that was seen, the name, the request that is there already.
 */
export function useChange<R extends Payload, I extends object>(mutation: TypedDocumentNode<{ result: R | null }, { input: I }>, terms: Terms<R, I>) {
  const [standing, setStanding] = useState<Standing>('idle')
  const [wrong, setWrong] = useState<FieldErrors>({})
  const [conflict, setConflict] = useState<string | null>(null)
  const underWay = useRef(false)
  const last = useRef<{ of: string; key: string } | null>(null)

  function keyOf(input: object): string {
    const of = JSON.stringify(input)
    if (last.current?.of !== of) last.current = { of, key: crypto.randomUUID() }
    return last.current.key
  }

  /** Says what is wrong, or with {} that nothing is, in place of all that was said. */
  function say(wrong: FieldErrors): void {
    setWrong(wrong)
    setConflict(null)
  }

  /** Sends the input; null where another press is under way. */
  async function send(given: Omit<I, 'idempotencyKey'>): Promise<Outcome<R> | null> {
    if (underWay.current) return null
    underWay.current = true
    try {
      say({})
      setStanding('sending')
      const key = terms.byKey ? keyOf(given) : ''
      const input = (terms.byKey ? { ...given, idempotencyKey: key } : given) as I
      const answer = await sendOnce(mutation, { input }, () => (terms.byKey ? terms.byKey(key, input) : terms.holds(input)), () => setStanding('findingOut'))
      const outcome = outcomeOf<R>(answer, (errors, result) => terms.at(errors, input, result))
      if (outcome.is === 'done') last.current = null
      if (outcome.is !== 'failed') {
        setStanding('sending') // until what is shown is true again
        await terms.again?.(outcome)
      }
      // A session that is over is said by the page itself, once.
      if (outcome.is === 'failed' && outcome.trouble.kind !== 'signedOut') say({ '': inWords(outcome.trouble) })
      if (outcome.is === 'notDone') say({ '': terms.notDone })
      if (outcome.is === 'refused') say(outcome.wrong)
      if (outcome.is === 'conflict') setConflict(outcome.message)
      return outcome
    } finally {
      underWay.current = false
      setStanding('idle')
    }
  }

  return { send, say, wrong, conflict, standing, busy: standing !== 'idle' }
}
