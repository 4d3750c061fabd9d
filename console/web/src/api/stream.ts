import { stringifyDocument } from '@urql/core'
import { createClient as createSocket } from 'graphql-ws'
import { address } from './ask.ts'
import { now } from './clock.ts'
import { connection, setConnection } from './connection.ts'
import { graphql, type ResultOf } from './graphql.ts'
import { tell } from './live.ts'
import { stillSignedIn } from './session.ts'

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

let after: string | null = null
let running = false

const socket = createSocket({
  url: () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${address}`,
  lazy: true,
  keepAlive: 10_000, // a connection that is dead without a word is found out
  retryAttempts: 0, // follow opens it again when it has closed
})

// One subscription serves the whole page. It resumes behind the last event that came, so a
// restart of the server loses nothing; where that place is gone, all is read anew.
async function follow(): Promise<void> {
  for (let failed = 0; ; failed++) {
    if (failed > 0) {
      await pause(Math.min(10_000, 250 * 2 ** failed) * (0.5 + Math.random() / 2))
      const signedIn = await stillSignedIn()
      if (signedIn === false) {
        setConnection({ signedOut: true, live: false })
        return
      }
      if (signedIn === undefined) continue
    }
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
  }
}

/** Waits, but no longer than until the network is back. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      removeEventListener('online', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    addEventListener('online', end)
  })
}

// A ping that has no answer by then was sent into a connection that is dead.
const unanswered = 5000

/** Starts to follow, once. */
export function goLive(): void {
  if (running) return
  running = true
  socket.on('connected', () => {
    setConnection({ live: true, asOf: null })
    if (after === null) tell('again') // there was nowhere to resume from
  })
  // Each try that fails closes a socket, too; what is shown is no newer for that.
  socket.on('closed', () => setConnection({ live: false, asOf: connection().asOf ?? now() }))
  let silence: ReturnType<typeof setTimeout> | undefined
  socket.on('ping', (received) => {
    if (!received) silence = setTimeout(() => socket.terminate(), unanswered)
  })
  socket.on('pong', (received) => received && clearTimeout(silence))
  socket.on('closed', () => clearTimeout(silence))
  // A network that goes away closes no socket by itself.
  addEventListener('offline', () => socket.terminate())
  void follow()
}
