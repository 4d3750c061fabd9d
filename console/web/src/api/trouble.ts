/** What an operation's errors are: those of the answer, or none where there is no answer that could be read. */
export type Wrong = { graphQLErrors: readonly { message: string; extensions?: Record<string, unknown> }[]; response?: { status?: number } | undefined }

// What people are told where something went wrong that no form can say by itself.

/** While the stream of events is closed, beside what is off. */
export const cantBeReached = 'Procyon can’t be reached now.'

/** While it is looked up whether a change was done whose answer was lost. */
export const findingOut = 'We are finding out whether this was done. Don’t repeat it.'

/** What went wrong with an operation, for people. */
export type Trouble = {
  /** 'unknown' is a change of which the server itself can't say whether it was done. */
  kind: 'unreachable' | 'unknown' | 'signedOut' | 'forbidden' | 'notFound' | 'failed'
  message: string
  /** What the server's log has it under. */
  id?: string
  code?: string
}

const kinds: Record<string, Trouble['kind']> = { UNKNOWN_OUTCOME: 'unknown', UNAUTHENTICATED: 'signedOut', FORBIDDEN: 'forbidden', NOT_FOUND: 'notFound' }

/** The trouble of an operation; null where there is none. */
export function trouble(error: Wrong | undefined | null): Trouble | null {
  if (!error) return null
  const first = error.graphQLErrors[0]
  if (!first) {
    const status = error.response?.status
    if (status !== undefined && status < 500 && status !== 429) return { kind: 'failed', message: `The server answered with HTTP ${status}.` }
    return { kind: 'unreachable', message: 'Procyon can’t be reached.' }
  }
  const id = typeof first.extensions?.['id'] === 'string' ? first.extensions['id'] : undefined
  const code = String(first.extensions?.['code'] ?? '')
  return { kind: kinds[code] ?? 'failed', message: first.message, code, ...(id ? { id } : {}) }
}

/** The trouble of an operation whose answer has not what was asked for. */
export const noAnswer = (error: Wrong | undefined | null): Trouble => trouble(error) ?? { kind: 'failed', message: 'The answer was empty.' }

/** A trouble in one text. */
export const inWords = (t: Trouble): string => t.message + (t.id ? ` The server’s log has it under ${t.id}.` : '')

export type UserError = { code: string; field: string[] | null; message: string }

/**
 * The errors of a form by field; what concerns none of its fields is under ''. Where a form
 * has other fields than the input, a function says where a path of the input stands.
 */
export function fieldErrors(
  errors: readonly UserError[],
  fields: readonly string[] | ((path: readonly string[]) => string | undefined),
  words: (e: UserError) => string = (e) => e.message,
): Record<string, string> {
  const out: Record<string, string> = {}
  for (const e of errors) {
    const path = (e.field ?? []).filter((part) => part !== 'input')
    const name = (typeof fields === 'function' ? fields(path) : fields.find((f) => f === path[0])) ?? ''
    out[name] = out[name] ? `${out[name]} ${words(e)}` : words(e)
  }
  return out
}
