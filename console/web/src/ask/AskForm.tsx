import { Alert, Button, Group, Radio, Select, Stack, Text, Textarea, TextInput, Title } from '@mantine/core'
import { useInViewport, useMergedRef } from '@mantine/hooks'
import { IconAlertTriangle } from '@tabler/icons-react'
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react'
import { useChange } from '../api/change.ts'
import { now } from '../api/clock.ts'
import { useConnection } from '../api/connection.ts'
import { useDraft } from '../api/draft.ts'
import type { UserError } from '../api/trouble.ts'
import { Changed } from '../requests/Changes.tsx'
import { lengths } from '../requests/limits.ts'
import type { RequestDetail } from '../requests/fragments.ts'
import { readAgain, rest, wasChanged } from '../requests/seen.ts'
import { itemLabel, what } from '../requests/terms.ts'
import { useOffer } from '../shell/acts.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { seconds, short, toISO, words } from '../ui/duration.ts'
import { ButtonLink } from '../ui/Link.tsx'
import { Standing } from '../ui/Standing.tsx'
import { useNow } from '../ui/now.ts'
import { count } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'
import classes from './Ask.module.css'
import { Catalog } from './Catalog.tsx'
import { Duplicate } from './Duplicate.tsx'
import { atItem, check, createInput, fields, rebased, same, suchAs, updateInput, wrongOf, type AskLimits, type Draft, type Field, type Wanted } from './form.ts'
import { Explanation } from './Explanation.tsx'
import { limitsBy, useExplained } from './explained.ts'
import { Hearing } from './Hearing.tsx'
import type { Held } from './held.ts'
import { Ask, Edit, readAsked, type Result, type Twin } from './operations.ts'
import { Queue } from './Queue.tsx'
import type { AskSearch } from './search.ts'

const StartPicker = lazy(() => import('./StartPicker.tsx'))

type Props = {
  title: string
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
export function AskForm({ title, limits: widest, filled, name, editing, again, held, search, onSearch, onAsked, over }: Props) {
  const viewer = useViewer()
  const { live } = useConnection()
  const at = useNow()
  const { values, set, drop } = useDraft<Draft>(viewer.id, name, filled.draft)
  const explained = useExplained(values.items)
  const limits = limitsBy(explained, widest)
  const [attempt, setAttempt] = useState(0) // grows with each set of errors
  const [twin, setTwin] = useState<Twin | null>(null)
  const [was, setWas] = useState<RequestDetail | null>(null) // before the newest version was taken
  const [resting, setResting] = useState(false)
  const [announced, setAnnounced] = useState('')
  const form = useRef<HTMLFormElement>(null)
  const { ref: formSeen, inViewport: formShown } = useInViewport<HTMLFormElement>()
  const mergedForm = useMergedRef(form, formSeen)
  const created = useRef('') // the request that a look by the key found
  const fault = (errors: readonly UserError[], _: unknown, result: Result) => (result.duplicateOf ? {} : wrongOf(errors))
  const ask = useChange(Ask, {
    byKey: async (key) => {
      const id = await readAsked(key)
      created.current = id ?? ''
      return id === undefined ? undefined : id !== null
    },
    notDone: 'This did not arrive, and nothing was asked. Send it again.',
    at: fault,
  })
  const edit = useChange(Edit, {
    byKey: (key) => wasChanged(editing?.id ?? '', key),
    notDone: 'This did not arrive, and nothing was changed. Send it again.',
    at: fault,
    again: (outcome) => (outcome.is === 'conflict' && editing ? readAgain(editing.id) : undefined),
  })

  const change = editing ? edit : ask
  const { wrong, busy } = change
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
    const item = values.items.findIndex((_, place) => wrong[atItem(place)] !== undefined)
    const first = fields.find((f) => wrong[f] !== undefined)
    const id = item >= 0 ? `ask-item-${item}` : first === 'items' ? (values.items.length > 0 ? 'ask-item-0' : 'ask-search') : first ? `ask-${first}` : 'ask-wrong'
    document.getElementById(id)?.focus()
  }, [attempt])

  useEffect(() => {
    if (twin) document.getElementById('ask-twin')?.focus()
  }, [twin])

  async function send(allowDuplicate: boolean) {
    if (busy || stale || resting || !live || over !== null) return
    setTwin(null)
    const draft = { ...values, duration: toISO(length) }
    const errors = check(draft, limits, now())
    if (Object.keys(errors).length > 0) {
      change.say(errors)
      setAttempt((n) => n + 1)
      return
    }
    const outcome = await (editing && draft.seen ? edit.send(updateInput({ ...draft, seen: draft.seen }, allowDuplicate)) : ask.send(createInput(draft, allowDuplicate)))
    if (outcome?.is === 'done') {
      drop()
      onAsked(editing?.id ?? outcome.result?.accessRequest?.id ?? created.current)
    } else if (outcome?.is === 'refused' && outcome.result.duplicateOf) setTwin(outcome.result.duplicateOf)
    else if (outcome) setAttempt((n) => n + 1)
  }

  /** What was wrong with the form without what concerns these of its parts. */
  function forget(parts: (part: string) => boolean) {
    change.say(Object.fromEntries(Object.entries(wrong).filter(([part]) => !parts(part))))
  }

  function add(item: Wanted) {
    const items = [...values.items.filter((i) => !same(i, item)), item]
    set({ items })
    forget((part) => part.startsWith('items'))
    setTwin(null)
    setAnnounced(`${itemLabel(item)} added: ${count(items.length, 'resource')} in your request.`)
  }

  function remove(place: number) {
    const items = values.items.filter((_, i) => i !== place)
    set({ items })
    forget((part) => part.startsWith('items.'))
    setTwin(null)
    setAnnounced(`Removed: ${count(items.length, 'resource')} in your request.`)
    // The focus goes to what takes its place.
    requestAnimationFrame(() => document.getElementById(items.length > 0 ? `ask-item-${Math.min(place, items.length - 1)}` : 'ask-search')?.focus())
  }

  /** A field's value, and its error away. */
  const type = (values: Partial<Draft>, field: Field) => {
    set(values)
    if (wrong[field]) forget((part) => part === field)
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
        <Title order={1}>{title}</Title>
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
          <Catalog search={search} onSearch={onSearch} queue={values.items} held={held} editing={editing?.id} maxItems={limits.maxItems} wrong={values.items.length === 0 ? wrong['items'] : undefined} onAdd={add} />
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
              <Group justify="space-between">
                <Title order={2} id="yours">
                  Your request
                </Title>
                {typed && (
                  <Button
                    id="ask-anew"
                    variant="subtle"
                    color="over"
                    my={-10} // the title's line is as high with it as without, and as that of the catalog beside it
                    onClick={() => {
                      drop()
                      change.say({})
                      setTwin(null)
                      setWas(null)
                    }}
                  >
                    {editing ? 'Undo my changes' : 'Start anew'}
                  </Button>
                )}
              </Group>
              <Queue items={values.items} wrong={wrong} onRemove={remove} readOnly={busy} />
              {wrong['items'] && values.items.length > 0 && (
                <Text size="sm" c="bad" role="alert">
                  {wrong['items']}
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
                onChange={(v) => type({ duration: v ?? values.duration }, 'duration')}
                data={lengths(least, most, length).map((s) => ({ value: toISO(s), label: short(s) }))}
                error={wrong['duration']}
                readOnly={busy}
              />
              <Radio.Group
                label="Start"
                size="md"
                value={values.start}
                onChange={(v) => type({ start: v as Draft['start'] }, 'startsAt')}
                readOnly={busy}
                description={fixedStart ? 'It can be moved, and not left out: cancel this request and ask again to start at once.' : limits.maxStartAhead === widest.maxStartAhead ? undefined : `At most ${words(seconds(limits.maxStartAhead))} ahead.`}
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
                    onChange={(startsAt) => type({ startsAt }, 'startsAt')}
                    least={at}
                    most={at + seconds(limits.maxStartAhead) * 1000}
                    error={wrong['startsAt']}
                    readOnly={busy}
                  />
                </Suspense>
              )}
              <Textarea
                id="ask-reason"
                label="Why?"
                description={limits.minReasonLength > 1 ? `Who hears of it reads this. At least ${limits.minReasonLength} characters.` : 'Who hears of it reads this.'}
                autosize
                minRows={2}
                maxLength={limits.maxReasonLength}
                value={values.reason}
                onChange={(e) => type({ reason: e.currentTarget.value }, 'reason')}
                error={wrong['reason']}
                readOnly={busy}
                required
                withAsterisk={false}
              />
              <TextInput
                id="ask-ticket"
                label="Ticket"
                description={limits.ticketNeeded ? `Needed${suchAs(limits)}.` : undefined}
                placeholder={limits.ticketNeeded ? undefined : 'If there is one'}
                required={limits.ticketNeeded}
                withAsterisk={false}
                maxLength={limits.maxTicketLength}
                value={values.ticket}
                onChange={(e) => type({ ticket: e.currentTarget.value }, 'ticket')}
                error={wrong['ticket']}
                readOnly={busy}
              />
              {explained && <Explanation of={explained} items={values.items} />}
              <Hearing items={values.items} explained={explained} />
              <Group gap="sm" className={classes['send']}>
                {stale ? (
                  <ActButton
                    key="act"
                    miw={172} px="sm"
                    color="wait"
                    onClick={() => {
                      setWas(seen)
                      set(rebased(values, editing, widest))
                      setResting(true)
                      change.say({})
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
              <Standing of={change} shown={stale || over !== null} id="ask-wrong" />
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
