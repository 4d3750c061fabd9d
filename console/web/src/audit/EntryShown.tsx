import { Button, CopyButton, Stack, Table, Text } from '@mantine/core'
import { useCallback, useEffect, useState, type ReactNode } from 'react'
import type { Trouble } from '../api/trouble.ts'
import { placeOf } from '../shell/find.ts'
import { Failure, Loading } from '../ui/state.tsx'
import { exact } from '../ui/now.ts'
import { Time } from '../ui/Time.tsx'
import { grouped } from '../ui/words.ts'
import classes from './audit.module.css'
import { differences, kindOf, nameOf, readEntry, through, verb, whoOf, type EntryDetail } from './entries.ts'

/** One entry: who did what, what was different afterwards, and the hashes that prove it. */
export function EntryShown({ seq, history }: { seq: number; history: (object: string) => string }) {
  const [e, setEntry] = useState<EntryDetail | null | undefined>(undefined)
  const [trouble, setTrouble] = useState<Trouble | null>(null)
  const read = useCallback(async () => {
    setTrouble(null)
    const is = await readEntry(seq)
    if (is && 'kind' in is) setTrouble(is)
    else setEntry(is)
  }, [seq])
  useEffect(() => void read(), [read])
  if (trouble) return <Failure what="The entry could not be read" trouble={trouble} again={() => void read()} />
  if (e === undefined) return <Loading rows={5} />
  if (e === null) return <Text>The journal has no entry {grouped(seq)}.</Text>
  const changes = differences(e.before, e.after)
  const place = placeOf(e.subjectId, true)
  return (
    <Stack gap="md">
      <Text fw={600}>
        <bdi>{whoOf(e)}</bdi> {verb(e)} <bdi>{nameOf(e)}</bdi> {through(e)}
      </Text>
      <Table withRowBorders={false} verticalSpacing={4} horizontalSpacing={0} layout="fixed">
        <Table.Tbody>
          <Fact label="When">
            <Time at={e.at} as="moment" />, {exact(Date.parse(e.at))}
          </Fact>
          <Fact label={kindOf(e)}>
            {place ? <a href={place}><bdi>{nameOf(e)}</bdi></a> : <bdi>{nameOf(e)}</bdi>}, <a href={history(e.subjectId)}>its history</a>
          </Fact>
          <Fact label="ID">
            <span className={classes['hash']}>{e.subjectId}</span>
          </Fact>
          <Fact label="Place">
            {grouped(e.seq)}, version {grouped(e.version)} of the object
          </Fact>
        </Table.Tbody>
      </Table>
      {changes.length === 0 ? (
        <Text>Nothing in the object's state was different afterwards.</Text>
      ) : (
        <Table aria-label="What changed" layout="fixed" horizontalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w="30%">Field</Table.Th>
              {e.before != null && <Table.Th>Before</Table.Th>}
              <Table.Th>After</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {changes.map((c) => (
              <Table.Tr key={c.field}>
                <Table.Th scope="row" fw={400} className={classes['value'] ?? ''} style={{ verticalAlign: 'top' }}>
                  {c.field}
                </Table.Th>
                {e.before != null && <Table.Td className={`${classes['value']} ${classes['was']}`} style={{ verticalAlign: 'top' }}>{c.before}</Table.Td>}
                <Table.Td className={classes['value'] ?? ''} style={{ verticalAlign: 'top' }}>{c.after}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Sum label="Hash" value={e.hash} />
      <Sum label="Hash of the entry before" value={e.prevHash} />
    </Stack>
  )
}

function Sum({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <div className={classes['hash']}>{value}</div>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Button variant="subtle" px="xs" onClick={copy} aria-label={`Copy ${label.toLowerCase()}`}>
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </div>
  )
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th scope="row" w={112} c="dimmed" fw={400} style={{ verticalAlign: 'top' }}>
        {label}
      </Table.Th>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>{children}</Table.Td>
    </Table.Tr>
  )
}
