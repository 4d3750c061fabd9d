import { Button, Checkbox, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Trouble } from '../api/trouble.ts'
import { Form } from '../ui/Form.tsx'
import { atFields, newStep, under } from './edit.ts'
import { Length, StepFields, stepFields, WhatFields, WhoFields } from './Fields.tsx'
import type { Guardrail, Problem } from './operations.ts'
import { useChecked } from './useChecked.ts'

const fields = ['name', 'except', 'what.kinds', 'what.accountIds', 'what.gatewayIds', 'what.resourceIds', 'what.roles', 'what.tags', 'what', 'condition', 'refuse', 'maxDuration', 'signInWithin']

type Props = { guardrail: Guardrail; isNew: boolean; check: (g: Guardrail) => Promise<readonly Problem[] | Trouble>; onDone: (g: Guardrail) => void; onClose: () => void }

/** A guardrail's form. What it says goes into the draft, once the server finds nothing wrong with it. */
export function GuardrailForm({ guardrail, isNew, check, onDone, onClose }: Props) {
  const [g, setG] = useState(guardrail)
  const checked = useChecked(check, onDone)
  const set = (change: Partial<Guardrail>) => {
    setG((was) => ({ ...was, ...change }))
    checked.clear()
  }
  const ofStep = (x: Problem) => g.step !== null && (x.at === 'step' || x.at.startsWith('step.'))
  const wrong = atFields(checked.problems.filter((x) => !ofStep(x)), fields)
  return (
    <Form title={isNew ? 'Add a guardrail' : `Edit “${guardrail.name}”`} act="Put into the draft" change={checked.change(wrong[''])} onSend={() => void checked.send(g)} onClose={onClose}>
      <TextInput label="Name" value={g.name} maxLength={80} onChange={(e) => set({ name: e.currentTarget.value })} error={wrong['name']} autoComplete="off" data-autofocus />
      <WhatFields value={g.what} onChange={(what) => set({ what })} wrong={wrong} />
      <WhoFields label="Whom it excepts" value={g.except} onChange={(except) => set({ except })} error={wrong['except']} />
      <Textarea label="Condition" description="A CEL expression: it holds where this is true, or can’t be evaluated; empty: always." className="mono" autosize value={g.condition ?? ''} maxLength={2000} onChange={(e) => set({ condition: e.currentTarget.value || null })} error={wrong['condition']} />
      <Textarea label="Why nobody gets it" description="Empty: it does not refuse." value={g.refuse ?? ''} maxLength={300} onChange={(e) => set({ refuse: e.currentTarget.value || null })} error={wrong['refuse']} />
      <Length label="Longest access" description="Empty: it caps none." value={g.maxDuration} onChange={(maxDuration) => set({ maxDuration })} error={wrong['maxDuration']} />
      <Checkbox label="Approvals are taken in the console alone" checked={g.approveInConsole} onChange={(e) => set({ approveInConsole: e.currentTarget.checked })} />
      <Length label="Sign-in of who approves" description="How long ago at most, and in the console alone; empty: that does not matter." value={g.signInWithin} onChange={(signInWithin) => set({ signInWithin })} error={wrong['signInWithin']} />
      {g.step ? (
        <StepFields legend="Who has to approve besides" value={g.step} wrong={atFields(under(checked.problems, 'step'), stepFields)} onChange={(step) => set({ step })} onRemove={() => set({ step: null })} />
      ) : (
        <Button variant="default" onClick={() => set({ step: newStep() })}>
          Ask people besides
        </Button>
      )}
    </Form>
  )
}
