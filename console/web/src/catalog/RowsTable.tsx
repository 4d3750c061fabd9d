import { Table, Text } from '@mantine/core'
import { usePaged } from '../ui/paged.ts'
import { ShowMore } from '../ui/ShowMore.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import classes from './catalog.module.css'
import { readRows } from './importing.ts'
import type { ImportSearch } from './search.ts'

type Which = NonNullable<ImportSearch['rows']>

const titles: Record<Which, string> = { wrong: 'Wrong rows', changed: 'What changes', refused: 'Refused rows' }

/** Rows of an import, page by page: what is wrong with each, what it changes, or why it was refused. */
export function RowsTable({ id, which }: { id: string; which: Which }) {
  const list = usePaged(`${id} ${which}`, (after) => readRows(id, which, after))
  const { rows, wrong } = list
  return (
    <section className="card" aria-label={titles[which]} aria-busy={list.reading}>
      {wrong && <Failure inset what="The rows could not be read" trouble={wrong} again={list.retry} />}
      {!rows && !wrong && <Loading inset rows={4} />}
      {rows?.length === 0 && <Empty>There are no such rows.</Empty>}
      {rows && rows.length > 0 && (
        <div className={classes['scroll']} tabIndex={0} role="region" aria-label={`${titles[which]}, table`}>
          <Table miw={560} verticalSpacing="sm" horizontalSpacing="md">
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={80}>Row</Table.Th>
                <Table.Th>Name</Table.Th>
                {which === 'wrong' && <Table.Th w={120}>Column</Table.Th>}
                <Table.Th>{which === 'changed' ? 'What changes' : 'What is wrong'}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((r) => (
                <Table.Tr key={r.id}>
                  <Table.Td>{r.number}</Table.Td>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>
                    <bdi>{r.name}</bdi>
                    <Text size="sm" c="dimmed">
                      <bdi>{[r.type, r.in].filter(Boolean).join(', ')}</bdi>
                    </Text>
                  </Table.Td>
                  {which === 'wrong' && <Table.Td className="mono">{r.column ?? ''}</Table.Td>}
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>{which === 'wrong' ? r.fault : which === 'refused' ? r.refusal : r.verdict === 'NEW' ? 'New' : r.changes.join('; ')}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      <ShowMore of={list} />
    </section>
  )
}
