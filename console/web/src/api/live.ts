import { useEffect, useRef } from 'react'
import { stringifyDocument } from 'urql'
import { socket } from './client.ts'
import { now } from './clock.ts'
import { setConnection } from './connection.ts'
import { graphql, type ResultOf } from './graphql.ts'

const RequestEvents = graphql(`
  subscription RequestEvents($after: Cursor) {
    requestEvents(after: $after) {
      cursor
      at
      type
      version
      actor { name }
      request {
        requestId
        status
        requester { userId name }
      }
    }
  }
`)

export type RequestEvent = NonNullable<ResultOf<typeof RequestEvents>['requestEvents']>

/** 'again' is said when events may have passed unseen, and everything shown must be read anew. */
export type Heard = RequestEvent | 'again'

const listeners = new Set<(heard: Heard) => void>()
let after: string | null = null
let running = false

function tell(heard: Heard): void {
  for (const f of listeners) f(heard)
}

// One subscription serves the whole page. It resumes behind the last event that came, so a
// restart of the server loses nothing; where that place is gone, all is read anew.
async function follow(): Promise<void> {
  for (let failed = 0; ; failed++) {
    try {
      for await (const { data, errors } of socket.iterate<ResultOf<typeof RequestEvents>>({ query: stringifyDocument(RequestEvents), variables: { after } })) {
        const event = data?.requestEvents
        if (errors?.length || !event) throw errors ?? new Error('no event')
        failed = 0
        after = event.cursor
        tell(event)
      }
    } catch (err) {
      const code: unknown = Array.isArray(err) ? err[0]?.extensions?.code : undefined
      if (code === 'UNAUTHENTICATED') {
        setConnection({ signedOut: true, live: false })
        return
      }
      if (code === 'JOURNAL_CHANGED' || code === 'INVALID') after = null
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(10_000, 500 * 2 ** failed) * (0.5 + Math.random() / 2)))
  }
}

/** Starts to follow, once. */
export function goLive(): void {
  if (running) return
  running = true
  socket.on('connected', () => {
    setConnection({ live: true, asOf: null })
    if (after === null) tell('again') // there was nowhere to resume from
  })
  socket.on('closed', () => setConnection({ live: false, asOf: now() }))
  void follow()
}

/** Calls f for each event, in order, and for 'again'. */
export function useLive(f: (heard: Heard) => void): void {
  const latest = useRef(f)
  latest.current = f
  useEffect(() => {
    const listener = (heard: Heard) => latest.current(heard)
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }, [])
}
