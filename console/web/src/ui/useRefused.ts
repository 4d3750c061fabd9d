import { useEffect, useRef } from 'react'

/** Puts the focus into a field whose content was refused. */
export function useRefused(error: string | undefined) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (error) field.current?.focus()
  }, [error])
  return field
}
