import { Alert, Button, Group, Radio, Select, Stack, Text, Textarea, TextInput, Title } from '@mantine/core'
import { useInViewport, useMergedRef } from '@mantine/hooks'
import { IconAlertTriangle, IconX } from '@tabler/icons-react'
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react'
import { useAct, type Outcome } from '../api/act.ts'
import { client } from '../api/client.ts'
import { now } from '../api/clock.ts'
import { useConnection } from '../api/connection.ts'
import { useDraft } from '../api/draft.ts'
import { graphql, type ResultOf } from '../api/graphql.ts'
import { useKey } from '../api/key.ts'
import { Changed } from '../requests/Changes.tsx'
import { lengths, ReadAgain } from '../requests/Decision.tsx'
import { RequestDetail } from '../requests/fragments.ts'
import { rest } from '../requests/seen.ts'
import { itemLabel, what } from '../requests/terms.ts'
import { useOffer } from '../shell/acts.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { seconds, short, toISO, words } from '../ui/duration.ts'
import { Role } from '../ui/Items.tsx'
import { ButtonLink, Link } from '../ui/Link.tsx'
import { clock, useNow } from '../ui/Time.tsx'
import { count, kinds, statuses } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'
import classes from './Ask.module.css'
import { Catalog } from './Catalog.tsx'
import { check, createInput, fields, rebased, same, updateInput, wrongOf, type AskLimits, type Draft, type Wanted, type Wrong } from './form.ts'
import { Hearing } from './Hearing.tsx'
import type { Held } from './held.ts'
import type { AskSearch } from './search.ts'

const StartPicker = lazy(() => import('./StartPicker.tsx'))

const Create = graphql(
  `
    mutation Ask($input: CreateAccessRequestInput!) {
      result: createAccessRequest(input: $input) {
        accessRequest { ...RequestDetail }
        duplicateOf { id status items { resourceName role } grant { startsAt expiresAt } }
        userErrors { code field message }
      }
    }
  `,
  [RequestDetail],
)

const Update = graphql(
  `
    mutation Edit($input: UpdateAccessRequestInput!) {
      result: updateAccessRequest(input: $input) {
        accessRequest { ...RequestDetail }
        duplicateOf { id status items { resourceName role } grant { startsAt expiresAt } }
        userErrors { code field message }
      }
    }
  `,
  [RequestDetail],
)

const WasAsked = graphql(`
  query WasAsked($key: String!) {
    created(kind: ACCESS_REQUEST, idempotencyKey: $key) { id }
  }
`)

const WasEdited = graphql(`
  query WasEdited($id: ID!, $key: String!) {
    accessRequest(id: $id) { id viewerChanged(idempotencyKey: $key) }
  }
`)

type Result = NonNullable<ResultOf<typeof Create>['result']>
type Twin = NonNullable<Result['duplicateOf']>

type Props = {
  limits: AskLimits
  filled: { draft: Draft; left: readonly { label: string; why: string }[]; shortened: string | null }
  /** Of the draft. */
  name: string
  /** The pending request that is changed, as it is now. */
  editing: RequestDetail | null
  again: RequestDetail | null
  held: readonly Held[]
  search: AskSearch
  onSearch: (search: AskSearch, replace?: boolean) => void
  onAsked: (id: string) => void
  /** Why what is edited can't be edited any more. */
  over: ReactNode
}

/** The catalog, the queue of what is asked for, and for how long, from when, and why. */
export function AskForm({ limits, filled, name, editing, again, held, search, onSearch, onAsked, over }: Props) {
  const viewer = useViewer()
  const { live } = useConnection()
  const at = useNow()
  const { values, set, drop } = useDraft<Draft>(viewer.id, name, filled.draft)
  const [wrong, setWrong] = useState<Wrong>({})
  const [attempt, setAttempt] = useState(0) // grows with each set of errors
  const [twin, setTwin] = useState<Twin | null>(null)
  const [conflict, setConflict] = useState<string | null>(null)
  const [was, setWas] = useState<RequestDetail | null>(null) // before the newest version was taken
  const [resting, setResting] = useState(false)
  const [reading, setReading] = useState(false)
  const [announced, setAnnounced] = useState('')
  const form = useRef<HTMLFormElement>(null)
  const { ref: formSeen, inViewport: formShown } = useInViewport<HTMLFormElement>()
  const mergedForm = useMergedRef(form, formSeen)
  const { keyOf, taken } = useKey()
  const created = useRef('') // the request that a lookup by key found
  const ask = useAct(Create, async ({ input }) => {
    const { data, error } = await client.query(WasAsked, { key: input.idempotencyKey ?? '' }, { requestPolicy: 'network-only' }).toPromise()
    created.current = data?.created?.id ?? ''
    return error ? undefined : created.current !== ''
  })
  const edit = useAct(Update, async ({ input }) => {
    const { data, error } = await client.query(WasEdited, { id: input.requestId, key: input.idempotencyKey ?? '' }, { requestPolicy: 'network-only' }).toPromise()
    return error ? undefined : (data?.accessRequest?.viewerChanged ?? false)
  })

  const standing = editing ? edit.standing : ask.standing
  const busy = standing !== 'idle' || reading
  const seen = values.seen
  const stale = !busy && editing !== null && over === null && seen !== null && editing.version !== seen.version
  const least = seconds(limits.minDuration)
  const most = seconds(limits.maxDuration)
  const length = Math.min(seconds(values.duration) || most, most)
  const typed = JSON.stringify(values) !== JSON.stringify(filled.draft)

  useEffect(() => {
    if (!resting) return
    const timer = setTimeout(() => setResting(false), rest)
    return () => clearTimeout(timer)
  }, [resting, seen])

  // The first field that is wrong takes the focus; what concerns no field has a place of its own.
  useEffect(() => {
    if (attempt === 0) return
    const item = Object.keys(wrong.item ?? {})[0]
    const first = fields.find((f) => wrong[f] !== undefined)
    const id = item !== undefined ? `ask-item-${item}` : first === 'items' ? (values.items.length > 0 ? 'ask-item-0' : 'ask-search') : first ? `ask-${first}` : 'ask-wrong'
    document.getElementById(id)?.focus()
  }, [attempt])

  useEffect(() => {
    if (twin) document.getElementById('ask-twin')?.focus()
  }, [twin])

  function fail(errors: Wrong) {
    setWrong(errors)
    setAttempt((n) => n + 1)
  }

  async function send(allowDuplicate: boolean) {
    if (busy || stale || resting || !live || over !== null) return
    setTwin(null)
    setConflict(null)
    const draft = { ...values, duration: toISO(length) }
    const errors = check(draft, limits, now())
    if (Object.keys(errors).length > 0) return fail(errors)
    setWrong({})
    let outcome: Outcome<{ result: Result | null }> | null
    if (editing && draft.seen) {
      const input = updateInput({ ...draft, seen: draft.seen }, allowDuplicate)
      outcome = await edit.run({ input: { ...input, idempotencyKey: keyOf(input) } })
    } else {
      const input = createInput(draft, allowDuplicate)
      outcome = await ask.run({ input: { ...input, idempotencyKey: keyOf(input) } })
    }
    if (outcome) await heard(outcome)
  }

  async function heard(outcome: Outcome<{ result: Result | null }>) {
    if (outcome.is === 'failed') return outcome.trouble.kind === 'signedOut' ? undefined : fail({ form: outcome.trouble.message })
    if (outcome.is === 'notDone') return fail({ form: `This did not arrive, and nothing was ${editing ? 'changed' : 'asked'}. Send it again.` })
    const result = outcome.is === 'answered' ? outcome.data.result : null
    const errors = result?.userErrors ?? []
    if (result?.duplicateOf) {
      setTwin(result.duplicateOf)
      return
    }
    const first = errors.find((e) => e.code === 'CONFLICT')
    if (first && editing) {
      setReading(true)
      await client.query(ReadAgain, { id: editing.id }, { requestPolicy: 'network-only' }).toPromise()
      setReading(false)
      setConflict(first.message)
      return
    }
    if (errors.length > 0) return fail(wrongOf(errors))
    taken()
    drop()
    onAsked(editing?.id ?? result?.accessRequest?.id ?? created.current)
  }

  function add(item: Wanted) {
    const items = [...values.items.filter((i) => !same(i, item)), item]
    set({ items })
    setWrong(({ items: _, item: __, ...others }) => others)
    setTwin(null)
    setAnnounced(`${itemLabel(item)} added: ${count(items.length, 'resource')} in your request.`)
  }

  function remove(place: number) {
    const items = values.items.filter((_, i) => i !== place)
    set({ items })
    setWrong(({ item: __, ...others }) => others)
    setTwin(null)
    setAnnounced(`Removed: ${count(items.length, 'resource')} in your request.`)
    // The focus goes to what takes its place.
    requestAnimationFrame(() => document.getElementById(items.length > 0 ? `ask-item-${Math.min(place, items.length - 1)}` : 'ask-search')?.focus())
  }

  /** A field's value, and its error away. */
  const change = (values: Partial<Draft>, field?: keyof Wrong) => {
    set(values)
    if (field && wrong[field]) setWrong(({ [field]: _, ...others }) => others)
  }

  const act = editing ? 'Save changes' : 'Ask for access'
  useOffer([
    { label: 'Find a resource', run: () => document.getElementById('ask-search')?.focus() },
    { label: 'Say why', run: () => document.getElementById('ask-reason')?.focus() },
    // These lead to their buttons: nothing is sent or cleared from the palette.
    { label: `${act}…`, run: () => document.getElementById('ask-send')?.focus() },
    ...(typed ? [{ label: editing ? 'Undo my changes…' : 'Start anew…', run: () => document.getElementById('ask-anew')?.focus() }] : []),
  ])
  const fixedStart = Boolean(seen?.startsAt)
  return (
    <div
      onKeyDown={(e) => {
        if (e.key !== 'Enter' || !(e.metaKey || e.ctrlKey)) return
        e.preventDefault()
        e.stopPropagation()
        form.current?.requestSubmit()
      }}
    >
      <Stack gap="lg">
        <Title order={1}>{editing ? 'Edit your request' : again ? 'Ask again' : 'Ask for access'}</Title>
        {(filled.left.length > 0 || (filled.shortened && again)) && (
          <Alert color="wait" variant="light" icon={<IconAlertTriangle aria-hidden />} title={filled.left.length > 0 ? `Left out: ${count(filled.left.length, 'resource')} that can’t be given any more` : 'It is shorter than before'}>
            {filled.left.map((l) => (
              <Text size="sm" key={l.label}>
                <b>
                  <bdi>{l.label}</bdi>
                </b>
                : {l.why}
              </Text>
            ))}
            {filled.shortened && <Text size="sm">{filled.shortened}</Text>}
          </Alert>
        )}
        <div className={classes['columns']}>
          <Catalog search={search} onSearch={onSearch} queue={values.items} held={held} editing={editing?.id} maxItems={limits.maxItems} wrong={values.items.length === 0 ? wrong.items : undefined} onAdd={add} />
          <form
            ref={mergedForm}
            id="request"
            className={`card ${classes['form']}`}
            aria-labelledby="yours"
            noValidate
            onSubmit={(e) => {
              e.preventDefault()
              void send(false)
            }}
          >
            <Stack p="md" gap="md">
              <Group justify="space-between" mih={44}>
                <Title order={2} id="yours">
                  Your request
                </Title>
                {typed && (
                  <Button
                    id="ask-anew"
                    variant="subtle"
                    color="over"
                    onClick={() => {
                      drop()
                      setWrong({})
                      setTwin(null)
                      setWas(null)
                    }}
                  >
                    {editing ? 'Undo my changes' : 'Start anew'}
                  </Button>
                )}
              </Group>
              <Queue items={values.items} wrong={wrong.item ?? {}} onRemove={remove} readOnly={busy} />
              {wrong.items && values.items.length > 0 && (
                <Text size="sm" c="bad" role="alert">
                  {wrong.items}
                </Text>
              )}
              {values.items.length >= limits.maxItems && (
                <Text size="sm" c="dimmed">
                  A request has at most {count(limits.maxItems, 'resource')}.
                </Text>
              )}
              <Select
                id="ask-duration"
                label="For how long"
                description={`At most ${words(most)}.`}
                value={toISO(length)}
                onChange={(v) => change({ duration: v ?? values.duration }, 'duration')}
                data={lengths(least, most, length).map((s) => ({ value: toISO(s), label: short(s) }))}
                error={wrong.duration}
                readOnly={busy}
              />
              <Radio.Group
                label="Start"
                size="md"
                value={values.start}
                onChange={(v) => change({ start: v as Draft['start'] }, 'startsAt')}
                readOnly={busy}
                description={fixedStart ? 'It can be moved, and not left out: cancel this request and ask again to start at once.' : undefined}
              >
                <Group gap="0 16px">
                  <Radio value="now" label="Once approved" disabled={fixedStart} className={classes['choice']} />
                  <Radio value="then" label="At a time" className={classes['choice']} />
                </Group>
              </Radio.Group>
              {values.start === 'then' && (
                <Suspense fallback={<div style={{ height: 92 }} />}>
                  <StartPicker
                    value={values.startsAt}
                    onChange={(startsAt) => change({ startsAt }, 'startsAt')}
                    least={at}
                    most={at + seconds(limits.maxStartAhead) * 1000}
                    error={wrong.startsAt}
                    readOnly={busy}
                  />
                </Suspense>
              )}
              <Textarea
                id="ask-reason"
                label="Why?"
                description="Who hears of it reads this."
                autosize
                minRows={2}
                maxLength={limits.maxReasonLength}
                value={values.reason}
                onChange={(e) => change({ reason: e.currentTarget.value }, 'reason')}
                error={wrong.reason}
                readOnly={busy}
                required
                withAsterisk={false}
              />
              <TextInput
                id="ask-ticket"
                label="Ticket"
                placeholder="If there is one"
                maxLength={limits.maxTicketLength}
                value={values.ticket}
                onChange={(e) => change({ ticket: e.currentTarget.value }, 'ticket')}
                error={wrong.ticket}
                readOnly={busy}
              />
              <Hearing items={values.items} />
              <Group gap="sm" className={classes['send']}>
                {stale ? (
                  <ActButton
                    key="act"
                    miw={172} px="sm"
                    color="wait"
                    onClick={() => {
                      setWas(seen)
                      set(rebased(values, editing, limits))
                      setResting(true)
                      setConflict(null)
                      setTwin(null)
                    }}
                  >
                    See what changed
                  </ActButton>
                ) : (
                  <ActButton id="ask-send" key="act" type="submit" miw={172} px="sm" busy={busy} off={!live || resting || over !== null}>
                    {act}
                  </ActButton>
                )}
                {editing && (
                  <ButtonLink to="/requests/$id" params={{ id: editing.id }} variant="default">
                    Go back
                  </ButtonLink>
                )}
              </Group>
              {!live && <Text c="dimmed">You can {editing ? 'save this' : 'ask'} once Procyon can be reached. What you typed is kept.</Text>}
              {standing === 'findingOut' && (
                <Alert role="status" color="wait" variant="light">
                  We are finding out whether this was done. Don’t repeat it.
                </Alert>
              )}
              {(wrong.form ?? (stale || over !== null ? null : conflict)) && (
                <Alert id="ask-wrong" tabIndex={-1} role="alert" color="bad" variant="light" icon={<IconAlertTriangle aria-hidden />}>
                  {wrong.form ?? conflict}
                </Alert>
              )}
              {twin && <Duplicate twin={twin} onInsist={() => void send(true)} />}
              {stale && seen && <Changed seen={seen} request={editing} />}
              {!stale && over === null && was && seen && <Changed seen={was} request={seen} taken />}
              {over !== null && !busy && (
                <Alert role="alert" color="over" variant="light" icon={<IconAlertTriangle aria-hidden />} title="Your changes were not sent.">
                  {over}
                </Alert>
              )}
            </Stack>
          </form>
        </div>
        {values.items.length > 0 && !formShown && (
          <div className={classes['bar']}>
            <Text size="sm" fw={600} truncate>
              <bdi>{what(values.items)}</bdi>
            </Text>
            <Button
              flex="none"
              onClick={() => {
                form.current?.scrollIntoView({ block: 'start' })
                document.getElementById('ask-duration')?.focus({ preventScroll: true })
              }}
            >
              Go on
            </Button>
          </div>
        )}
        <div role="status" className="hidden">
          {announced}
        </div>
      </Stack>
    </div>
  )
}

function Queue({ items, wrong, onRemove, readOnly }: { items: readonly Wanted[]; wrong: Record<number, string>; onRemove: (place: number) => void; readOnly: boolean }) {
  if (items.length === 0) return <Text c="dimmed">Nothing yet. Add what you need from the catalog.</Text>
  return (
    <Stack component="ul" gap="xs" m={0} p={0} style={{ listStyle: 'none' }} aria-label="In your request">
      {items.map((i, place) => (
        <li key={`${i.resourceId} ${i.role}`} className={classes['queued']}>
          <div style={{ minWidth: 0 }}>
            <Group gap="xs">
              <Text fw={600} span>
                <bdi>{i.resourceName}</bdi>
              </Text>
              <Role role={i.role} />
            </Group>
            <Text size="sm" c="dimmed">
              {kinds[i.resourceKind] ?? i.resourceKind}
              {i.place && (
                <>
                  {', '}
                  <bdi>{i.place}</bdi>
                </>
              )}
            </Text>
            {wrong[place] && (
              <Text size="sm" c="bad" role="alert">
                {wrong[place]}
              </Text>
            )}
          </div>
          <ActButton id={`ask-item-${place}`} variant="subtle" color="over" px={0} w={44} off={readOnly} onClick={() => onRemove(place)} aria-label={`Remove ${itemLabel(i)}`}>
            <IconX size={18} aria-hidden />
          </ActButton>
        </li>
      ))}
    </Stack>
  )
}

/** The request that asks for all of it already, and the way to ask all the same. */
function Duplicate({ twin, onInsist }: { twin: Twin; onInsist: () => void }) {
  const at = useNow()
  const stands = twin.status === 'ACTIVE' && twin.grant ? `yours until ${clock(Date.parse(twin.grant.expiresAt), at)}` : statuses[twin.status].word.toLowerCase()
  return (
    <Alert id="ask-twin" tabIndex={-1} role="alert" color="wait" variant="light" icon={<IconAlertTriangle aria-hidden />} title="You have asked for this already">
      <Text size="sm" mb="sm">
        <Link to="/requests/$id" params={{ id: twin.id }}>
          <bdi>{what(twin.items)}</bdi>
        </Link>{' '}
        is {stands}. Nothing was sent.
      </Text>
      <Group gap="sm">
        <ButtonLink to="/requests/$id" params={{ id: twin.id }}>
          Open that request
        </ButtonLink>
        <Button variant="default" onClick={onInsist}>
          Ask all the same
        </Button>
      </Group>
    </Alert>
  )
}
