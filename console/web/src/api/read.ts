import { useState } from 'react'
import { useQuery, type AnyVariables, type UseQueryArgs, type UseQueryResponse } from 'urql'

/** useQuery for a page: what was read stays where it can't be read again, beside the error. */
export function useRead<D, V extends AnyVariables>(args: UseQueryArgs<V, D>): UseQueryResponse<D, V> {
  const [state, again] = useQuery(args)
  const [kept, setKept] = useState<{ of: number | undefined; data: D } | null>(null)
  const of = state.operation?.key // of the same query and variables
  if (state.data && kept?.data !== state.data) setKept({ of, data: state.data })
  const data = state.data ?? (state.error && kept?.of === of ? kept?.data : undefined)
  return [{ ...state, data: data as D }, again]
}
