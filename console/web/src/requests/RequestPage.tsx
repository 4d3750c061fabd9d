import { ActionIcon, Alert, Button, CopyButton, Group, Stack, Text, Title, Tooltip } from '@mantine/core'
import { useInViewport } from '@mantine/hooks'
import { IconAlertTriangle, IconCheck, IconLink, IconMaximize } from '@tabler/icons-react'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { graphql } from '../api/graphql.ts'
import { useLive } from '../api/live.ts'
import { useRead } from '../api/read.ts'
import { trouble } from '../api/trouble.ts'
import { useOffer } from '../shell/acts.ts'
import { useLetter } from '../shell/keys.ts'
import { useStands } from '../shell/trail.ts'
import { Items } from '../ui/Items.tsx'
import { Link } from '../ui/Link.tsx'
import { Awaited, Failure, NotHere } from '../ui/state.tsx'
import { StatusBadge } from '../ui/Status.tsx'
import { Left, Time } from '../ui/Time.tsx'
import { useTitle } from '../ui/title.ts'
import { listed, silence } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'
import { Acts, type Action } from './Acts.tsx'
import { Decision } from './Decision.tsx'
import { Facts } from './Facts.tsx'
import { RequestDetail } from './fragments.ts'
import { Notifications, RequestNotifications } from './Notifications.tsx'
import { inTab, tabOf } from './search.ts'
import { subjectOf, what } from './terms.ts'
import { RequestTimeLine, TimeLine } from './TimeLine.tsx'
import { RequestTracks, Tracks } from './Tracks.tsx'
import classes from './RequestPage.module.css'

// Administrators alone have it, below all else.
const Receipt = lazy(async () => ({ default: (await import('./Receipt.tsx')).Receipt }))

const ReadRequest = graphql(
  `
    query ReadRequest($id: ID!) {
      accessRequest(id: $id) {
        ...RequestDetail
        ...RequestTimeLine
        ...RequestNotifications
        ...RequestTracks
        approvers
        viewerActions { act allowed reason }
      }
      limits { minDuration maxDuration minReasonLength maxReasonLength }
    }
  `,
  [RequestDetail, RequestTimeLine, RequestNotifications, RequestTracks],
)

const route = getRouteApi('/requests/$id')

/** One request: what is asked for, by whom, why, who may decide, and all that the viewer may do. */
export function RequestPage() {
  const { id } = route.useParams()
  const router = useRouter()
  useLetter('U', () => (router.history.canGoBack() ? router.history.back() : void router.navigate({ to: '/requests' })))
  return <OneRequest key={id} id={id} page />
}

/** A request on its page, or beside the list; act is the form that is open from the start. */
export function OneRequest({ id, act = null, page = false }: { id: string; act?: 'approve' | 'deny' | null; page?: boolean }) {
  const viewer = useViewer()
  const [{ data, error }, read] = useRead({ query: ReadRequest, variables: { id } })
  const [open, setOpen] = useState(act && { form: act, press: 0 })
  const [offered, setOffered] = useState(false) // once it was, the panel stays, and says what became of it
  const panel = useRef<HTMLDivElement>(null)
  const { ref: end, inViewport: reached } = useInViewport<HTMLDivElement>() // of the panel, where its buttons are
  const again = () => read({ requestPolicy: 'network-only' })
  useLive((heard) => {
    if (heard === 'again' || heard.request.requestId === id) again()
  })
  const r = data?.accessRequest
  useTitle(r ? `Access for ${r.requester.name}` : 'Request')
  useStands(page ? { above: [{ label: 'Requests', to: '/requests', search: r ? inTab({}, tabOf(r.status)) : {} }], here: r ? what(r.items) : 'Request' } : null)
  const deciding = r ? r.viewerCanReview : false
  if (deciding && !offered) setOffered(true)
  const show = (form: 'approve' | 'deny') => {
    panel.current?.scrollIntoView({ block: 'nearest' })
    setOpen((o) => ({ form, press: (o?.press ?? 0) + 1 }))
  }
  // Where the panel is under the facts, what they grow by is scrolled by: the buttons stay.
  const facts = useRef<HTMLElement>(null)
  const height = useRef<number | null>(null)
  useLayoutEffect(() => {
    const above = facts.current
    if (!above || !panel.current) return
    const grown = height.current === null ? 0 : above.offsetHeight - height.current
    height.current = above.offsetHeight
    const box = panel.current.getBoundingClientRect()
    if (grown !== 0 && box.top >= above.getBoundingClientRect().bottom && box.top - grown < window.innerHeight) window.scrollBy(0, grown)
  }, [r])
  useEffect(() => {
    if (act) setOpen((o) => (o?.form === act ? o : { form: act, press: (o?.press ?? 0) + 1 }))
  }, [act])
  useLetter('A', () => show('approve'), offered)
  useLetter('D', () => show('deny'), offered)
  const copyAddress = () => document.getElementById('copy-address')?.click()
  useLetter('Y', copyAddress, page) // beside the list that has the key
  useOffer([
    ...(deciding
      ? [
          { label: 'Approve…', keys: 'A', run: () => show('approve') },
          { label: 'Deny…', keys: 'D', run: () => show('deny') },
        ]
      : []),
    ...(page && r ? [{ label: 'Copy address', keys: 'Y', run: copyAddress }] : []),
  ])

  const wrong = trouble(error)
  if (!data) return <Awaited title="Request" order={page ? 1 : 2} wrong={wrong} what="The request could not be read" again={again} />
  if (!r || !data.limits) {
    return <NotHere title="Not found">This request does not exist, or you may not see it. If you followed a link, check that it is whole, and that you are signed in as the right person.</NotHere>
  }
  const subject = subjectOf(r)
  const own = r.requester.userId === viewer.id
  return (
    <>
      <Stack gap="lg" className={classes['room']}>
        <Group gap="xs" wrap="nowrap" align="flex-start" justify="space-between">
          <Group gap="4px 16px" mih={44} className={classes['heading']}>
            <Title order={page ? 1 : 2} fz={24} lh="32px">
              Access for <bdi>{r.requester.name}</bdi>
            </Title>
            <Group gap="4px 12px">
              <StatusBadge status={r.status} />
              <Text c="dimmed">
                {r.status === 'PENDING' && (
                  <>
                    times out <Time at={r.decideBy} />
                  </>
                )}
                {r.status === 'ACTIVE' && r.grant && <Left until={r.grant.expiresAt} />}
                {r.status === 'APPROVED' && r.grant && (
                  <>
                    begins <Time at={r.grant.startsAt} />
                  </>
                )}
              </Text>
            </Group>
          </Group>
          <Group gap={0} wrap="nowrap">
            <CopyButton value={`${location.origin}/requests/${id}`}>
              {({ copied, copy }) => (
                <Tooltip label={copied ? 'Copied' : 'Copy address'}>
                  <ActionIcon id="copy-address" onClick={copy} aria-label={copied ? 'Copied' : 'Copy address'} color={copied ? 'good' : 'over'}>
                    {copied ? <IconCheck size={20} aria-hidden /> : <IconLink size={20} aria-hidden />}
                  </ActionIcon>
                </Tooltip>
              )}
            </CopyButton>
            {!page && (
              <Tooltip label="Open its page">
                <ActionIcon renderRoot={(props) => <Link to="/requests/$id" params={{ id }} c="over" {...props} />} aria-label="Open its page">
                  <IconMaximize size={20} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )}
          </Group>
        </Group>
        {wrong && <Failure what="This could not be read again" trouble={wrong} again={again} />}
        {r.notificationRoutes.length === 0 && r.status === 'PENDING' && (
          <Alert color="wait" variant="light" icon={<IconAlertTriangle aria-hidden />}>
            <b>No channel hears of this:</b> {silence(r.silentRoutes) || 'none is linked to these resources'}. {r.approvers.length > 0 && `Tell ${listed(r.approvers, 'or')} yourself.`}
          </Alert>
        )}
        <div className={classes['columns']}>
          <section className={`card ${classes['facts']}`} aria-labelledby="asked" ref={facts}>
            <Stack p="md" gap="md">
              <Title order={2} id="asked">
                What is asked for
              </Title>
              <Items items={r.items} />
              {r.droppedItems.length > 0 && (
                <div>
                  <Title order={3} fz="sm" mb={4}>
                    Left out by an approver
                  </Title>
                  <Items items={r.droppedItems} />
                </div>
              )}
              <Facts r={r} approvers={r.approvers} />
            </Stack>
          </section>
          <Stack gap="lg" className={classes['panel']} ref={panel}>
            {(offered || subject !== null) && !own && (
              <section className="card" aria-label="Decision">
                <div style={{ padding: 16 }}>{offered ? <Decision request={r} limits={data.limits} open={open?.form ?? null} press={open?.press ?? 0} onDecided={again} /> : <NotYours actions={r.viewerActions} />}</div>
                <div ref={end} />
              </section>
            )}
            <Acts request={r} actions={r.viewerActions} limits={data.limits} again={again} />
          </Stack>
          <Stack gap="lg" miw={0} className={classes['rest']}>
            <Tracks request={r} open={subject !== null} items={[...r.items, ...r.droppedItems]} />
            <TimeLine id={r.id} request={r} />
            <Notifications request={r} />
            {viewer.admin && (
              <Suspense>
                <Receipt id={r.id} />
              </Suspense>
            )}
          </Stack>
        </div>
        {deciding && (
          <Group className={classes['bar']} gap="sm" grow data-hidden={reached || open !== null || undefined}>
            <Button onClick={() => show('approve')}>Approve…</Button>
            <Button variant="outline" color="bad" onClick={() => show('deny')}>
              Deny…
            </Button>
          </Group>
        )}
      </Stack>
    </>
  )
}

function NotYours({ actions }: { actions: readonly Action[] }) {
  const why = actions.find((a) => a.act === 'APPROVE' && !a.allowed)?.reason
  return <Text c="dimmed">{why ?? 'You can’t decide this.'}</Text>
}
