import { useDebouncedValue } from '@mantine/hooks'
import { useRef } from 'react'
import { useQuery } from 'urql'
import { graphql, type ResultOf } from '../api/graphql.ts'
import { TrackParts } from '../requests/fragments.ts'
import { seconds } from '../ui/duration.ts'
import { refs, type AskLimits, type Wanted } from './form.ts'

const ReadExplanation = graphql(
  `
    query ReadExplanation($input: ExplainAccessInput!) {
      explainAccess(input: $input) {
        tracks { ...TrackParts }
        refusal { field message }
        maxDuration
        maxStartAhead
        minReasonLength
        ticketNeeded
        ticketExamples
        approvers
      }
    }
  `,
  [TrackParts],
)

/** What asking for something would lead to. */
export type Explained = NonNullable<ResultOf<typeof ReadExplanation>['explainAccess']>

/**
 * What asking for these items would lead to; null while that is not known. The last one stays
 * until the next one comes. Without it the form works as well: the server has the last word.
 */
export function useExplained(items: readonly Wanted[]): Explained | null {
  const [key] = useDebouncedValue(JSON.stringify(refs(items)), 150)
  const asked = JSON.parse(key) as ReturnType<typeof refs>
  const [{ data, error }] = useQuery({ query: ReadExplanation, variables: { input: { items: asked } }, pause: asked.length === 0 })
  const last = useRef<Explained | null>(null)
  if (error || items.length === 0) last.current = null
  else if (data?.explainAccess) last.current = data.explainAccess
  return last.current
}

/** The limits of a request, as the policies narrow them for what is asked for. */
export function limitsBy(explained: Explained | null, limits: AskLimits): AskLimits {
  if (!explained) return limits
  const shorter = (a: string, b: string | null) => (b !== null && seconds(b) < seconds(a) ? b : a)
  return {
    ...limits,
    maxDuration: shorter(limits.maxDuration, explained.maxDuration),
    maxStartAhead: shorter(limits.maxStartAhead, explained.maxStartAhead),
    minReasonLength: Math.max(limits.minReasonLength, explained.minReasonLength),
    ticketNeeded: explained.ticketNeeded,
    ticketExamples: explained.ticketExamples,
  }
}

/** Why it would be refused whatever else is typed; what a field lacks is said there. */
export const refusedWhatever = (e: Explained): string | null => (e.refusal && (e.refusal.field === null || e.refusal.field.startsWith('items')) ? e.refusal.message : null)

/** Nobody has to approve it. What is told by the server is so only of a whole request. */
export const atOnce = (e: Explained): boolean => refusedWhatever(e) === null && e.tracks.length > 0 && e.tracks.every((t) => t.refusedBecause === null && t.steps.length === 0)

/** Somebody has to decide it, and it is told who: nobody there is worth a warning. */
export const tellsApprovers = (e: Explained): boolean =>
  !atOnce(e) && refusedWhatever(e) === null && e.tracks.every((t) => t.refusedBecause === null && t.steps.every((s) => s.approvers !== null))
