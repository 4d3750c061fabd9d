import { Stack, Text, Title } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import type { Trouble } from '../api/trouble.ts'
import { AdministratorsOnly } from '../ui/AdministratorsOnly.tsx'
import { HistoryLink } from '../ui/HistoryLink.tsx'
import { Awaited, Failure } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { useTitle } from '../ui/title.ts'
import { byWhom } from '../ui/words.ts'
import { readPolicies, type InForce } from './operations.ts'
import classes from './policies.module.css'
import { GuardrailShown, PolicyShown } from './Rows.tsx'

/** Who can hold what, and who decides it. */
export function PoliciesPage() {
  return (
    <AdministratorsOnly what="Policies">
      <Policies />
    </AdministratorsOnly>
  )
}

/** The subject of the journal that all guardrails and policies are together. */
export const subject = 'pol_set'

/** What the page shows. */
export function Policies() {
  useTitle('Policies')
  const [read, setRead] = useState<InForce | null>(null)
  const [wrong, setWrong] = useState<Trouble | null>(null)
  const look = useCallback(async () => {
    const is = await readPolicies()
    const failed = 'kind' in is
    setWrong(failed ? is : null)
    if (!failed) setRead(is)
  }, [])
  useEffect(() => void look(), [look])
  if (!read) return <Awaited title="Policies" wrong={wrong} what="The policies could not be read" again={() => void look()} />
  return (
    <Stack gap="lg" maw={960}>
      <div>
        <Title order={1}>Policies</Title>
        <Text c="dimmed">The first policy that matches what somebody asks for says who decides it. Guardrails hold besides, for everybody whom they don’t except.</Text>
      </div>
      {wrong && <Failure what="This could not be read again" trouble={wrong} again={() => void look()} />}
      <Since of={read} />
      <section className="card" aria-labelledby="policies">
        <Title order={2} id="policies" p="md">
          Policies, in their order
        </Title>
        <ol className={classes['list']}>
          {read.policies.map((p, i) => (
            <PolicyShown key={p.policyId} policy={p} place={i + 1} />
          ))}
        </ol>
      </section>
      <section className="card" aria-labelledby="guardrails">
        <Title order={2} id="guardrails" p="md">
          Guardrails
        </Title>
        {read.guardrails.length === 0 && (
          <Text px="md" pb="md" c="dimmed">
            There is no guardrail.
          </Text>
        )}
        <ul className={classes['list']}>
          {read.guardrails.map((g) => (
            <GuardrailShown key={g.guardrailId} guardrail={g} />
          ))}
        </ul>
      </section>
    </Stack>
  )
}

/** Which version is in force, since when and by whom. */
function Since({ of }: { of: InForce }) {
  if (of.version === 0) return <Text>Nobody has changed any policy yet: administrators decide all requests.</Text>
  return (
    <Text>
      Version {of.version}
      {of.changedAt && (
        <>
          , changed <Time at={of.changedAt} />
        </>
      )}
      {of.changedBy && (
        <>
          {' by '}
          <bdi>{byWhom(of.changedBy)}</bdi>
        </>
      )}
      . <HistoryLink of={subject} />
    </Text>
  )
}
