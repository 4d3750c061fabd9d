import { Button, Select, Stack, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import type { Trouble } from '../api/trouble.ts'
import { WhoSelect, type Who } from '../people/WhoSelect.tsx'
import { seconds, words as length } from '../ui/duration.ts'
import { Failure } from '../ui/state.tsx'
import { listed } from '../ui/words.ts'
import { inputOf } from './edit.ts'
import { findPlaced, tryPolicies, type Rules, type Tried } from './operations.ts'

/** Says who would be asked if somebody asked for something, by the rules as they are shown. */
export function TryIt({ rules }: { rules: Rules }) {
  const [who, setWho] = useState<readonly Who[]>([])
  const [resource, setResource] = useState<string | null>(null)
  const [role, setRole] = useState('')
  const [typed, setTyped] = useState('')
  const [words] = useDebouncedValue(typed, 150)
  const [found, setFound] = useState<readonly { subjectId: string; name: string }[]>([])
  const [is, setIs] = useState<Tried | Trouble | null>(null)
  useEffect(() => {
    let over = false
    void findPlaced(words.trim()).then((all) => !over && setFound((was) => [...was.filter((f) => f.subjectId === resource), ...all.filter((f) => f.subjectId.startsWith('res_') && f.subjectId !== resource)]))
    return () => void (over = true)
  }, [words])
  useEffect(() => setIs(null), [rules, who, resource, role]) // which it was not said of
  const person = who[0]
  const look = async () => {
    if (person && resource) setIs(await tryPolicies(person.id, resource, role.trim() || null, inputOf(rules)))
  }
  return (
    <section className="card" aria-labelledby="try">
      <Stack p="md" gap="sm">
        <Title order={2} id="try">
          Try it
        </Title>
        <Text c="dimmed">Who would be asked, by the policies as they are shown here. Nothing is asked and nobody is told.</Text>
        <WhoSelect label="Who asks" most={1} value={who} onChange={setWho} />
        <Select label="For what" searchable nothingFoundMessage="No resource is called so." filter={({ options }) => options} data={found.map((f) => ({ value: f.subjectId, label: f.name }))} value={resource} onChange={setResource} onSearchChange={setTyped} />
        <TextInput label="Role" description="Where the resource has any." value={role} onChange={(e) => setRole(e.currentTarget.value)} autoComplete="off" />
        <Button variant="default" style={{ alignSelf: 'flex-start' }} disabled={!person || !resource} onClick={() => void look()}>
          Try
        </Button>
        <div role="status">{is && ('kind' in is ? <Failure what="This could not be tried" trouble={is} /> : <Text>{triedWords(is)}</Text>)}</div>
      </Stack>
    </section>
  )
}

/** What asking would lead to, in a sentence or three. */
export function triedWords(t: Tried): string {
  const by = t.tracks.map((x) => `“${x.policyName}” governs it${x.guardrails.length > 0 ? `, with the ${x.guardrails.length === 1 ? 'guardrail' : 'guardrails'} ${listed(x.guardrails)}` : ''}.`)
  const lacking = t.refusal && ['reason', 'ticket'].some((f) => t.refusal?.field?.split('.').at(-1) === f) // nobody gave one here
  const refused = (lacking ? null : t.refusal?.message) ?? t.tracks.find((x) => x.refusedBecause !== null)?.refusedBecause
  if (refused) return [...by, `Given so, it would be refused: ${refused}`].join(' ')
  by.push(`It could last at most ${length(seconds(t.maxDuration))}.`)
  if (t.approvedAtOnce || (lacking && t.tracks.length > 0 && t.tracks.every((x) => x.steps.length === 0))) return [...by, 'It would be approved at once.'].join(' ')
  return [...by, t.approvers.length > 0 ? `${listed(t.approvers, 'and', 10)} would be asked first.` : 'Nobody would be asked.'].join(' ')
}
