import { useState } from 'react'
import type { TypedDocumentNode } from 'urql'
import { useAct } from '../api/act.ts'
import type { UserError } from '../api/trouble.ts'
import { formErrors } from './rules.ts'

type Answer = { result: { userErrors: readonly UserError[] } | null }

/**
 * Runs a mutation that has no idempotency key. Where its answer is lost it is not sent again:
 * holds reads the object and says whether what was asked for is so now (undefined: it can't be
 * told yet). What came of it is in wrong, by field; sent says whether it was done.
 */
export function useChange<T extends Answer, V extends { input: object }>(
  mutation: TypedDocumentNode<T, V>,
  holds: (variables: V) => Promise<boolean | undefined>,
  words: { notDone: string; done?: (data: T | null) => void; again: () => void; url?: (v: V) => string },
) {
  const { run, standing } = useAct(mutation, holds)
  const [wrong, setWrong] = useState<Record<string, string>>({})

  async function send(variables: V): Promise<boolean> {
    setWrong({})
    const outcome = await run(variables)
    if (!outcome) return false
    if (outcome.is === 'failed') {
      setWrong({ '': outcome.trouble.message + (outcome.trouble.id ? ` The server’s log has it under ${outcome.trouble.id}.` : '') })
      return false
    }
    if (outcome.is === 'notDone') {
      words.again()
      setWrong({ '': words.notDone })
      return false
    }
    const errors = outcome.is === 'answered' ? (outcome.data.result?.userErrors ?? []) : []
    if (errors.length > 0) {
      setWrong(formErrors(errors, words.url?.(variables)))
      words.again()
      return false
    }
    words.again()
    words.done?.(outcome.is === 'answered' ? outcome.data : null)
    return true
  }

  return { send, wrong, setWrong, standing, busy: standing !== 'idle' }
}
