import { useEffect, useState } from 'react'
import { client } from '../api/client.ts'
import { graphql } from '../api/graphql.ts'
import { RequestDetail } from './fragments.ts'

const ReadAgain = graphql(`query ReadAgain($id: ID!) { accessRequest(id: $id) { ...RequestDetail } }`, [RequestDetail])

/** Reads a request anew, for whatever shows it. */
export const readAgain = (id: string) => client.query(ReadAgain, { id }, { requestPolicy: 'network-only' }).toPromise()

const WasChanged = graphql(`
  query WasChanged($id: ID!, $key: String!) {
    accessRequest(id: $id) { id viewerChanged(idempotencyKey: $key) }
  }
`)

/** Whether a change of a request with this key was done; undefined where that can't be told. */
export async function wasChanged(id: string, key: string): Promise<boolean | undefined> {
  const { data, error } = await client.query(WasChanged, { id, key }, { requestPolicy: 'network-only' }).toPromise()
  return error ? undefined : (data?.accessRequest?.viewerChanged ?? false)
}

/** How long the buttons rest after a changed version was taken. */
export const rest = 1000

/**
 * What was on screen when the buttons were offered: an act is about this and nothing else.
 * It becomes what the request is now by take alone, and the buttons rest a moment then, so
 * that a second press of the same spot does not act on what nobody has read.
 */
export function useSeen(request: RequestDetail) {
  const [seen, setSeen] = useState(request)
  const [was, setWas] = useState<RequestDetail | null>(null) // before the latest take
  const [resting, setResting] = useState(false)
  useEffect(() => {
    if (!resting) return
    const timer = setTimeout(() => setResting(false), rest)
    return () => clearTimeout(timer)
  }, [resting, seen])
  return {
    seen,
    was,
    changed: request.version !== seen.version,
    resting,
    take: () => {
      setWas(seen)
      setSeen(request)
      setResting(true)
    },
  }
}
