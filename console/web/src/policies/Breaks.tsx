import { Alert } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import { ask } from '../api/ask.ts'
import { graphql } from '../api/graphql.ts'
import { noAnswer, type Trouble } from '../api/trouble.ts'
import { Failure } from '../ui/state.tsx'
import { listed } from '../ui/words.ts'
import { readPolicies, type Rules, type Step } from './operations.ts'
import classes from './policies.module.css'
import { whatWords, whoWords } from './words.ts'

const ReadNaming = graphql(`query ReadNaming($id: ID!) { policiesNaming(id: $id) }`)

/** What is about to happen to a person, group, account, gateway or resource. */
type Act = 'removed' | 'disabled'

/** Says in a dialog which policies name what is about to go, and what is refused from then on; nothing where none does. */
export function Breaks({ id, act = 'removed' }: { id: string; act?: Act }) {
  const [words, setWords] = useState<readonly string[]>([])
  const [wrong, setWrong] = useState<Trouble | null>(null)
  const look = useCallback(async () => {
    const is = await readBreaks(id, act)
    const missed = 'kind' in is
    setWrong(missed ? is : null)
    if (!missed) setWords(is)
  }, [id, act])
  useEffect(() => void look(), [look])
  if (wrong) return <Failure what="Which policies name it could not be read" trouble={wrong} again={() => void look()} />
  if (words.length === 0) return null
  return (
    <Alert role="alert" color="wait" variant="light" my="sm" title={act === 'removed' ? 'Policies name it' : 'Policies ask them'}>
      <ul className={classes['changes']}>
        {words.map((w) => (
          <li key={w}>{w}</li>
        ))}
      </ul>
    </Alert>
  )
}

async function readBreaks(id: string, act: Act): Promise<readonly string[] | Trouble> {
  const { data, error } = await ask(ReadNaming, { id })
  if (!data?.policiesNaming) return noAnswer(error)
  if (data.policiesNaming.length === 0) return []
  const rules = await readPolicies()
  return 'kind' in rules ? rules : breaksWords(rules, id, act)
}

const most = 10

/** What changes with the policies and guardrails that name something, a sentence each. */
export function breaksWords(rules: Rules, id: string, act: Act): readonly string[] {
  const names = (...of: readonly (readonly { subjectId: string }[])[]) => of.some((l) => l.some((s) => s.subjectId === id))
  const asks = (steps: readonly Step[]) => steps.some((s) => names(s.users, s.groups))
  const quoted = (all: readonly { name: string }[]) => listed(all.map((x) => `“${x.name}”`), 'and', most)
  const { policies, guardrails } = rules
  const asking = (act === 'disabled' ? policies : []).filter((p) => asks(p.steps))
  const limits = guardrails.filter((g) => g.step && asks([g.step]))
  const fewer = [...asking, ...limits]
  const out: string[] = []
  if (act === 'removed') {
    const broken = policies.filter((p) => asks(p.steps) || names(p.who.users, p.who.groups, p.what.accounts, p.what.gateways, p.what.resources))
    for (const p of broken.slice(0, most)) out.push(`“${p.name}” refuses all that it is for, until an administrator edits it: ${whatWords(p.what)}, for ${lower(whoWords(p.who))}.`)
    if (broken.length > most) out.push(`So do ${broken.length - most} more policies.`)
    const excepting = guardrails.filter((g) => names(g.except.users, g.except.groups))
    if (excepting.length > 0) out.push(`The ${excepting.length === 1 ? 'guardrail' : 'guardrails'} ${quoted(excepting)} ${excepting.length === 1 ? 'excepts' : 'except'} nobody by it any more.`)
    const only = guardrails.filter((g) => names(g.what.accounts, g.what.gateways, g.what.resources))
    if (only.length > 0) out.push(`The ${only.length === 1 ? 'guardrail' : 'guardrails'} ${quoted(only)} ${only.length === 1 ? 'holds' : 'hold'} for it no more.`)
  }
  if (fewer.length > 0) out.push(`${quoted(fewer)} ${fewer.length === 1 ? 'has' : 'have'} an approver fewer: what too few could approve then is refused.`)
  return out
}

const lower = (text: string): string => (/^(Everyone|Nobody)$/.test(text) ? text.toLowerCase() : text.replace(/^The group/, 'the group'))
