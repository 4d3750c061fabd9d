import { useEffect, useState } from 'react'

// What is typed and not sent survives a reload, a sign-in and a wrong turn: by person and
// address, in this tab alone. Secrets are never given to it.

const name = (person: string, form: string) => `procyon.draft.${person}.${form}`

export function readDraft<T>(person: string, form: string): Partial<T> | null {
  try {
    const text = sessionStorage.getItem(name(person, form))
    return text === null ? null : (JSON.parse(text) as Partial<T>)
  } catch {
    return null
  }
}

export function dropDraft(person: string, form: string): void {
  sessionStorage.removeItem(name(person, form))
}

/** Keeps what a form that is opened next begins with. */
export function keepDraft(person: string, form: string, values: unknown): void {
  try {
    sessionStorage.setItem(name(person, form), JSON.stringify(values))
  } catch {
    // Storage is full or off: the draft lasts as long as the page.
  }
}

/** State that is kept as a draft; drop forgets it and begins with initial again. */
export function useDraft<T extends object>(person: string, form: string, initial: T) {
  const [values, setValues] = useState<T>(() => ({ ...initial, ...readDraft<T>(person, form) }))
  const [kept, setKept] = useState(() => readDraft(person, form) !== null)
  useEffect(() => {
    if (kept) keepDraft(person, form, values)
  }, [person, form, values, kept])
  return {
    values,
    set: (change: Partial<T>) => {
      setKept(true)
      setValues((v) => ({ ...v, ...change }))
    },
    drop: () => {
      setKept(false)
      dropDraft(person, form)
      setValues(initial)
    },
  }
}
