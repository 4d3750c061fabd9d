import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { useDraft } from '../api/draft.ts'
import { inWords } from '../api/trouble.ts'
import { inputOf } from './edit.ts'
import { checkPolicies, type InForce, type Problem, type Rules } from './operations.ts'

type Draft = Rules & { version: number }

/** What is being changed and is not in force: it survives a reload, and the server says after each change what is wrong with it. */
export function useDraftOf(person: string, read: InForce | null) {
  const { values, set, drop } = useDraft<{ draft: Draft | null }>(person, 'policies', { draft: null })
  const { draft } = values
  const [checked, setChecked] = useState<{ of: Draft; problems: readonly Problem[]; failed: string | null } | null>(null)
  const [resting] = useDebouncedValue(draft, 300)
  useEffect(() => {
    if (!resting) return
    let over = false
    void checkPolicies(inputOf(resting), resting.version).then((is) => !over && setChecked('kind' in is ? { of: resting, problems: [], failed: inWords(is) } : { of: resting, problems: is, failed: null }))
    return () => void (over = true)
  }, [resting])
  const rules: Rules | null = draft ?? read
  const known = draft !== null && checked?.of === draft ? checked : null
  return {
    draft,
    rules,
    /** What is wrong with the draft; that of the draft before, until this one is checked. */
    problems: draft === null ? [] : (checked?.problems ?? []),
    /** Why the draft can't be saved; null where it can. */
    off: draft === null || !known ? 'It is being checked.' : known.problems.some((p) => !p.warning) ? 'What is wrong has to be mended first.' : null,
    failed: known?.failed ?? null,
    change: (next: Partial<Rules>) => {
      const from = draft ?? read
      if (from) set({ draft: { version: from.version, guardrails: from.guardrails, policies: from.policies, ...next } })
    },
    rebase: () => {
      if (draft && read) set({ draft: { ...draft, version: read.version } })
    },
    drop,
  }
}
