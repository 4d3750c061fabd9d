import { Alert, Button, CopyButton, Table, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useEffect, useRef, type ReactNode } from 'react'
import { relative } from '../ui/now.ts'
import { statuses, via } from '../ui/words.ts'
import { useViewer } from '../viewer.ts'
import type { RequestDetail } from './fragments.ts'
import { differences, type Subject } from './terms.ts'

/** Says that the terms changed, with old values struck beside the new ones. */
export function Changed({ seen, request, taken = false }: { seen: RequestDetail; request: RequestDetail; taken?: boolean }) {
  const viewer = useViewer()
  const notice = useRef<HTMLDivElement>(null)
  // Whoever pressed "See what changed" is shown it, also where it is below the fold.
  useEffect(() => {
    if (taken) notice.current?.scrollIntoView({ block: 'nearest' })
  }, [taken])
  const who = request.requester.userId === viewer.id ? 'You' : request.requester.name
  return (
    <Alert
      ref={notice}
      role={taken ? undefined : 'alert'}
      color="wait"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={`${who} changed this${who === 'You' ? ' elsewhere' : ''} while you looked.`}
    >
      <Differences seen={seen} request={request} />
    </Alert>
  )
}

/** Old values struck beside the new ones. */
function Differences({ seen, request }: { seen: RequestDetail; request: RequestDetail }) {
  const rows = differences(seen, request)
  if (rows.length === 0) return <Text size="sm">What is asked for is the same.</Text>
  return (
    <Table withRowBorders={false} verticalSpacing={4} horizontalSpacing={0} layout="fixed">
      <Table.Tbody>
        {rows.map((d) => (
          <Table.Tr key={d.label}>
            <Table.Th scope="row" w={76} fw={400} style={{ verticalAlign: 'top' }}>
              {d.label}
            </Table.Th>
            <Table.Td>
              <del className="was said">
                <bdi>{d.was}</bdi>
              </del>{' '}
              <ins className="said" style={{ textDecoration: 'none', fontWeight: 600 }}>
                <bdi>{d.is}</bdi>
              </ins>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

/** "4 seconds ago" within a minute, else as lists say it. */
export function ago(ms: number, at: number): string {
  const s = Math.floor((at - ms) / 1000)
  if (s < 1) return 'just now'
  return s < 60 ? `${s} second${s === 1 ? '' : 's'} ago` : relative(ms, at)
}

/** The sentence for somebody who is late: who did what, and when. Without a full stop. */
export function outcomeOf(request: RequestDetail, subject: Subject, viewer: string, at: number): string {
  const last = request.reviews.at(-1)
  const waits = subject === 'REQUEST' ? request.status === 'PENDING' : request.extension !== null
  if (waits) return 'You can’t decide this any more'
  if (request.endedBy && ['CANCELED', 'CLOSED', 'REVOKED'].includes(request.status)) {
    return `${request.endedBy.name} ${statuses[request.status].word.toLowerCase()} this ${ago(Date.parse(request.updatedAt), at)}`
  }
  if (last && ['APPROVED', 'ACTIVE', 'DENIED', 'EXPIRED'].includes(request.status) && !(request.status === 'EXPIRED' && subject === 'EXTENSION')) {
    const own = last.reviewer.userId === viewer
    const thing = subject === 'EXTENSION' ? 'the extension' : 'this'
    const where = own ? ` ${via[last.reviewer.via] ?? ''}`.trimEnd() : ''
    return `${own ? 'You' : last.reviewer.name} ${last.decision === 'DENY' ? 'denied' : 'approved'} ${thing}${where} ${ago(Date.parse(last.at), at)}`
  }
  return { EXPIRED: 'This access expired', TIMED_OUT: 'This request timed out' }[request.status as string] ?? `This is ${statuses[request.status].word.toLowerCase()} now`
}

/** Somebody was first, or it is over: who, when, why, what changed, and what was typed, to be copied. */
export function Late({ title, seen, request, typed, children }: { title: string; seen: RequestDetail; request: RequestDetail; typed: string; children?: ReactNode }) {
  const reason = request.outcome ?? request.reviews.at(-1)?.comment
  return (
    <Alert role="alert" color="over" variant="light" icon={<IconAlertTriangle aria-hidden />} title={title}>
      {reason && (
        <Text size="sm" className="said">
          “<bdi>{reason}</bdi>”
        </Text>
      )}
      {seen.version !== request.version && <Differences seen={seen} request={request} />}
      {typed.trim() !== '' && (
        <CopyButton value={typed.trim()}>
          {({ copied, copy }) => (
            <Button mt="sm" variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy your comment'}
            </Button>
          )}
        </CopyButton>
      )}
      {children}
    </Alert>
  )
}
