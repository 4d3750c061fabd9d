import type { SlackLinkRow, WorkspaceRow } from './operations.ts'

/** A workspace by what tells it from others: anybody can choose the name. */
export function Place({ of: w }: { of: Pick<WorkspaceRow, 'name' | 'domain' | 'slackId'> & { organization?: boolean } }) {
  return (
    <>
      <bdi>{w.name}</bdi>{' '}
      <span className="quiet" style={{ fontWeight: 400 }}>
        {w.domain && <bdi>{w.domain} </bdi>}
        <span className="mono">{w.slackId}</span>
        {w.organization ? ' (a whole organisation)' : ''}
      </span>
    </>
  )
}

export function SlackAccount({ of: l }: { of: SlackLinkRow }) {
  return (
    <>
      <bdi>{l.slackName}</bdi> <span className="mono">{l.slackUserId}</span>
      {l.slackEmail && (
        <>
          {' '}
          <bdi>{l.slackEmail}</bdi>
        </>
      )}{' '}
      in <Place of={l.workspace} />
    </>
  )
}

export function LinkedPerson({ of: l }: { of: SlackLinkRow }) {
  return (
    <>
      <bdi>{l.user.name}</bdi> <bdi>{l.user.email}</bdi>
    </>
  )
}
