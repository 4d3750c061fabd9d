import { Button, Checkbox, Fieldset, Group, MultiSelect, NumberInput, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { tagOf, written } from '../catalog/kept.ts'
import { WhoSelect } from '../people/WhoSelect.tsx'
import { seconds, toISO } from '../ui/duration.ts'
import { kinds } from '../ui/words.ts'
import { newEscalation } from './edit.ts'
import { findPlaced, type Approvers, type Step, type What, type Who } from './operations.ts'
import { nameOf } from './words.ts'

type Errors = Record<string, string>
type Subject = { subjectId: string; name: string | null }
const most = 50

type PeopleProps = { label: string; users: readonly Subject[]; groups: readonly Subject[]; onChange: (v: { users: Subject[]; groups: Subject[] }) => void; error?: string | undefined }

/** People and groups by name. */
export function People({ label, users, groups, onChange, error }: PeopleProps) {
  const isGroup = (w: { id: string }) => w.id.startsWith('grp_')
  const plain = (w: { id: string; name: string }): Subject => ({ subjectId: w.id, name: w.name })
  return (
    <WhoSelect
      label={label}
      groups
      most={2 * most}
      value={[...users, ...groups].map((s) => ({ id: s.subjectId, name: nameOf(s), email: '' }))}
      onChange={(all) => onChange({ users: all.filter((w) => !isGroup(w)).map(plain), groups: all.filter(isGroup).map(plain) })}
      error={error}
    />
  )
}

/** Everybody, or some people and groups. */
export function WhoFields({ label, value, onChange, error }: { label: string; value: Who; onChange: (v: Who) => void; error?: string | undefined }) {
  return (
    <Fieldset legend={label}>
      <Stack gap="sm">
        <Checkbox label="Everyone" checked={value.everyone} onChange={(e) => onChange({ ...value, everyone: e.currentTarget.checked })} error={value.everyone ? error : undefined} />
        {!value.everyone && <People label="People and groups" users={value.users} groups={value.groups} onChange={(v) => onChange({ ...value, ...v })} error={error} />}
      </Stack>
    </Fieldset>
  )
}

const placeWords = (id: string) => (id.startsWith('acc_') ? 'account' : id.startsWith('gw_') ? 'gateway' : 'resource')

/** Accounts, gateways and resources by name. */
function Places({ value, onChange, error }: { value: readonly Subject[]; onChange: (v: Subject[]) => void; error?: string | undefined }) {
  const [typed, setTyped] = useState('')
  const [words] = useDebouncedValue(typed, 150)
  const [found, setFound] = useState<readonly Subject[]>([])
  useEffect(() => {
    let over = false
    void findPlaced(words.trim()).then((is) => !over && setFound(is))
    return () => void (over = true)
  }, [words])
  const all = [...value, ...found.filter((f) => !value.some((v) => v.subjectId === f.subjectId))]
  return (
    <MultiSelect
      label="Accounts, gateways and resources"
      description="At any of these; none: anywhere."
      searchable
      hidePickedOptions
      maxValues={most}
      nothingFoundMessage="Nothing is called so."
      filter={({ options }) => options} // the server found them
      data={all.map((s) => ({ value: s.subjectId, label: `${nameOf(s)} (${placeWords(s.subjectId)})` }))}
      value={value.map((s) => s.subjectId)}
      onChange={(ids) => onChange(ids.flatMap((id) => all.find((s) => s.subjectId === id) ?? []))}
      onSearchChange={setTyped}
      error={error}
    />
  )
}

/** What something is for. wrong is by the input's fields. */
export function WhatFields({ value, onChange, wrong }: { value: What; onChange: (v: What) => void; wrong: Errors }) {
  const places = (v: Subject[]) => {
    const of = (kind: string) => v.filter((s) => placeWords(s.subjectId) === kind)
    onChange({ ...value, accounts: of('account'), gateways: of('gateway'), resources: of('resource') })
  }
  return (
    <Fieldset legend="What it is for">
      <Stack gap="sm">
        <MultiSelect
          label="Kinds"
          description="Of any of these; none: of any kind."
          data={Object.entries(kinds).map(([v, label]) => ({ value: v, label }))}
          value={[...value.kinds]}
          onChange={(v) => onChange({ ...value, kinds: v as What['kinds'] })}
          error={wrong['what.kinds']}
        />
        <Places value={[...value.accounts, ...value.gateways, ...value.resources]} onChange={places} error={wrong['what.accountIds'] ?? wrong['what.gatewayIds'] ?? wrong['what.resourceIds']} />
        <TagsInput label="Roles" description="With any of these, each confirmed by Enter; none: with any role." maxTags={most} value={[...value.roles]} onChange={(v) => onChange({ ...value, roles: v })} error={wrong['what.roles']} />
        <TagsInput
          label="Tags"
          description="With all of these: a key, or key=value, each confirmed by Enter."
          splitChars={[]} // a value may have a comma
          maxTags={most}
          value={value.tags.map(written)}
          onChange={(v) => onChange({ ...value, tags: v.map(tagOf) })}
          error={wrong['what.tags'] ?? wrong['what']}
        />
      </Stack>
    </Fieldset>
  )
}

const units = { minutes: 60, hours: 3600, days: 86_400 } as const
type Unit = keyof typeof units
const unitOf = (s: number): Unit => (s > 0 && s % units.days === 0 ? 'days' : s > 0 && s % units.hours === 0 ? 'hours' : 'minutes')

/** A length of time; empty is null. */
export function Length({ label, description, value, onChange, error }: { label: string; description?: string; value: string | null; onChange: (v: string | null) => void; error?: string | undefined }) {
  const s = value === null || value === 'PT0S' ? null : seconds(value)
  const [unit, setUnit] = useState<Unit>(s === null ? 'hours' : unitOf(s))
  const say = (n: number | string, u: Unit) => onChange(typeof n === 'number' && n > 0 ? toISO(Math.round(n * units[u])) : null)
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <NumberInput style={{ flex: 1 }} label={label} description={description} min={0} max={100_000} value={s === null ? '' : s / units[unit]} onChange={(n) => say(n, unit)} error={error} />
      <Select
        w={120}
        aria-label={`${label}: unit`}
        allowDeselect={false}
        data={Object.keys(units)}
        value={unit}
        onChange={(u) => {
          const next = (u ?? unit) as Unit
          setUnit(next)
          if (s !== null) say(s / units[unit], next)
        }}
      />
    </Group>
  )
}

/** One step; wrong is by the step's own fields, '' is the step itself. */
export function StepFields({ legend, value: s, onChange, onRemove, wrong }: { legend: string; value: Step; onChange: (s: Step) => void; onRemove: () => void; wrong: Errors }) {
  const escalation = s.escalation
  return (
    <Fieldset legend={legend}>
      <Stack gap="sm">
        <TextInput label="Name of the step" description="It may have none." value={s.name ?? ''} maxLength={80} onChange={(e) => onChange({ ...s, name: e.currentTarget.value || null })} error={wrong['name']} autoComplete="off" />
        <NumberInput label="How many have to approve" min={1} max={10} allowDecimal={false} value={s.need} onChange={(n) => onChange({ ...s, need: typeof n === 'number' ? n : 1 })} error={wrong['need']} />
        <ApproverFields value={s} onChange={(v) => onChange({ ...s, ...v })} wrong={wrong} />
        <Length label="Remind every" description="Those who can approve, ten times at most; empty: never." value={s.remindEvery} onChange={(remindEvery) => onChange({ ...s, remindEvery })} error={wrong['remindEvery']} />
        <Checkbox label="More people can approve it once it has waited for long" checked={escalation !== null} onChange={(e) => onChange({ ...s, escalation: e.currentTarget.checked ? newEscalation() : null })} />
        {escalation && (
          <Fieldset legend="Who can approve it as well">
            <Stack gap="sm">
              <Length label="Once it has waited for" value={escalation.after} onChange={(after) => onChange({ ...s, escalation: { ...escalation, after: after ?? 'PT0S' } })} error={wrong['escalation.after']} />
              <ApproverFields value={escalation} onChange={(v) => onChange({ ...s, escalation: { ...escalation, ...v } })} wrong={under('escalation.', wrong)} />
              {wrong['escalation'] && (
                <Text size="sm" c="bad" role="alert">
                  {wrong['escalation']}
                </Text>
              )}
            </Stack>
          </Fieldset>
        )}
        <Length label="Over after" description="Then a request times out, and an extension is denied; empty: it waits as long as any request." value={s.endAfter} onChange={(endAfter) => onChange({ ...s, endAfter })} error={wrong['endAfter']} />
        {wrong[''] && (
          <Text size="sm" c="bad" role="alert">
            {wrong['']}
          </Text>
        )}
        <Button variant="default" onClick={onRemove}>
          Remove this step
        </Button>
      </Stack>
    </Fieldset>
  )
}

/** Who can approve. */
function ApproverFields({ value: a, onChange, wrong }: { value: Approvers; onChange: (a: Approvers) => void; wrong: Errors }) {
  const { users, groups, administrators, owners, manager } = a
  const set = (v: Partial<Approvers>) => onChange({ users, groups, administrators, owners, manager, ...v })
  const box = (of: 'administrators' | 'owners' | 'manager', label: string) => <Checkbox label={label} checked={a[of]} onChange={(e) => set({ [of]: e.currentTarget.checked })} />
  return (
    <>
      <People label="Of these people and groups" users={users} groups={groups} onChange={set} error={wrong['userIds'] ?? wrong['groupIds']} />
      {box('administrators', 'The administrators')}
      {box('owners', 'The owners of the item')}
      {box('manager', 'The manager of who would hold it')}
    </>
  )
}

/** The errors at the fields below one. */
const under = (at: string, wrong: Errors): Errors => Object.fromEntries(Object.entries(wrong).flatMap(([field, said]) => (field.startsWith(at) ? [[field.slice(at.length), said]] : [])))

/** The fields of a step that can be wrong. */
export const stepFields = ['name', 'need', 'userIds', 'groupIds', 'remindEvery', 'escalation.after', 'escalation.userIds', 'escalation.groupIds', 'escalation', 'endAfter']
