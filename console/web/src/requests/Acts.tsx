import { Modal, Select, Stack, Text, Textarea, Title } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { TypedDocumentNode } from 'urql'
import { useChange } from '../api/change.ts'
import { useConnection } from '../api/connection.ts'
import { useDraft } from '../api/draft.ts'
import { graphql } from '../api/graphql.ts'
import { fieldErrors, type UserError } from '../api/trouble.ts'
import { useOffer } from '../shell/acts.ts'
import { useLetter } from '../shell/keys.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { seconds, short, toISO } from '../ui/duration.ts'
import { ButtonLink } from '../ui/Link.tsx'
import { Standing } from '../ui/Standing.tsx'
import { clock, useNow } from '../ui/now.ts'
import { useViewer } from '../viewer.ts'
import { Changed, Late } from './Changes.tsx'
import { lengths, reasonError, type Limits } from './limits.ts'
import { RequestDetail } from './fragments.ts'
import { readAgain, useSeen, wasChanged } from './seen.ts'
import { what } from './terms.ts'

const Cancel = graphql(
  `
    mutation Cancel($input: CancelAccessRequestInput!) {
      result: cancelAccessRequest(input: $input) {
        accessRequest { ...RequestDetail }
        userErrors { code field message }
      }
    }
  `,
  [RequestDetail],
)

const Close = graphql(
  `
    mutation Close($input: CloseAccessRequestInput!) {
      result: closeAccessRequest(input: $input) {
        accessRequest { ...RequestDetail }
        userErrors { code field message }
      }
    }
  `,
  [RequestDetail],
)

const Revoke = graphql(
  `
    mutation Revoke($input: RevokeAccessRequestInput!) {
      result: revokeAccessRequest(input: $input) {
        accessRequest { ...RequestDetail }
        userErrors { code field message }
      }
    }
  `,
  [RequestDetail],
)

const Extend = graphql(
  `
    mutation Extend($input: ExtendAccessRequestInput!) {
      result: extendAccessRequest(input: $input) {
        accessRequest { ...RequestDetail }
        userErrors { code field message }
      }
    }
  `,
  [RequestDetail],
)

type Input = { requestId: string; expectedVersion: number; idempotencyKey: string; reason?: string; duration?: string }
type Answer = { result: { userErrors: readonly UserError[] } | null }
type Name = 'CANCEL' | 'CLOSE' | 'REVOKE' | 'EXTEND'
export type Action = { act: string; allowed: boolean; reason: string | null }

/** What a form of an act is: its words, and what it asks for. */
type Act = {
  act: Name
  /** Of the button that opens the form, less its dots, and of the one that sends it. */
  button: string
  title: string
  text: string
  done: string
  mutation: TypedDocumentNode<Answer, { input: Input }>
  reason: boolean
  duration: boolean
  harm: boolean
}

const mutations = { CANCEL: Cancel, CLOSE: Close, REVOKE: Revoke, EXTEND: Extend } as unknown as Record<Name, Act['mutation']>

// The acts that belong to a status: those that are not possible are listed, with the reason.
const belonging: Partial<Record<RequestDetail['status'], readonly string[]>> = {
  PENDING: ['UPDATE', 'CANCEL'],
  APPROVED: ['CANCEL', 'REVOKE'],
  ACTIVE: ['EXTEND', 'CLOSE', 'REVOKE'],
}

/** What the viewer may do with a request besides deciding it, and what not, with its reason. */
export function Acts({ request: r, actions, limits, again }: { request: RequestDetail; actions: readonly Action[]; limits: Limits; again: () => void }) {
  const viewer = useViewer()
  const { live } = useConnection()
  const at = useNow()
  const [open, setOpen] = useState<Name | null>(null)
  const [said, setSaid] = useState<string | null>(null)
  const answer = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    if (said !== null) answer.current?.focus()
  }, [said])
  const own = r.requester.userId === viewer.id
  const thing = what(r.items)
  const until = r.grant ? clock(Date.parse(r.grant.expiresAt), at) : ''
  const act = (name: Name, words: Omit<Act, 'act' | 'mutation' | 'reason' | 'duration' | 'harm'>): Act => ({
    act: name,
    mutation: mutations[name],
    reason: name === 'REVOKE' || name === 'EXTEND',
    duration: name === 'EXTEND',
    harm: name !== 'EXTEND',
    ...words,
  })
  const all: Act[] = [
    act('EXTEND', { button: 'Extend', title: `Extend ${thing}`, text: `It ends at ${until} now. Somebody decides about more time.`, done: 'You asked for an extension. Somebody decides about it.' }),
    act('CLOSE', { button: 'Close', title: `Close ${thing}?`, text: `Your access ends now, and not at ${until}. You can ask again.`, done: 'You closed this access.' }),
    act('CANCEL', { button: 'Cancel request', title: 'Cancel this request?', text: r.status === 'APPROVED' ? `${thing} will not come into force. You can ask again.` : `Nobody decides about ${thing} any more. You can ask again.`, done: 'You canceled this request.' }),
    act('REVOKE', { button: 'Revoke', title: `Revoke ${thing} from ${r.requester.name}?`, text: r.status === 'APPROVED' ? 'The access will not come into force.' : `The access ends now, and not at ${until}.`, done: 'You revoked this access.' }),
  ]
  const may = (name: string) => actions.find((a) => a.act === name)
  const here = belonging[r.status] ?? []
  const offered = all.filter((a) => may(a.act)?.allowed)
  // Of others' requests only what the viewer may do is listed; why not is theirs to know.
  const refused = own ? actions.filter((a) => !a.allowed && a.reason && here.includes(a.act)) : []
  const edit = may('UPDATE')?.allowed ?? false
  useLetter('E', () => document.getElementById('edit')?.click(), edit)
  const over = own && !['PENDING', 'APPROVED', 'ACTIVE'].includes(r.status)
  useOffer([
    ...(live ? offered.map((a) => ({ label: `${a.button}…`, run: () => setOpen(a.act) })) : []),
    ...(edit ? [{ label: 'Edit…', keys: 'E', run: () => document.getElementById('edit')?.click() }] : []),
    ...(over ? [{ label: 'Ask again', run: () => document.getElementById('again')?.click() }] : []),
  ])
  const self = may('APPROVE')
  const decides = own && r.status === 'PENDING' && self && !self.allowed ? self.reason : null
  const opened = all.find((a) => a.act === open)
  if (offered.length === 0 && refused.length === 0 && !edit && !over && !decides && said === null && !opened) return null
  return (
    <section className="card" aria-labelledby="acts">
      <Stack p="md" gap="sm">
        <Title order={2} id="acts">
          What you can do
        </Title>
        {said !== null && (
          <Text role="status" fw={600} tabIndex={-1} ref={answer}>
            {said}
          </Text>
        )}
        {decides && <Text c="dimmed">{decides}</Text>}
        {edit && (
          <ButtonLink id="edit" to="/ask" search={{ edit: r.id }} variant="default">
            Edit…
          </ButtonLink>
        )}
        {offered.map((a) => (
          <ActButton key={a.act} variant={a.harm ? 'outline' : 'default'} color={a.harm ? 'bad' : undefined} onClick={() => setOpen(a.act)} off={!live}>
            {a.button}…
          </ActButton>
        ))}
        {refused.map((a) => (
          <div key={a.act}>
            <ActButton variant="default" fullWidth off aria-describedby={`off-${a.act}`}>
              {a.act === 'UPDATE' ? 'Edit' : all.find((b) => b.act === a.act)?.button}…
            </ActButton>
            <Text size="sm" c="dimmed" mt={4} id={`off-${a.act}`}>
              {a.reason}
            </Text>
          </div>
        ))}
        {!live && offered.length > 0 && <Text c="dimmed">This is possible once Procyon can be reached.</Text>}
        {over && (
          <ButtonLink id="again" to="/ask" search={{ again: r.id }}>
            Ask again
          </ButtonLink>
        )}
      </Stack>
      {opened && (
        <ActForm
          key={opened.act}
          act={opened}
          allowed={may(opened.act)?.allowed ?? false}
          refused={may(opened.act)?.reason ?? null}
          request={r}
          limits={limits}
          onClose={() => setOpen(null)}
          onDone={() => {
            setOpen(null)
            setSaid(opened.done)
            again()
          }}
          again={again}
        />
      )}
    </section>
  )
}

type FormProps = { act: Act; allowed: boolean; refused: string | null; request: RequestDetail; limits: Limits; onClose: () => void; onDone: () => void; again: () => void }

/**
 * Confirms what it ends, by name; the safe button has the focus. What changes meanwhile is
 * marked before anything is sent, as a decision does it.
 */
function ActForm({ act, allowed, refused, request, limits, onClose, onDone, again }: FormProps) {
  const viewer = useViewer()
  const { live } = useConnection()
  const { values, set, drop } = useDraft(viewer.id, `${act.act}.${request.id}`, { reason: '', duration: '' })
  const { seen, was, changed, resting, take } = useSeen(request)
  const [words] = useState(act) // of what is in force as it was when this was opened
  const why = useRef<HTMLTextAreaElement>(null)
  const change = useChange(act.mutation, {
    byKey: (key) => wasChanged(request.id, key),
    notDone: 'This did not arrive, and nothing was done. Send it again.',
    at: (errors) => fieldErrors(errors, ['reason', 'duration']),
    again: async (outcome) => {
      if (outcome.is !== 'conflict') return
      await readAgain(request.id)
      again()
    },
  })
  const { wrong, busy } = change
  const least = seconds(limits.minDuration)
  const most = Math.max(least, seconds(limits.maxDuration) - seconds(seen.grantedDuration ?? seen.requestedDuration))
  const longer = Math.min(seconds(values.duration) || 3600, most)
  const late = !busy && !allowed
  const stale = !busy && allowed && changed

  async function send() {
    if (busy || late || stale || resting || !live) return
    const short = act.reason ? reasonError(values.reason, limits) : null
    if (short) {
      change.say({ reason: short })
      why.current?.focus()
      return
    }
    const outcome = await change.send({
      requestId: request.id,
      expectedVersion: seen.version,
      ...(act.reason ? { reason: values.reason.trim() } : {}),
      ...(act.duration ? { duration: toISO(longer) } : {}),
    })
    if (outcome?.is === 'refused' && outcome.wrong['reason']) why.current?.focus()
    if (outcome?.is !== 'done') return
    drop()
    onDone()
  }

  return (
    <Modal opened onClose={busy ? () => {} : onClose} title={words.title} closeButtonProps={{ 'aria-label': 'Close this form' }}>
      <form
        noValidate
        onSubmit={(e) => {
          e.preventDefault()
          void send()
        }}
        onKeyDown={(e) => {
          if (e.key !== 'Enter' || !(e.metaKey || e.ctrlKey)) return
          e.preventDefault()
          e.stopPropagation()
          void send()
        }}
      >
        <Stack gap="md">
          <Text>{words.text}</Text>
          {act.duration && (
            <Select
              label="How much longer"
              value={toISO(longer)}
              onChange={(v) => set({ duration: v ?? '' })}
              data={lengths(least, most, longer).map((s) => ({ value: toISO(s), label: short(s) }))}
              error={wrong['duration']}
              readOnly={busy}
            />
          )}
          {act.reason && (
            <Textarea
              ref={why}
              label="Why?"
              description={act.act === 'REVOKE' ? `${request.requester.name} will read it.` : 'Who decides reads it.'}
              required
              withAsterisk={false}
              autosize
              minRows={2}
              maxLength={limits.maxReasonLength}
              value={values.reason}
              onChange={(e) => set({ reason: e.currentTarget.value })}
              error={wrong['reason']}
              readOnly={busy}
              data-autofocus
            />
          )}
          <div className="foot">
            <ActButton variant="default" px="sm" onClick={onClose} off={busy} data-autofocus={act.reason ? undefined : true}>
              Go back
            </ActButton>
            {stale ? (
              <ActButton
                key="send"
                color="wait"
                miw={172} px="sm"
                onClick={() => {
                  take()
                  change.say({})
                }}
              >
                See what changed
              </ActButton>
            ) : (
              <ActButton key="send" type="submit" miw={172} px="sm" color={act.harm ? 'bad' : undefined} busy={busy} off={late || resting || !live}>
                {words.button}
              </ActButton>
            )}
          </div>
          {!live && <Text c="dimmed">This is possible once Procyon can be reached.</Text>}
          <Standing of={change} shown={stale || late} />
          {stale && <Changed seen={seen} request={request} />}
          {!stale && !late && was && <Changed seen={was} request={seen} taken />}
          {late && <Late title={`${refused ?? 'This is not possible any more.'} Nothing was sent.`} seen={seen} request={request} typed={values.reason} />}
        </Stack>
      </form>
    </Modal>
  )
}
