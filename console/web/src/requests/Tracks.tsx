import { Alert, Stack, Text, Title } from '@mantine/core'
import { IconBan } from '@tabler/icons-react'
import { graphql, type FragmentOf } from '../api/graphql.ts'
import { seconds, words } from '../ui/duration.ts'
import { Time } from '../ui/Time.tsx'
import { count, listed } from '../ui/words.ts'
import { TrackParts } from './fragments.ts'
import { itemLabel } from './terms.ts'

/** By what a request is decided, and how that stands. */
export const RequestTracks = graphql(
  `
    fragment RequestTracks on AccessRequest {
      tracks { ...TrackParts }
    }
  `,
  [TrackParts],
)

export type Track = FragmentOf<typeof TrackParts>
export type Step = Track['steps'][number]

/** A decision that is yet to be asked for, that is waited for, or that is over. */
type When = 'ahead' | 'open' | 'over'

/** Nobody changed the policies: any administrator decides all of it, which the facts say already. */
export const asEver = (tracks: readonly Track[]) => tracks.every((t) => t.policyVersion === 0 && t.guardrails.length === 0 && t.refusedBecause === null)

/** The parts of a request that are decided apart: by which policy, by whom, and who is missing. */
export function Tracks({ request, open, items }: { request: FragmentOf<typeof RequestTracks>; open: boolean; items: readonly { resourceId: string; resourceName: string; role: string | null }[] }) {
  if (asEver(request.tracks)) return null
  return (
    <section className="card" aria-labelledby="tracks">
      <Stack p="md" gap="md">
        <Title order={2} id="tracks">
          How it is decided
        </Title>
        {request.tracks.map((t, place) => (
          <OneTrack key={place} track={t} when={open ? 'open' : 'over'} items={request.tracks.length > 1 ? items.filter((i) => t.resourceIds.includes(i.resourceId)).map(itemLabel) : []} />
        ))}
      </Stack>
    </section>
  )
}

/** One part; items are named where there are others beside it. */
export function OneTrack({ track: t, when, items }: { track: Track; when: When; items: readonly string[] }) {
  return (
    <Stack gap={4}>
      <Title order={3} fz="md">
        <bdi>{t.policyName}</bdi>
      </Title>
      {items.length > 0 && (
        <Text size="sm" c="dimmed">
          For <bdi>{listed(items, 'and', 20)}</bdi>
        </Text>
      )}
      {t.guardrails.length > 0 && (
        <Text size="sm" c="dimmed">
          {t.guardrails.length === 1 ? 'Guardrail' : 'Guardrails'}: <bdi>{listed(t.guardrails, 'and', 20)}</bdi>
        </Text>
      )}
      {t.refusedBecause !== null ? (
        <Alert color="bad" variant="light" icon={<IconBan aria-hidden />} title="Nobody gets this">
          <bdi>{t.refusedBecause}</bdi>
        </Alert>
      ) : t.steps.length === 0 ? (
        <Text size="sm">Nobody has to approve it.</Text>
      ) : (
        <Stack component="ol" gap="xs" m={0} pl="lg" fz="sm">
          {t.steps.map((s, place) => (
            <li key={place} aria-current={when === 'open' && s.status === 'PRESENT' ? 'step' : undefined}>
              <OneStep step={s} when={when} />
            </li>
          ))}
        </Stack>
      )}
      {t.approveInConsole && (
        <Text size="sm" c="dimmed">
          Approvals are taken in the console alone{t.signInWithin !== null && `, from who signed in within the last ${words(seconds(t.signInWithin))}`}.
        </Text>
      )}
    </Stack>
  )
}

function OneStep({ step: s, when }: { step: Step; when: When }) {
  const title = [s.name, s.guardrail && `asked for by the guardrail ${s.guardrail}`].filter(Boolean).join(', ')
  return (
    <>
      {title && (
        <Text size="sm" fw={600}>
          <bdi>{title}</bdi>
        </Text>
      )}
      {s.approvedBy.length > 0 && (
        <Text size="sm">
          Approved by <bdi>{listed(s.approvedBy, 'and', 10)}</bdi>.
        </Text>
      )}
      <Text size="sm" c={when !== 'over' && s.status === 'PRESENT' ? undefined : 'dimmed'}>
        <bdi>{standing(s, when)}</bdi>
        {when !== 'over' && s.escalated && ' It has waited so long that more people can approve it.'}
        {when === 'open' && s.escalatesAt !== null && (
          <>
            {' '}
            More people can approve it <Time at={s.escalatesAt} />.
          </>
        )}
        {when === 'open' && s.endsAt !== null && (
          <>
            {' '}
            It is over <Time at={s.endsAt} />.
          </>
        )}
      </Text>
    </>
  )
}

/** How a step stands, in a sentence: "Waits for 2 approvals of Ada or an administrator." */
export function standing(s: Pick<Step, 'status' | 'need' | 'lacking' | 'approvers' | 'approvedBy'>, when: When): string {
  if (s.status === 'MET') return s.approvedBy.length > 0 ? 'Met.' : 'Met: nobody had to approve.'
  const who = whoseApproval(s.approvers)
  if (when === 'over') return `Needed ${count(s.need, 'approval')} ${who}.`
  if (s.status === 'PRESENT' && when === 'ahead') return `Needs ${count(s.need, 'approval')} ${who}.`
  if (s.status === 'PRESENT') return `Waits for ${count(s.lacking, s.approvedBy.length > 0 ? 'more approval' : 'approval')} ${who}.`
  return `Then needs ${count(s.need, 'approval')} ${who}.`
}

/** "of Ada (owner) or an administrator". */
function whoseApproval(approvers: Step['approvers']): string {
  if (approvers === null) return 'of people who are kept from you'
  if (approvers.length === 0) return 'of nobody: there is no one left who could'
  const names = approvers.map((a) => {
    if (a.approverId === 'administrators') return 'an administrator'
    return (a.name ?? 'somebody who was removed') + { NAME: '', OWNER: ' (owner)', MANAGER: ' (manager)' }[a.by]
  })
  return `of ${listed(names, 'or', 10)}`
}
