import { useEffect, useRef } from 'react'

/** Calls f again and again while on: soon at first, then every five seconds at most. */
export function usePolled(f: () => Promise<unknown>, on: boolean): void {
  const latest = useRef(f)
  latest.current = f
  useEffect(() => {
    if (!on) return
    let over = false
    let timer: ReturnType<typeof setTimeout>
    const next = (wait: number) => {
      timer = setTimeout(() => {
        void latest.current().finally(() => {
          if (!over) next(Math.min(wait * 1.5, 5000))
        })
      }, wait)
    }
    next(300)
    return () => {
      over = true
      clearTimeout(timer)
    }
  }, [on])
}
