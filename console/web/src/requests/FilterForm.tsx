import { Button, Checkbox, Group, NavLink, Select, Stack, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { DatePicker } from '@mantine/dates'
import { IconChevronLeft } from '@tabler/icons-react'
import { useState, type ReactNode } from 'react'
import { useQuery } from 'urql'
import { graphql } from '../api/graphql.ts'
import { calendar } from '../ui/calendar.ts'
import { statuses, type Status } from '../ui/words.ts'
import { filterLabels, type FilterKind } from './Filters.tsx'
import { tabs, type ListFilter, type ListSearch } from './search.ts'

const FindPeople = graphql(`query FindPeople($words: String) { found: users(search: $words, first: 20) { nodes { id name email } } }`)
const FilterAccounts = graphql(`query FilterAccounts($words: String) { found: accounts(search: $words, first: 20) { nodes { id name } } }`)
const FindResources = graphql(`
  query FindResources($words: String) {
    found: resources(search: $words, first: 20) { nodes { id name account { name } gateway { name } } }
  }
`)

/** First which filter, then its value. */
export default function FilterForm({ kinds, search, onChoose }: { kinds: readonly FilterKind[]; search: ListSearch; onChoose: (change: Partial<ListFilter>) => void }) {
  const [kind, setKind] = useState<FilterKind | null>(null)
  if (kind === null) {
    return (
      <Stack gap={0} role="group" aria-label="Filter by">
        {kinds.map((k, i) => (
          <NavLink key={k} component="button" type="button" label={filterLabels[k]} h={44} style={{ borderRadius: 8 }} onClick={() => setKind(k)} data-autofocus={i === 0 || undefined} />
        ))}
      </Stack>
    )
  }
  const forms: Record<FilterKind, ReactNode> = {
    time: <TimeForm search={search} onChoose={onChoose} />,
    person: <People label="Person" description="Who asked." onChoose={(person) => onChoose({ person })} />,
    reviewer: <People label="Approver" description="Whose decision counts." onChoose={(reviewer) => onChoose({ reviewer })} />,
    status: <StatusForm search={search} onChoose={onChoose} />,
    account: <Accounts onChoose={(account) => onChoose({ account })} />,
    resource: <Resources onChoose={(resource) => onChoose({ resource })} />,
    ticket: <TicketForm search={search} onChoose={onChoose} />,
  }
  return (
    <Stack gap="sm" align="stretch">
      <Button variant="subtle" color="over" px="xs" leftSection={<IconChevronLeft size={16} aria-hidden />} style={{ alignSelf: 'flex-start' }} onClick={() => setKind(null)}>
        All filters
      </Button>
      {forms[kind]}
    </Stack>
  )
}

type Chosen = { onChoose: (id: string) => void }

function useWords() {
  const [words, setWords] = useState('')
  const [asked] = useDebouncedValue(words.slice(0, 200), 150)
  return { words, setWords, asked: asked.trim() || null }
}

function Finder({ label, description, words, setWords, data, fetching, onChoose }: Chosen & { label: string; description?: string; words: string; setWords: (s: string) => void; data: { value: string; label: string }[]; fetching: boolean }) {
  return (
    <Select
      label={label}
      description={description}
      placeholder="Part of a name"
      searchable
      autoFocus
      defaultDropdownOpened
      data={data}
      filter={({ options }) => options} // the server found them
      value={null}
      searchValue={words}
      onSearchChange={setWords}
      onChange={(id) => id !== null && onChoose(id)}
      nothingFoundMessage={fetching ? 'Looking…' : 'Nothing of this name.'}
      comboboxProps={{ withinPortal: false }}
    />
  )
}

function People({ label, description, onChoose }: Chosen & { label: string; description: string }) {
  const { asked, ...w } = useWords()
  const [{ data, fetching }] = useQuery({ query: FindPeople, variables: { words: asked } })
  // Two people may have one name.
  return <Finder label={label} description={description} {...w} fetching={fetching} onChoose={onChoose} data={(data?.found?.nodes ?? []).map((p) => ({ value: p.id, label: `${p.name} (${p.email})` }))} />
}

function Accounts({ onChoose }: Chosen) {
  const { asked, ...w } = useWords()
  const [{ data, fetching }] = useQuery({ query: FilterAccounts, variables: { words: asked } })
  return <Finder label="Account" {...w} fetching={fetching} onChoose={onChoose} data={(data?.found?.nodes ?? []).map((a) => ({ value: a.id, label: a.name }))} />
}

function Resources({ onChoose }: Chosen) {
  const { asked, ...w } = useWords()
  const [{ data, fetching }] = useQuery({ query: FindResources, variables: { words: asked } })
  return (
    <Finder
      label="Resource"
      {...w}
      fetching={fetching}
      onChoose={onChoose}
      data={(data?.found?.nodes ?? []).map((r) => ({ value: r.id, label: [r.name, r.account?.name ?? r.gateway?.name].filter(Boolean).join(', ') }))}
    />
  )
}

type Part = { search: ListSearch; onChoose: (change: Partial<ListFilter>) => void }

function TimeForm({ search, onChoose }: Part) {
  const [days, setDays] = useState<[string | null, string | null]>([search.from ?? null, search.to ?? null])
  return (
    <Stack
      gap="sm"
      component="form"
      onSubmit={(e: React.FormEvent) => {
        e.preventDefault()
        onChoose({ from: days[0] ?? undefined, to: days[1] ?? days[0] ?? undefined })
      }}
    >
      <DatePicker {...calendar} type="range" allowSingleDateInRange value={days} onChange={setDays} size="md" defaultDate={days[0] ?? undefined} style={{ alignSelf: 'center' }} />
      <Button type="submit" disabled={days[0] === null}>
        Show these days
      </Button>
    </Stack>
  )
}

function StatusForm({ search, onChoose }: Part) {
  const within: readonly Status[] = tabs[search.tab ?? 'pending'].statuses
  const [chosen, setChosen] = useState<string[]>(search.status ?? [])
  return (
    <Stack
      gap="sm"
      component="form"
      onSubmit={(e: React.FormEvent) => {
        e.preventDefault()
        onChoose({ status: chosen.length === 0 ? undefined : within.filter((s) => chosen.includes(s)) })
      }}
    >
      <Checkbox.Group label="Status" value={chosen} onChange={setChosen}>
        <Stack gap={0} mt="xs">
          {within.map((s, i) => (
            <Checkbox key={s} value={s} label={statuses[s].word} styles={{ body: { minHeight: 44, alignItems: 'center' } }} autoFocus={i === 0} />
          ))}
        </Stack>
      </Checkbox.Group>
      <Button type="submit">Show these</Button>
    </Stack>
  )
}

function TicketForm({ search, onChoose }: Part) {
  const [ticket, setTicket] = useState(search.ticket ?? '')
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        onChoose({ ticket: ticket.trim() || undefined })
      }}
    >
      <Group align="flex-end" gap="sm" wrap="nowrap">
        <TextInput label="Ticket" description="The whole ticket, such as OPS-12." value={ticket} onChange={(e) => setTicket(e.currentTarget.value)} maxLength={80} autoFocus style={{ flex: 1 }} />
        <Button type="submit">Show</Button>
      </Group>
    </form>
  )
}
