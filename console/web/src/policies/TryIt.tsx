import { ActionIcon, Button, Checkbox, Group, Select, Stack, Text, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconX } from '@tabler/icons-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { now } from '../api/clock.ts'
import type { Trouble } from '../api/trouble.ts'
import { ofLocal } from '../ask/form.ts'
import { WhoSelect, type Who } from '../people/WhoSelect.tsx'
import { seconds, words as length } from '../ui/duration.ts'
import { Failure } from '../ui/state.tsx'
import { count, listed } from '../ui/words.ts'
import { inputOf } from './edit.ts'
import { Length } from './Fields.tsx'
import { findTried, tryPolicies, type Rules, type Triable, type Tried } from './operations.ts'
import classes from './policies.module.css'

const StartPicker = lazy(() => import('../ask/StartPicker.tsx'))

const most = 20 // as in a request
const farthest = 366 * 86_400_000

type Item = { of: Triable; role: string | null }

/** Says who would be asked if somebody asked for something: by the draft, or else by what is in force. */
export function TryIt({ draft }: { draft: Rules | null }) {
  const [who, setWho] = useState<readonly Who[]>([])
  const [items, setItems] = useState<readonly Item[]>([])
  const [duration, setDuration] = useState<string | null>(null)
  const [later, setLater] = useState(false)
  const [start, setStart] = useState('')
  const [busy, setBusy] = useState(false)
  const [is, setIs] = useState<Tried | Trouble | null>(null)
  useEffect(() => setIs(null), [draft, who, items, duration, later, start]) // which it was not said of
  const person = who[0]
  const startsAt = later ? ofLocal(start) : null
  const ready = person !== undefined && items.length > 0 && !Number.isNaN(startsAt)
  const look = async () => {
    if (!ready) return
    setBusy(true)
    const wish = { forUserId: person.id, items: items.map((i) => ({ resourceId: i.of.id, role: i.role })), duration, startsAt: startsAt === null ? null : new Date(startsAt).toISOString() }
    setIs(await tryPolicies(wish, draft && inputOf(draft)))
    setBusy(false)
  }
  return (
    <section className="card" aria-labelledby="try">
      <Stack p="md" gap="sm">
        <Title order={2} id="try">
          Try it
        </Title>
        <Text c="dimmed">Who would be asked, by {draft ? 'your draft, as if you had saved it' : 'what is in force'}. Nothing is asked and nobody is told.</Text>
        <WhoSelect label="Who asks" most={1} value={who} onChange={setWho} />
        <Items items={items} onChange={setItems} />
        <Length label="For how long" description="Empty: as short as is allowed." value={duration} onChange={setDuration} />
        <Checkbox label="It begins at a time, and not as soon as it is approved" checked={later} onChange={(e) => setLater(e.currentTarget.checked)} />
        {later && (
          <Suspense>
            <StartPicker value={start} onChange={setStart} least={now()} most={now() + farthest} error={undefined} readOnly={false} />
          </Suspense>
        )}
        <Button variant="default" style={{ alignSelf: 'flex-start' }} loading={busy} disabled={!ready} onClick={() => void look()}>
          Try
        </Button>
        <div role="status">
          {is &&
            ('kind' in is ? (
              <Failure what="This could not be tried" trouble={is} />
            ) : (
              <ul className={classes['changes']}>
                {triedWords(is, (id) => nameIn(items, id)).map((w) => (
                  <li key={w}>{w}</li>
                ))}
              </ul>
            ))}
        </div>
      </Stack>
    </section>
  )
}

const nameIn = (items: readonly Item[], id: string): string => items.find((i) => i.of.id === id)?.of.name ?? id

/** What is asked for: resources, each with one of its roles where it has any. */
function Items({ items, onChange }: { items: readonly Item[]; onChange: (v: readonly Item[]) => void }) {
  const [typed, setTyped] = useState('')
  const [words] = useDebouncedValue(typed, 150)
  const [found, setFound] = useState<readonly Triable[]>([])
  useEffect(() => {
    let over = false
    void findTried(words.trim()).then((all) => !over && setFound(all))
    return () => void (over = true)
  }, [words])
  const place = (r: Triable) => r.account?.name ?? r.gateway?.name
  return (
    <>
      <Select
        label="For what"
        description={`At most ${most} resources.`}
        placeholder="Add a resource"
        searchable
        nothingFoundMessage="No other resource is called so."
        disabled={items.length >= most}
        filter={({ options }) => options} // the server found them
        data={found.filter((f) => !items.some((i) => i.of.id === f.id)).map((f) => ({ value: f.id, label: place(f) ? `${f.name}, ${place(f)}` : f.name }))}
        value={null}
        searchValue={typed}
        onSearchChange={setTyped}
        onChange={(id) => {
          const of = found.find((f) => f.id === id)
          if (of) onChange([...items, { of, role: of.roles[0] ?? null }])
          setTyped('')
        }}
      />
      {items.length > 0 && (
        <Stack component="ul" gap="xs" m={0} p={0} style={{ listStyle: 'none' }} aria-label="What is tried">
          {items.map((i) => (
            <Group component="li" key={i.of.id} gap="sm" wrap="nowrap">
              <Text style={{ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }}>
                <bdi>{i.of.name}</bdi>
              </Text>
              {i.of.roles.length > 0 && (
                <Select
                  w={160}
                  aria-label={`Role of ${i.of.name}`}
                  allowDeselect={false}
                  data={[...i.of.roles]}
                  value={i.role}
                  onChange={(role) => onChange(items.map((x) => (x === i ? { ...i, role } : x)))}
                />
              )}
              <ActionIcon variant="default" size={36} aria-label={`Remove ${i.of.name}`} onClick={() => onChange(items.filter((x) => x !== i))}>
                <IconX size={16} aria-hidden />
              </ActionIcon>
            </Group>
          ))}
        </Stack>
      )}
    </>
  )
}

/** What asking would lead to, a sentence or two each. */
export function triedWords(t: Tried, nameOf: (resourceId: string) => string): string[] {
  const several = t.tracks.length > 1
  const lacking = t.refusal && ['reason', 'ticket'].some((f) => t.refusal?.field?.split('.').at(-1) === f) // nobody gave one here
  const refused = (lacking ? null : t.refusal?.message) ?? t.tracks.find((x) => x.refusedBecause !== null)?.refusedBecause
  const out = t.tracks.map((x) => {
    const it = several ? listed(x.resourceIds.map(nameOf), 'and', 10) : x.resourceIds.length > 1 ? 'all of it' : 'it'
    const needs = x.refusedBecause === null && !refused ? ` ${stepsWords(x.steps)}` : ''
    return `“${x.policyName}” governs ${it}${x.guardrails.length > 0 ? `, with the ${x.guardrails.length === 1 ? 'guardrail' : 'guardrails'} ${listed(x.guardrails)}` : ''}.${needs}`
  })
  if (refused) return [...out, `Given so, it would be refused: ${refused}`]
  if (t.approvedAtOnce || (lacking && t.tracks.length > 0 && t.tracks.every((x) => x.steps.length === 0))) out.push('It would be approved at once.')
  else out.push(t.approvers.length > 0 ? `${listed(t.approvers, 'and', 10)} would be asked first.` : 'Nobody would be asked.')
  out.push(`At most ${length(seconds(t.maxDuration))} would be allowed.`)
  return out
}

/** "Needs 1 approval, then 2 (Review)." */
function stepsWords(steps: Tried['tracks'][number]['steps']): string {
  if (steps.length === 0) return 'Nobody has to approve.'
  return `Needs ${steps.map((s, i) => `${i === 0 ? count(s.need, 'approval') : s.need}${s.name || s.guardrail ? ` (${s.name ?? s.guardrail})` : ''}`).join(', then ')}.`
}
