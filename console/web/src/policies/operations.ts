import { ask } from '../api/ask.ts'
import { graphql, type FragmentOf, type ResultOf, type VariablesOf } from '../api/graphql.ts'
import { noAnswer, type Trouble } from '../api/trouble.ts'

const WhoNamed = graphql(`
  fragment WhoNamed on PolicyWho { everyone users { subjectId name } groups { subjectId name } }
`)
const WhatNamed = graphql(`
  fragment WhatNamed on PolicyWhat {
    accounts { subjectId name } gateways { subjectId name } resources { subjectId name }
    kinds roles tags { key value }
  }
`)
const StepNamed = graphql(`
  fragment StepNamed on PolicyStep {
    name need administrators owners manager users { subjectId name } groups { subjectId name }
    remindEvery endAfter escalation { after administrators owners manager users { subjectId name } groups { subjectId name } }
  }
`)
const PolicyRow = graphql(
  `
    fragment PolicyRow on Policy {
      policyId name who { ...WhoNamed } what { ...WhatNamed } refuse maxDuration maxStartAhead extensions minReasonLength
      ticketNeeded ticketPattern ticketExample approveInConsole hideApprovers
    }
  `,
  [WhoNamed, WhatNamed],
)
const GuardrailRow = graphql(
  `
    fragment GuardrailRow on Guardrail {
      guardrailId name except { ...WhoNamed } what { ...WhatNamed } condition refuse maxDuration approveInConsole signInWithin step { ...StepNamed }
    }
  `,
  [WhoNamed, WhatNamed, StepNamed],
)

export type Who = FragmentOf<typeof WhoNamed>
export type What = FragmentOf<typeof WhatNamed>
export type Step = FragmentOf<typeof StepNamed>
export type Escalation = NonNullable<Step['escalation']>
/** Who can approve: of a step, or once it is escalated. */
export type Approvers = Pick<Step, 'users' | 'groups' | 'administrators' | 'owners' | 'manager'>
export type Policy = FragmentOf<typeof PolicyRow> & { steps: readonly Step[] }
export type Guardrail = FragmentOf<typeof GuardrailRow>

/** Guardrails, and policies in their order. */
export type Rules = { guardrails: readonly Guardrail[]; policies: readonly Policy[] }

/** What is in force, and since when by whom. */
export type InForce = Rules & { version: number; changedAt: string | null; changedBy: { actorId: string; name: string | null } | null }

const PoliciesPart = graphql(`fragment PoliciesPart on PolicySet { version changedAt changedBy { actorId name } policies { ...PolicyRow } }`, [PolicyRow])
const StepsPart = graphql(`fragment StepsPart on PolicySet { version policies { policyId steps { ...StepNamed } } }`, [StepNamed])
const GuardrailsPart = graphql(`fragment GuardrailsPart on PolicySet { version guardrails { ...GuardrailRow } }`, [GuardrailRow])

type Parts = [FragmentOf<typeof PoliciesPart>, FragmentOf<typeof StepsPart>, FragmentOf<typeof GuardrailsPart>]

/** A set of its three parts, each of which is as much as an operation may ask for. */
function joined([p, s, g]: Parts): InForce {
  const of = new Map(s.policies.map((x) => [x.policyId, x.steps]))
  return { ...p, policies: p.policies.map((x) => ({ ...x, steps: of.get(x.policyId) ?? [] })), guardrails: g.guardrails }
}

const ReadPolicies = graphql(`query ReadPolicies { policySet { ...PoliciesPart } }`, [PoliciesPart])
const ReadSteps = graphql(`query ReadSteps { policySet { ...StepsPart } }`, [StepsPart])
const ReadGuardrails = graphql(`query ReadGuardrails { policySet { ...GuardrailsPart } }`, [GuardrailsPart])

/** Reads all guardrails and policies that are in force, of one version. */
export async function readPolicies(tries = 3): Promise<InForce | Trouble> {
  const [policies, steps, guardrails] = await Promise.all([ask(ReadPolicies, {}), ask(ReadSteps, {}), ask(ReadGuardrails, {})])
  const p = policies.data?.policySet
  const s = steps.data?.policySet
  const g = guardrails.data?.policySet
  if (!p || !s || !g) return noAnswer(policies.error ?? steps.error ?? guardrails.error)
  if (p.version === s.version && p.version === g.version) return joined([p, s, g])
  return tries > 1 ? readPolicies(tries - 1) : { kind: 'failed', message: 'The policies are being changed. Try again.' }
}

const ReadOldPolicies = graphql(`query ReadOldPolicies($version: Int!) { policyVersion(version: $version) { set { ...PoliciesPart } } }`, [PoliciesPart])
const ReadOldSteps = graphql(`query ReadOldSteps($version: Int!) { policyVersion(version: $version) { set { ...StepsPart } } }`, [StepsPart])
const ReadOldGuardrails = graphql(`query ReadOldGuardrails($version: Int!) { policyVersion(version: $version) { set { ...GuardrailsPart } } }`, [GuardrailsPart])

/** Reads all guardrails and policies of a version that was in force. */
export async function readOldPolicies(version: number): Promise<Rules | Trouble> {
  const [policies, steps, guardrails] = await Promise.all([ask(ReadOldPolicies, { version }), ask(ReadOldSteps, { version }), ask(ReadOldGuardrails, { version })])
  const [p, s, g] = [policies.data?.policyVersion?.set, steps.data?.policyVersion?.set, guardrails.data?.policyVersion?.set]
  if (!p || !s || !g) return noAnswer(policies.error ?? steps.error ?? guardrails.error)
  const { policies: all, guardrails: limits } = joined([p, s, g])
  return { policies: all, guardrails: limits }
}

export const SetPolicies = graphql(`
  mutation SetPolicies($input: SetPoliciesInput!) {
    result: setPolicies(input: $input) { policySet { version } warnings { field message } userErrors { code field message } }
  }
`)

export type SetInput = VariablesOf<typeof SetPolicies>['input']['set']

/** What is wrong with guardrails and policies, or should be known; at is as "policies.3.steps.0.need". */
export type Problem = { at: string; message: string; warning: boolean }

/** Has the server say what is wrong; nothing is saved. */
export async function checkPolicies(set: SetInput, expectedVersion: number): Promise<readonly Problem[] | Trouble> {
  const { data, error } = await ask(SetPolicies, { input: { set, expectedVersion, dryRun: true } })
  const result = data?.result
  if (!result) return noAnswer(error)
  const at = (path: string) => path.replace(/^(input\.)?set\./, '')
  return [
    ...result.userErrors.filter((e) => e.code !== 'CONFLICT').map((e) => ({ at: at((e.field ?? []).join('.')), message: e.message, warning: false })),
    ...result.warnings.map((w) => ({ at: at(w.field), message: w.message, warning: true })),
  ]
}

const FindPlaced = graphql(`
  query FindPlaced($search: String) {
    accounts(search: $search, first: 10) { nodes { id name } }
    gateways(search: $search, first: 10) { nodes { id name } }
    resources(search: $search, first: 20) { nodes { id name } }
  }
`)

/** Finds accounts, gateways and resources by their names. */
export async function findPlaced(search: string): Promise<readonly { subjectId: string; name: string }[]> {
  const { data } = await ask(FindPlaced, { search: search || null })
  const all = [...(data?.accounts?.nodes ?? []), ...(data?.gateways?.nodes ?? []), ...(data?.resources?.nodes ?? [])]
  return all.map(({ id, name }) => ({ subjectId: id, name }))
}

const FindTried = graphql(`
  query FindTried($search: String) {
    resources(search: $search, first: 20) { nodes { id name roles account { name } gateway { name } } }
  }
`)

export type Triable = NonNullable<ResultOf<typeof FindTried>['resources']>['nodes'][number]

/** Finds resources by their names, with the roles that each has. */
export async function findTried(search: string): Promise<readonly Triable[]> {
  const { data } = await ask(FindTried, { search: search || null })
  return data?.resources?.nodes ?? []
}

const TryPolicies = graphql(`
  query TryPolicies($input: ExplainAccessInput!) {
    explainAccess(input: $input) {
      approvedAtOnce approvers maxDuration refusal { field message } tracks { policyName resourceIds refusedBecause guardrails steps { name need guardrail } }
    }
  }
`)

export type Tried = NonNullable<ResultOf<typeof TryPolicies>['explainAccess']>

/** What would be asked for. */
export type Wish = Omit<VariablesOf<typeof TryPolicies>['input'], 'draft'>

/** What asking would lead to, by a draft or else by what is in force. */
export async function tryPolicies(wish: Wish, draft: SetInput | null): Promise<Tried | Trouble> {
  const { data, error } = await ask(TryPolicies, { input: { ...wish, ...(draft ? { draft } : {}) } })
  return data?.explainAccess ?? noAnswer(error)
}

const RehearsePolicies = graphql(`
  query RehearsePolicies($input: RehearsePoliciesInput!) {
    rehearsePolicies(input: $input) {
      requestCount goneCount otherPolicyCount otherApproversCount refusedCount allowedCount approvedAtOnceCount differingCount
      differing { requestId requesterName items askedAt before after }
    }
  }
`)

export type Rehearsed = NonNullable<ResultOf<typeof RehearsePolicies>['rehearsePolicies']>

/** What a draft would have made of the newest requests. */
export async function rehearse(set: SetInput): Promise<Rehearsed | Trouble> {
  const { data, error } = await ask(RehearsePolicies, { input: { set } })
  return data?.rehearsePolicies ?? noAnswer(error)
}
