import { Button, Checkbox, NumberInput, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Trouble } from '../api/trouble.ts'
import { Form } from '../ui/Form.tsx'
import { atFields, newStep, under } from './edit.ts'
import { Length, StepFields, stepFields, WhatFields, WhoFields } from './Fields.tsx'
import type { Policy, Problem } from './operations.ts'
import { useChecked } from './useChecked.ts'

const mostSteps = 5
const fields = ['name', 'who', 'what.kinds', 'what.accountIds', 'what.gatewayIds', 'what.resourceIds', 'what.roles', 'what.tags', 'what', 'refuse', 'maxDuration', 'maxStartAhead', 'minReasonLength', 'ticketPattern', 'ticketExample']

type Props = { policy: Policy; isNew: boolean; check: (p: Policy) => Promise<readonly Problem[] | Trouble>; onDone: (p: Policy) => void; onClose: () => void }

/** A policy's form. What it says goes into the draft, once the server finds nothing wrong with it. */
export function PolicyForm({ policy, isNew, check, onDone, onClose }: Props) {
  const [p, setP] = useState(policy)
  const checked = useChecked(check, onDone)
  const set = (change: Partial<Policy>) => {
    setP((was) => ({ ...was, ...change }))
    checked.clear()
  }
  const atSteps = p.steps.map((_, i) => under(checked.problems, `steps.${i}`))
  const wrong = atFields(checked.problems.filter((x) => !p.steps.some((_, i) => x.at === `steps.${i}` || x.at.startsWith(`steps.${i}.`))), fields)
  return (
    <Form title={isNew ? 'Add a policy' : `Edit “${policy.name}”`} act="Put into the draft" change={checked.change(wrong[''])} onSend={() => void checked.send(p)} onClose={onClose}>
      <TextInput label="Name" value={p.name} maxLength={80} onChange={(e) => set({ name: e.currentTarget.value })} error={wrong['name']} autoComplete="off" data-autofocus />
      <WhoFields label="Who can hold it" value={p.who} onChange={(who) => set({ who })} error={wrong['who']} />
      <WhatFields value={p.what} onChange={(what) => set({ what })} wrong={wrong} />
      <Checkbox label="Nobody gets it" checked={p.refuse !== null} onChange={(e) => set({ refuse: e.currentTarget.checked ? '' : null })} />
      {p.refuse !== null ? (
        <Textarea label="Why nobody gets it" description="Who asks for it reads this." value={p.refuse} maxLength={300} onChange={(e) => set({ refuse: e.currentTarget.value })} error={wrong['refuse']} />
      ) : (
        <>
          <Length label="Longest access" value={p.maxDuration} onChange={(maxDuration) => set({ maxDuration })} error={wrong['maxDuration']} />
          <Length label="Latest start" description="From now; empty: as far ahead as any request." value={p.maxStartAhead} onChange={(maxStartAhead) => set({ maxStartAhead })} error={wrong['maxStartAhead']} />
          <Checkbox label="It can be extended, up to the longest access" checked={p.extensions} onChange={(e) => set({ extensions: e.currentTarget.checked })} />
          <NumberInput label="Characters of the reason, at least" min={0} max={500} allowDecimal={false} value={p.minReasonLength} onChange={(n) => set({ minReasonLength: typeof n === 'number' ? n : 0 })} error={wrong['minReasonLength']} />
          <Checkbox label="A ticket is needed" checked={p.ticketNeeded} onChange={(e) => set({ ticketNeeded: e.currentTarget.checked })} />
          {p.ticketNeeded && (
            <>
              <TextInput label="Pattern of the ticket" description="A regular expression for all of it; empty: any ticket." className="mono" value={p.ticketPattern ?? ''} maxLength={200} onChange={(e) => set({ ticketPattern: e.currentTarget.value || null })} error={wrong['ticketPattern']} autoComplete="off" />
              <TextInput label="A ticket that matches" description="Such as INC-42; needed with a pattern." value={p.ticketExample ?? ''} maxLength={80} onChange={(e) => set({ ticketExample: e.currentTarget.value || null })} error={wrong['ticketExample']} autoComplete="off" />
            </>
          )}
          <Checkbox label="Approvals are taken in the console alone" checked={p.approveInConsole} onChange={(e) => set({ approveInConsole: e.currentTarget.checked })} />
          <Checkbox label="Requesters don’t see who is asked" checked={p.hideApprovers} onChange={(e) => set({ hideApprovers: e.currentTarget.checked })} />
          {p.steps.map((s, i) => (
            <StepFields
              key={i}
              legend={`Step ${i + 1}`}
              value={s}
              wrong={atFields(atSteps[i] ?? [], stepFields)}
              onChange={(next) => set({ steps: p.steps.map((was, at) => (at === i ? next : was)) })}
              onRemove={() => set({ steps: p.steps.filter((_, at) => at !== i) })}
            />
          ))}
          {p.steps.length < mostSteps && (
            <Button variant="default" onClick={() => set({ steps: [...p.steps, newStep()] })}>
              Add a step
            </Button>
          )}
        </>
      )}
    </Form>
  )
}
