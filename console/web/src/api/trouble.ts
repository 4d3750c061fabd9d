import type { CombinedError } from 'urql'

/** What went wrong with an operation, for people. */
export type Trouble = {
  kind: 'unreachable' | 'signedOut' | 'forbidden' | 'notFound' | 'failed'
  message: string
  /** What the server's log has it under. */
  id?: string
  code?: string
}

export function trouble(error: CombinedError | undefined | null): Trouble | null {
  if (!error) return null
  const first = error.graphQLErrors[0]
  if (!first) {
    const status = (error.response as Response | undefined)?.status
    if (status !== undefined && status < 500 && status !== 429) return { kind: 'failed', message: `The server answered with HTTP ${status}.` }
    return { kind: 'unreachable', message: 'Procyon can’t be reached.' }
  }
  const code = String(first.extensions['code'] ?? '')
  const id = typeof first.extensions['id'] === 'string' ? first.extensions['id'] : undefined
  const kind = code === 'UNAUTHENTICATED' ? 'signedOut' : code === 'FORBIDDEN' ? 'forbidden' : code === 'NOT_FOUND' ? 'notFound' : 'failed'
  return { kind, message: first.message, code, ...(id ? { id } : {}) }
}

export type UserError = { code: string; field: string[] | null; message: string }

/** The errors of a form by field, as useForm takes them; what concerns no field is under ''. */
export function fieldErrors(errors: readonly UserError[], fields: readonly string[]): Record<string, string> {
  const out: Record<string, string> = {}
  for (const e of errors) {
    const path = (e.field ?? []).filter((part) => part !== 'input')
    const name = fields.find((f) => f === path[0]) ?? ''
    out[name] = out[name] ? `${out[name]} ${e.message}` : e.message
  }
  return out
}
