import { Anchor, Group, Select, Stack, Text, Textarea, Title } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useChange } from '../api/change.ts'
import { now } from '../api/clock.ts'
import { useConnection } from '../api/connection.ts'
import { useDraft } from '../api/draft.ts'
import { graphql } from '../api/graphql.ts'
import { fieldErrors } from '../api/trouble.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { seconds, short, toISO, words } from '../ui/duration.ts'
import { Standing } from '../ui/Standing.tsx'
import { useNow } from '../ui/now.ts'
import { statuses } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'
import { Changed, Late, outcomeOf } from './Changes.tsx'
import { RequestDetail } from './fragments.ts'
import { LeaveOut } from './LeaveOut.tsx'
import { lengths, reasonError, type Limits } from './limits.ts'
import { readAgain, useSeen, wasChanged } from './seen.ts'
import { proposal, refusal, subjectOf } from './terms.ts'

const Review = graphql(
  `
    mutation Review($input: ReviewAccessRequestInput!) {
      result: reviewAccessRequest(input: $input) {
        accessRequest { ...RequestDetail }
        userErrors { code field message }
      }
    }
  `,
  [RequestDetail],
)

type Draft = { comment: string; duration: string; without: string[] }
type Props = {
  request: RequestDetail
  limits: Limits
  /** Which form a key or a button elsewhere opened; press counts, so that the same can open again. */
  open?: 'approve' | 'deny' | null
  press?: number
  onDecided?: () => void
}

/**
 * The panel of a decision. It repeats who gets what, for how long and until when, and sends
 * the version that it shows. What changes meanwhile is marked before anything can be decided
 * on it, below the buttons, so that nothing moves under the pointer.
 */
export function Decision({ request, limits, open = null, press = 0, onDecided }: Props) {
  const viewer = useViewer()
  const { live } = useConnection()
  const { seen, was, changed, resting, take } = useSeen(request)
  const [subject, setSubject] = useState(() => subjectOf(request) ?? 'REQUEST')
  const [denying, setDenying] = useState(open === 'deny')
  const [said, setSaid] = useState<string | null>(null) // of the outcome
  const { values, set, drop } = useDraft<Draft>(viewer.id, `decide.${request.id}`, { comment: '', duration: '', without: [] })
  const change = useChange(Review, {
    byKey: (key) => wasChanged(request.id, key),
    notDone: 'Your decision did not arrive, and nothing was decided. Send it again.',
    at: (errors) => fieldErrors(errors, ([name]) => (name === 'withoutResourceIds' ? 'without' : name === 'comment' || name === 'duration' ? name : undefined)),
    again: () => readAgain(request.id),
  })
  const { wrong, busy } = change
  const main = useRef<HTMLButtonElement>(null)
  const why = useRef<HTMLTextAreaElement>(null)
  const answer = useRef<HTMLParagraphElement>(null)
  const at = useNow()

  useEffect(() => {
    if (open === null) return
    setDenying(open === 'deny')
    if (open === 'deny') why.current?.focus()
    else main.current?.focus()
    main.current?.scrollIntoView({ block: 'nearest' }) // with the field goes what sends it
  }, [open, press])
  useEffect(() => {
    if (said !== null) answer.current?.focus()
  }, [said])

  const stale = !busy && request.viewerCanReview && changed
  const late = !busy && !request.viewerCanReview
  const asked = seconds(subject === 'EXTENSION' ? (seen.extension?.duration ?? 'PT0S') : seen.requestedDuration)
  const longest = seconds(limits.maxDuration)
  const most = subject === 'EXTENSION' ? asked : Math.min(asked, longest)
  const granted = values.duration === '' ? most : Math.min(seconds(values.duration) || most, most)

  // By what was seen, as the terms are: who decides what changes with the version too.
  const mine = seen.items.filter((i) => seen.viewerCanReviewItems.includes(i.resourceId))
  const without = denying || subject !== 'REQUEST' ? [] : mine.filter((i) => values.without?.includes(i.resourceId)).map((i) => i.resourceId)
  const again = !denying && request.viewerSignsInToApprove // before it can be approved
  const nothing = seen.items.length > 0 && without.length === seen.items.length // would be left

  function look() {
    take()
    setSubject(subjectOf(request) ?? subject)
    setSaid(null)
    change.say({})
  }

  async function decide(decision: 'APPROVE' | 'DENY') {
    if (busy || stale || late || resting || !live || (decision === 'APPROVE' && (nothing || again))) return
    const short = decision === 'DENY' ? reasonError(values.comment, limits) : null
    if (short) {
      change.say({ comment: short })
      why.current?.focus()
      return
    }
    const outcome = await change.send({
      requestId: request.id,
      expectedVersion: seen.version,
      subject,
      decision,
      comment: values.comment.trim() || null,
      duration: decision === 'APPROVE' && granted < asked ? toISO(granted) : null,
      ...(mine.length > 0 ? { resourceIds: mine.map((i) => i.resourceId) } : {}),
      ...(without.length > 0 ? { withoutResourceIds: without } : {}),
    })
    if (outcome?.is === 'refused' && outcome.wrong['comment']) why.current?.focus()
    if (outcome?.is === 'refused') readAgain(request.id) // what can be done may have changed
    if (outcome?.is !== 'done') return
    drop()
    const thing = subject === 'EXTENSION' ? 'the extension' : 'this'
    setSaid(decision === 'DENY' ? `You denied ${thing}.` : `You approved ${thing}, for ${words(granted)}.`)
    onDecided?.()
  }

  if (said !== null) {
    return (
      <Stack gap="md">
        <Text role="status" fw={600} tabIndex={-1} ref={answer}>
          {said} {statuses[request.status].text}
        </Text>
        {stale && (
          <ActButton onClick={look} color="wait">
            See what {request.requester.name} asks for now
          </ActButton>
        )}
      </Stack>
    )
  }
  return (
    <Stack
      gap="md"
      component="section"
      aria-labelledby="decide"
      onKeyDown={(e) => {
        if (e.key !== 'Enter' || !(e.metaKey || e.ctrlKey)) return
        e.preventDefault()
        e.stopPropagation()
        void decide(denying ? 'DENY' : 'APPROVE')
      }}
    >
      <Title order={2} id="decide">
        {subject === 'EXTENSION' ? 'Decide about the extension' : 'Decide'}
      </Title>
      <LeaveOut items={seen.items} mine={mine} choosing={!denying && subject === 'REQUEST'} without={without} onChange={(ids) => set({ without: ids })} error={nothing ? 'Nothing would be left: deny it instead.' : wrong['without']} readOnly={busy} />
      <Text id="proposal">{denying ? refusal(seen, subject, at) : proposal(seen, subject, granted, at)}</Text>
      {!denying && most > seconds(limits.minDuration) && (
        <Select
          label="For how long"
          description={most < asked ? `${words(asked)} was asked for; at most ${words(longest)} is allowed by now.` : 'You can shorten it.'}
          value={toISO(granted)}
          onChange={(v) => set({ duration: v ?? '' })}
          data={lengths(seconds(limits.minDuration), most, granted).map((s) => ({ value: toISO(s), label: s === asked ? `${short(s)}, as asked` : short(s) }))}
          error={wrong['duration']}
          readOnly={busy}
        />
      )}
      <Textarea
        ref={why}
        data-autofocus={open === 'deny' || undefined} // for what traps the focus, such as a drawer
        label={denying ? 'Why?' : 'Comment'}
        description={`${seen.requester.name} will read it.`}
        required={denying}
        withAsterisk={false}
        autosize
        minRows={2}
        maxLength={limits.maxReasonLength}
        value={values.comment}
        onChange={(e) => set({ comment: e.currentTarget.value })}
        error={wrong['comment']}
        readOnly={busy}
      />
      <Group gap="sm" wrap="nowrap">
        {/* One button in one place: its second press never does what its first did not say. */}
        <ActButton
          ref={main}
          data-autofocus={open === 'approve' || undefined}
          miw={172}
          px="sm"
          style={{ scrollMarginBottom: 88 }}
          color={stale ? 'wait' : denying ? 'bad' : undefined}
          onClick={() => (stale ? look() : void decide(denying ? 'DENY' : 'APPROVE'))}
          busy={busy}
          off={late || resting || !live || (!stale && !denying && (nothing || again))}
          aria-describedby="proposal"
        >
          {stale ? 'See what changed' : denying ? 'Deny' : 'Approve'}
        </ActButton>
        {denying ? (
          <ActButton variant="default" px="sm" onClick={() => setDenying(false)} off={busy}>
            Go back
          </ActButton>
        ) : (
          <ActButton
            variant="outline"
            color="bad"
            off={late || stale || busy || resting}
            onClick={() => {
              setDenying(true)
              why.current?.focus()
            }}
          >
            Deny…
          </ActButton>
        )}
      </Group>
      {again && !late && (
        <Text>
          A guardrail wants a sign-in of just now before this is approved. <Anchor href={`/signin?again&next=${encodeURIComponent(`/requests/${request.id}`)}`}>Sign in again</Anchor>: what you typed is kept.
        </Text>
      )}
      {!live && <Text c="dimmed">You can decide once Procyon can be reached.</Text>}
      <Standing of={change} shown={stale || late} />
      {stale && <Changed seen={seen} request={request} />}
      {!stale && !late && was && <Changed seen={was} request={seen} taken />}
      {late && <Late title={`${outcomeOf(request, subject, viewer.id, now())}; your decision was not sent.`} seen={seen} request={request} typed={values.comment} />}
    </Stack>
  )
}
