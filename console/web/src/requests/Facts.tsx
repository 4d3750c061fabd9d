import { Table, Text } from '@mantine/core'
import { seconds, words } from '../ui/duration.ts'
import { Time } from '../ui/Time.tsx'
import { listed, statuses } from '../ui/words.ts'
import type { RequestDetail } from './fragments.ts'
import { itemLabel } from './terms.ts'
import classes from './RequestPage.module.css'

/** What was asked for and what became of it, each fact once. */
export function Facts({ r, approvers }: { r: RequestDetail; approvers: readonly string[] }) {
  const rows: [string, React.ReactNode][] = [
    ['Requester', <><bdi>{r.requester.name}</bdi> <span className="quiet">{r.requester.email}</span></>],
    ['Reason', <span className="said"><bdi>{r.reason}</bdi></span>],
  ]
  if (r.ticket) rows.push(['Ticket', <bdi>{r.ticket}</bdi>])
  rows.push(['Asked for', words(seconds(r.requestedDuration))])
  if (r.grantedDuration) rows.push(['Granted', words(seconds(r.grantedDuration))])
  if (r.grant) rows.push(['In force', <><Time at={r.grant.startsAt} as="clock" /> to <Time at={r.grant.expiresAt} as="clock" /></>])
  else if (r.startsAt) rows.push(['Start', <Time at={r.startsAt} as="moment" />])
  else if (r.status === 'PENDING') rows.push(['Start', 'as soon as it is approved'])
  rows.push(['Asked', <Time at={r.createdAt} />])
  if (r.extension) {
    rows.push(['Extension', <><span>{words(seconds(r.extension.duration))} longer, until <Time at={r.extension.expiresAt} as="clock" />: </span><span className="said"><bdi>{r.extension.reason}</bdi></span></>])
  }
  const named = (ids: readonly string[]) => listed([...r.items, ...r.droppedItems].filter((i) => ids.includes(i.resourceId)).map(itemLabel), 'and', 20)
  if (approvers.length > 0) rows.push(['May decide', listed(approvers, 'or')])
  for (const v of r.reviews) {
    rows.push([
      v.decision === 'APPROVE' ? 'Approved by' : 'Denied by',
      <>
        <bdi>{v.reviewer.name}</bdi>
        {v.duration && `, for ${words(seconds(v.duration))}`}, <Time at={v.at} />
        {v.covers && named(v.covers) && <Text size="sm" c="dimmed">For <bdi>{named(v.covers)}</bdi></Text>}
        {v.without.length > 0 && named(v.without) && <Text size="sm" c="dimmed">Left out: <bdi>{named(v.without)}</bdi></Text>}
        {v.comment && <Text size="sm" className="said"><bdi>{v.comment}</bdi></Text>}
      </>,
    ])
  }
  if (r.endedBy) rows.push([`${statuses[r.status].word} by`, <bdi>{r.endedBy.name}</bdi>])
  // What was said with a review stands there.
  if (r.outcome && !r.reviews.some((v) => v.comment === r.outcome)) rows.push(['Outcome', <span className="said"><bdi>{r.outcome}</bdi></span>])
  return (
    <Table withRowBorders={false} verticalSpacing={6} horizontalSpacing={0} layout="fixed">
      <Table.Tbody>
        {rows.map(([label, value], i) => (
          <Table.Tr key={i}>
            <Table.Th scope="row" c="dimmed" fw={400} className={classes['label']}>
              {label}
            </Table.Th>
            <Table.Td>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
