import { Group, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Guardrail, Policy } from './operations.ts'
import classes from './policies.module.css'
import { capital, guardWords, limitWords, stepWords, whatWords, whoWords } from './words.ts'

type Beside = { /** What can be done with it. */ acts?: ReactNode; /** What is wrong with it, and what should be known. */ said?: ReactNode }

/** A policy in words, as a part of the ordered list. */
export function PolicyShown({ policy: p, place, acts, said }: { policy: Policy; place: number } & Beside) {
  return (
    <Shown name={`${place}. ${p.name}`} acts={acts} said={said}>
      <dt>Who</dt>
      <dd>{whoWords(p.who)}</dd>
      <dt>What</dt>
      <dd>{whatWords(p.what)}</dd>
      <dt>{p.refuse === null ? 'Limits' : 'Answer'}</dt>
      <dd>{limitWords(p).join(' · ')}</dd>
      {p.refuse === null && (
        <>
          <dt>Approvals</dt>
          <dd>
            {p.steps.length === 0 ? (
              'Nobody has to approve'
            ) : (
              <ol className={classes['steps']}>
                {p.steps.map((s, i) => (
                  <li key={i}>{capital(stepWords(s))}</li>
                ))}
              </ol>
            )}
          </dd>
        </>
      )}
    </Shown>
  )
}

/** A guardrail in words. */
export function GuardrailShown({ guardrail: g, acts, said }: { guardrail: Guardrail } & Beside) {
  const excepts = whoWords(g.except)
  return (
    <Shown name={g.name} acts={acts} said={said}>
      <dt>What</dt>
      <dd>{whatWords(g.what)}</dd>
      {excepts !== 'Nobody' && (
        <>
          <dt>Except</dt>
          <dd>{excepts}</dd>
        </>
      )}
      {g.condition !== null && (
        <>
          <dt>Where</dt>
          <dd className="mono">{g.condition}</dd>
        </>
      )}
      <dt>Then</dt>
      <dd>{guardWords(g).join(' · ')}</dd>
    </Shown>
  )
}

function Shown({ name, acts, said, children }: { name: string; children: ReactNode } & Beside) {
  return (
    <li className={classes['rule']}>
      <Stack gap="xs">
        <Group justify="space-between" gap="sm">
          <Title order={3} fz={16} style={{ overflowWrap: 'anywhere' }}>
            <bdi>{name}</bdi>
          </Title>
          {acts && <Group gap="xs">{acts}</Group>}
        </Group>
        <Text component="dl" className={classes['facts']}>
          {children}
        </Text>
        {said}
      </Stack>
    </li>
  )
}
