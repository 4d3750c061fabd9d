import { Button, Pill, Select, Stack, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconFilterPlus } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { ask } from '../api/ask.ts'
import { graphql } from '../api/graphql.ts'
import { span } from '../requests/Filters.tsx'
import { OverButton } from '../ui/OverButton.tsx'
import classes from './audit.module.css'
import { typesOf, typeWords } from './entries.ts'
import { cleared, isFiltered, kinds, narrowed, without, type AuditFilter, type AuditSearch, type Kind } from './search.ts'

const FindActors = graphql(`
  query FindActors($words: String) {
    users(search: $words, first: 20) { nodes { id name email } }
    serviceAccounts(first: 100) { nodes { id name } }
  }
`)

const ReadActors = graphql(`
  query ReadActors($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on User { id name }
      ... on ServiceAccount { id name }
      ... on Account { id name }
      ... on Resource { id name }
      ... on Gateway { id name }
      ... on Integration { id name }
    }
  }
`)

const own: Record<string, string> = { system: 'Procyon itself', operator: 'The command line' }

/** The names of what the address has by ID; the end of the ID until that is known. */
function useNames(ids: readonly string[]): (id: string) => string {
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map())
  const all = ids.filter((id) => !own[id]).join(' ')
  useEffect(() => {
    if (all === '') return
    let over = false
    void ask(ReadActors, { ids: all.split(' ') }).then(({ data }) => {
      if (over) return
      setNames(new Map((data?.nodes ?? []).flatMap((n) => (n && 'name' in n && n.id && n.name ? [[n.id, n.name] as const] : []))))
    })
    return () => {
      over = true
    }
  }, [all])
  return (id) => own[id] ?? names.get(id) ?? `…${id.slice(-8)}`
}

/** What narrows the journal, each with an x; Clear; and one more. */
export function Filters({ search, opened, onOpened, onChange }: { search: AuditSearch; opened: boolean; onOpened: (open: boolean) => void; onChange: (next: AuditSearch) => void }) {
  const more = useRef<HTMLButtonElement>(null)
  const name = useNames([search.who, search.object].filter((id) => id !== undefined))
  const said: [keyof typeof without, string, string | undefined][] = [
    ['who', 'Who', search.who && name(search.who)],
    ['object', 'Object', search.object && name(search.object)],
    ['kind', 'Kind', search.kind && kinds[search.kind]],
    ['type', 'Type', search.type && typeWords(search.type)],
    ['time', 'Time', search.from || search.to ? span(search.from, search.to) : undefined],
  ]
  // What was taken away had the focus.
  const leave = (next: AuditSearch) => {
    onChange(next)
    more.current?.focus()
  }
  return (
    <>
      {said.map(
        ([part, label, value]) =>
          value && (
            <Pill
              key={part}
              withRemoveButton
              radius="xl"
              classNames={{ root: classes['pill'] ?? '', label: classes['pillLabel'] ?? '' }}
              onRemove={() => leave(narrowed(search, without[part]))}
              removeButtonProps={{ 'aria-label': `Remove ${label}: ${value}`, 'aria-hidden': false, tabIndex: 0, className: classes['remove'] ?? '', iconSize: 16 }}
            >
              {label}: <bdi>{value}</bdi>
            </Pill>
          ),
      )}
      <OverButton
        ref={more}
        opened={opened}
        onOpened={onOpened}
        position="bottom-start"
        width={320}
        label="Filter"
        leftSection={<IconFilterPlus size={16} aria-hidden />}
        aria-keyshortcuts="F"
        over={
          <FilterForm
            search={search}
            onChoose={(change) => {
              onOpened(false)
              onChange(narrowed(search, change))
              requestAnimationFrame(() => more.current?.focus())
            }}
          />
        }
      >
        Filter
      </OverButton>
      {isFiltered(search) && (
        <Button variant="subtle" onClick={() => leave(cleared(search))} px="sm">
          Clear
        </Button>
      )}
    </>
  )
}

type Change = { [K in keyof AuditFilter]?: AuditFilter[K] | undefined }

function FilterForm({ search, onChoose }: { search: AuditSearch; onChoose: (change: Change) => void }) {
  const [chosen, choose] = useState<Change>({})
  const [typed, setTyped] = useState('')
  const [words] = useDebouncedValue(typed, 200)
  const [actors, setActors] = useState<{ value: string; label: string }[]>([])
  useEffect(() => {
    let over = false
    void ask(FindActors, { words }).then(({ data }) => {
      if (over || !data) return
      setActors([
        ...(data.users?.nodes ?? []).map((u) => ({ value: u.id, label: `${u.name} (${u.email})` })),
        ...(data.serviceAccounts?.nodes ?? []).map((s) => ({ value: s.id, label: `${s.name} (service)` })),
        ...Object.entries(own).map(([value, label]) => ({ value, label })),
      ])
    })
    return () => {
      over = true
    }
  }, [words])
  const is: Change = { ...search, ...chosen }
  const set = (change: Change) => choose((c) => ({ ...c, ...change }))
  const inside = { comboboxProps: { withinPortal: false } } as const
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        onChoose(chosen)
      }}
    >
      <Stack gap="sm">
        <Select label="Who" searchable clearable nothingFoundMessage="Nobody is called so" value={is.who ?? null} onSearchChange={setTyped} onChange={(v) => set({ who: v ?? undefined })} data={actors} data-autofocus {...inside} />
        <Select label="Kind" clearable value={is.kind ?? null} onChange={(v) => set({ kind: (v as Kind | null) ?? undefined, type: undefined })} data={Object.entries(kinds).map(([value, label]) => ({ value, label }))} {...inside} />
        <Select label="Type" searchable clearable value={is.type ?? null} onChange={(v) => set({ type: v ?? undefined })} data={typesOf(is.kind).map((value) => ({ value, label: typeWords(value) }))} {...inside} />
        <TextInput type="date" label="From" value={is.from ?? ''} onChange={(e) => set({ from: e.currentTarget.value || undefined })} />
        <TextInput type="date" label="To" value={is.to ?? ''} onChange={(e) => set({ to: e.currentTarget.value || undefined })} />
        <Button type="submit">Show</Button>
      </Stack>
    </form>
  )
}
