import { Stack, Text } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { graphql } from '../api/graphql.ts'
import { useLive } from '../api/live.ts'
import { useRead } from '../api/read.ts'
import { trouble } from '../api/trouble.ts'
import { RequestDetail } from '../requests/fragments.ts'
import { what } from '../requests/terms.ts'
import { useStands } from '../shell/trail.ts'
import { ButtonLink } from '../ui/Link.tsx'
import { Awaited, NotHere } from '../ui/state.tsx'
import { useTitle } from '../ui/title.ts'
import { statuses } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'
import { AskForm } from './AskForm.tsx'
import { empty, forEdit, fromEarlier } from './form.ts'
import { ReadHeld } from './held.ts'

const ReadLimits = graphql(`
  query ReadLimits {
    limits { minDuration maxDuration minReasonLength maxReasonLength maxTicketLength maxItems maxStartAhead }
  }
`)

const ReadEarlier = graphql(`query ReadEarlier($id: ID!) { accessRequest(id: $id) { ...RequestDetail } }`, [RequestDetail])

const route = getRouteApi('/ask')

/** Ask for access: anew, once more as in an earlier request, or otherwise than in one that waits. */
export function AskPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const viewer = useViewer()
  const id = search.edit ?? search.again
  const editing = search.edit !== undefined
  const title = editing ? 'Edit your request' : search.again ? 'Ask again' : 'Ask for access'
  useTitle(title)
  const [{ data: limited, error: unlimited }, readLimits] = useRead({ query: ReadLimits })
  const [{ data: mine }, readHeld] = useRead({ query: ReadHeld, variables: { me: viewer.id } })
  const [{ data: found, error: unfound }, readEarlier] = useRead({ query: ReadEarlier, variables: { id: id ?? '' }, pause: id === undefined })
  const soon = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(soon.current), [])
  useLive((heard) => {
    if (heard === 'again' || heard.request.requester.userId === viewer.id) {
      clearTimeout(soon.current)
      soon.current = setTimeout(() => readHeld({ requestPolicy: 'network-only' }), 100)
    }
    if (id !== undefined && (heard === 'again' || heard.request.requestId === id)) readEarlier({ requestPolicy: 'network-only' })
  })

  const of = found?.accessRequest
  useStands(
    id === undefined
      ? null
      : { above: [{ label: 'Requests', to: '/requests' }, { label: of ? what(of.items) : 'Request', to: '/requests/$id', params: { id } }], here: editing ? 'Edit' : 'Ask again' },
  )

  const limits = limited?.limits
  const wrong = trouble(unlimited ?? unfound)
  if (!limits || (id !== undefined && !found)) {
    return (
      <Awaited
        title={title}
        wrong={wrong}
        what="This page could not be read"
        again={() => {
          readLimits({ requestPolicy: 'network-only' })
          if (id !== undefined) readEarlier({ requestPolicy: 'network-only' })
        }}
      />
    )
  }
  const earlier = found?.accessRequest ?? null
  if (id !== undefined && !earlier) return <NotHere title="Not found">The request that this would begin with does not exist, or you may not see it.</NotHere>
  if (editing && earlier && earlier.requester.userId !== viewer.id) {
    return <NotHere title="Not yours to edit">Only {earlier.requester.name}, who asked, can change this request.</NotHere>
  }
  const filled = earlier ? (editing ? forEdit(earlier, limits) : fromEarlier(earlier, limits)) : { draft: empty(limits), left: [], shortened: null }
  return (
    <AskForm
      key={`${editing} ${id}`}
      title={title}
      limits={limits}
      filled={filled}
      name={id === undefined ? 'ask' : `ask.${editing ? 'edit' : 'again'}.${id}`}
      editing={editing && earlier ? earlier : null}
      again={!editing && earlier ? earlier : null}
      held={mine?.accessRequests?.nodes ?? []}
      search={search}
      onSearch={(to, replace) => void navigate({ search: to, replace: replace ?? false, resetScroll: false })}
      onAsked={(asked) => void navigate({ to: '/requests/$id', params: { id: asked } })}
      over={
        editing && earlier && earlier.status !== 'PENDING' ? (
          <Stack gap="xs" align="flex-start">
            <Text size="sm">It is {statuses[earlier.status].word.toLowerCase()}: what is asked for can’t be changed any more.</Text>
            <ButtonLink to="/requests/$id" params={{ id: earlier.id }} variant="default">
              Open the request
            </ButtonLink>
            <ButtonLink to="/ask" search={{ again: earlier.id }} variant="default">
              Ask again
            </ButtonLink>
          </Stack>
        ) : null
      }
    />
  )
}
