import { ActionIcon, Alert, Button, Group, Stack, Tabs, Text, Title, VisuallyHidden } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { Trouble } from '../api/trouble.ts'
import { AdministratorsOnly } from '../ui/AdministratorsOnly.tsx'
import { HistoryLink } from '../ui/HistoryLink.tsx'
import { Failure, Loading } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { useTitle } from '../ui/title.ts'
import { byWhom } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'
import { canMove, inputOf, moved, newGuardrail, newPolicy, placed, under } from './edit.ts'
import { checkPolicies, readPolicies, type Guardrail, type InForce, type Policy, type Problem } from './operations.ts'
import classes from './policies.module.css'
import { GuardrailShown, PolicyShown } from './Rows.tsx'
import { readPoliciesSearch, type PoliciesSearch } from './search.ts'
import { useDraftOf } from './useDraftOf.ts'

const PolicyForm = lazy(async () => ({ default: (await import('./PolicyForm.tsx')).PolicyForm }))
const GuardrailForm = lazy(async () => ({ default: (await import('./GuardrailForm.tsx')).GuardrailForm }))
const TryIt = lazy(async () => ({ default: (await import('./TryIt.tsx')).TryIt }))
const Versions = lazy(async () => ({ default: (await import('./Versions.tsx')).Versions }))
const Save = lazy(async () => ({ default: (await import('./Save.tsx')).Save }))

/** Who can hold what, and who decides it. */
export function PoliciesPage() {
  return (
    <AdministratorsOnly what="Policies">
      <Page />
    </AdministratorsOnly>
  )
}

const route = getRouteApi('/policies')

function Page() {
  const raw = route.useSearch()
  const search = useMemo(() => readPoliciesSearch(raw), [raw]) // the router keeps what it does not know
  const go = route.useNavigate()
  const to = (next: PoliciesSearch, replace = false) => void go({ search: next, replace, resetScroll: false })
  useTitle(search.tab === 'versions' ? 'Versions of the policies' : 'Policies')
  return (
    <Stack gap="lg" maw={960}>
      <Title order={1}>Policies</Title>
      <Tabs value={search.tab ?? 'policies'} onChange={(v) => to(v === 'versions' ? { tab: v } : {})} keepMounted={false}>
        <Tabs.List mb="lg">
          <Tabs.Tab value="policies">Policies</Tabs.Tab>
          <Tabs.Tab value="versions">Versions</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="policies">
          <Policies />
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          <Suspense fallback={<Loading rows={4} height={72} />}>
            <Versions search={search} to={to} />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </Stack>
  )
}

// The subject of the journal that all guardrails and policies are together.
const subject = 'pol_set'

const policyID = (p: Policy) => p.policyId
const guardrailID = (g: Guardrail) => g.guardrailId

/** What the page begins with: what is in force, or the draft that is to be. */
export function Policies() {
  const viewer = useViewer()
  const [read, setRead] = useState<InForce | null>(null)
  const [wrong, setWrong] = useState<Trouble | null>(null)
  const [form, setForm] = useState<{ policy: Policy } | { guardrail: Guardrail } | null>(null)
  const [announced, setAnnounced] = useState('')
  const pressed = useRef<Element | null>(null)
  const { draft, rules, problems, off, failed, change, rebase, drop } = useDraftOf(viewer.id, read)
  const look = useCallback(async () => {
    const is = await readPolicies()
    const missed = 'kind' in is
    setWrong(missed ? is : null)
    if (!missed) setRead(is)
  }, [])
  useEffect(() => void look(), [look])
  if (!read || !rules) return wrong ? <Failure what="The policies could not be read" trouble={wrong} again={() => void look()} /> : <Loading rows={5} />

  const { policies, guardrails } = rules
  const version = draft?.version ?? read.version
  const open = (next: typeof form) => {
    pressed.current = document.activeElement
    setForm(next)
  }
  const close = () => {
    setForm(null)
    setTimeout(() => (pressed.current as HTMLElement | null)?.focus())
  }
  const move = (i: number, by: -1 | 1) => {
    const button = document.activeElement as HTMLElement | null
    change({ policies: moved(policies, i, by) })
    setAnnounced(`${policies[i]?.name} is number ${i + by + 1} now.`)
    setTimeout(() => button?.focus()) // which a browser takes from what moves
  }
  const withPolicy = (p: Policy) => placed(policies, p, policyID, true)
  const withGuardrail = (g: Guardrail) => placed(guardrails, g, guardrailID, false)
  const ofPart = async (part: string, set: typeof rules): Promise<readonly Problem[] | Trouble> => {
    const is = await checkPolicies(inputOf(set), version)
    return 'kind' in is ? is : under(is, part)
  }
  const rest = problems.filter((p) => !/^(policies|guardrails)\.\d+(\.|$)/.test(p.at))
  return (
    <Stack gap="lg">
      <Text c="dimmed">The first policy that matches what somebody asks for says who decides it. Guardrails hold besides, for everybody whom they don’t except.</Text>
      {wrong && <Failure what="This could not be read again" trouble={wrong} again={() => void look()} />}
      <Since of={read} />
      {failed && (
        <Alert role="alert" color="bad" variant="light" title="The draft could not be checked">
          {failed}
        </Alert>
      )}
      {draft && (
        <Suspense>
          <Save draft={draft} inForce={read} off={off} again={look} onRebase={rebase} onDrop={drop} />
        </Suspense>
      )}
      <Said problems={rest} />
      <VisuallyHidden role="status">{announced}</VisuallyHidden>
      <section className="card" aria-labelledby="policies">
        <Group p="md" justify="space-between">
          <Title order={2} id="policies">
            Policies, in their order
          </Title>
          <Button variant="default" onClick={() => open({ policy: newPolicy() })}>
            Add a policy…
          </Button>
        </Group>
        <ol className={classes['list']}>
          {policies.map((p, i) => (
            <PolicyShown
              key={p.policyId}
              policy={p}
              place={i + 1}
              said={<Said problems={under(problems, `policies.${i}`)} />}
              acts={
                <>
                  {canMove(policies.length, i, -1) && (
                    <ActionIcon variant="default" size={36} aria-label={`Move ${p.name} up`} onClick={() => move(i, -1)}>
                      <IconArrowUp size={16} aria-hidden />
                    </ActionIcon>
                  )}
                  {canMove(policies.length, i, 1) && (
                    <ActionIcon variant="default" size={36} aria-label={`Move ${p.name} down`} onClick={() => move(i, 1)}>
                      <IconArrowDown size={16} aria-hidden />
                    </ActionIcon>
                  )}
                  <Button variant="default" aria-label={`Edit ${p.name}…`} onClick={() => open({ policy: p })}>
                    Edit…
                  </Button>
                  {i < policies.length - 1 && (
                    <Button variant="default" aria-label={`Remove ${p.name}`} onClick={() => change({ policies: policies.filter((x) => x !== p) })}>
                      Remove
                    </Button>
                  )}
                </>
              }
            />
          ))}
        </ol>
      </section>
      <section className="card" aria-labelledby="guardrails">
        <Group p="md" justify="space-between">
          <Title order={2} id="guardrails">
            Guardrails
          </Title>
          <Button variant="default" onClick={() => open({ guardrail: newGuardrail() })}>
            Add a guardrail…
          </Button>
        </Group>
        {guardrails.length === 0 && (
          <Text px="md" pb="md" c="dimmed">
            There is no guardrail.
          </Text>
        )}
        {guardrails.length > 0 && (
          <ul className={classes['list']}>
            {guardrails.map((g, i) => (
              <GuardrailShown
                key={g.guardrailId}
                guardrail={g}
                said={<Said problems={under(problems, `guardrails.${i}`)} />}
                acts={
                  <>
                    <Button variant="default" aria-label={`Edit ${g.name}…`} onClick={() => open({ guardrail: g })}>
                      Edit…
                    </Button>
                    <Button variant="default" aria-label={`Remove ${g.name}`} onClick={() => change({ guardrails: guardrails.filter((x) => x !== g) })}>
                      Remove
                    </Button>
                  </>
                }
              />
            ))}
          </ul>
        )}
      </section>
      <Suspense>
        <TryIt draft={draft} />
      </Suspense>
      <Suspense>
        {form && 'policy' in form && (
          <PolicyForm
            policy={form.policy}
            isNew={!policies.some((p) => p.policyId === form.policy.policyId)}
            check={(p) => ofPart(`policies.${withPolicy(p).indexOf(p)}`, { policies: withPolicy(p), guardrails })}
            onDone={(p) => {
              change({ policies: withPolicy(p) })
              close()
            }}
            onClose={close}
          />
        )}
        {form && 'guardrail' in form && (
          <GuardrailForm
            guardrail={form.guardrail}
            isNew={!guardrails.some((g) => g.guardrailId === form.guardrail.guardrailId)}
            check={(g) => ofPart(`guardrails.${withGuardrail(g).indexOf(g)}`, { policies, guardrails: withGuardrail(g) })}
            onDone={(g) => {
              change({ guardrails: withGuardrail(g) })
              close()
            }}
            onClose={close}
          />
        )}
      </Suspense>
    </Stack>
  )
}

/** What is wrong, and what should be known before it is saved. */
function Said({ problems }: { problems: readonly Problem[] }) {
  return problems.map((p) => (
    <Text key={`${p.at} ${p.message}`} size="sm" c={p.warning ? 'wait' : 'bad'}>
      {p.warning ? 'Mind: ' : 'Wrong: '}
      {p.message}
    </Text>
  ))
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
