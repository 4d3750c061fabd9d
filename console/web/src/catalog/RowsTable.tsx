import { Table, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { usePaged } from '../ui/paged.ts'
import { ShowMore } from '../ui/ShowMore.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import { readRows, type ImportRow } from './importing.ts'
import type { ImportSearch } from './search.ts'

type Which = NonNullable<ImportSearch['rows']>

const titles: Record<Which, string> = { wrong: 'Wrong rows', changed: 'What changes', refused: 'Refused rows' }

const wordsOf = (r: ImportRow, which: Which): string => (which === 'wrong' ? r.fault : which === 'refused' ? r.refusal : r.verdict === 'NEW' ? 'New' : r.changes.join('; ')) ?? ''

/** Rows of an import, page by page: what is wrong with each, what it changes, or why it was refused. */
export function RowsTable({ id, which }: { id: string; which: Which }) {
  const narrow = useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false })
  const list = usePaged(`${id} ${which}`, (after) => readRows(id, which, after))
  const { rows, wrong } = list
  const said = which === 'changed' ? 'What changes' : 'What is wrong'
  return (
    <section className="card" aria-label={titles[which]} aria-busy={list.reading}>
      {wrong && <Failure inset what="The rows could not be read" trouble={wrong} again={list.retry} />}
      {!rows && !wrong && <Loading inset rows={4} />}
      {rows?.length === 0 && <Empty>There are no such rows.</Empty>}
      {rows && rows.length > 0 && (
        <Table verticalSpacing="sm" horizontalSpacing="md" layout="fixed" aria-label={titles[which]}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={narrow ? 76 : 96}>Row</Table.Th>
              <Table.Th>{narrow ? said : 'Name'}</Table.Th>
              {!narrow && which === 'wrong' && <Table.Th w={120}>Column</Table.Th>}
              {!narrow && <Table.Th>{said}</Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((r) => (
              <Table.Tr key={r.id} style={{ verticalAlign: 'top' }}>
                <Table.Td>{r.number}</Table.Td>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>
                  <bdi>{r.name}</bdi>
                  <Text size="sm" c="dimmed">
                    <bdi>{[r.type, r.in].filter(Boolean).join(', ')}</bdi>
                  </Text>
                  {narrow && (
                    <Text size="sm">
                      {which === 'wrong' && r.column && <span className="mono">{r.column}: </span>}
                      {wordsOf(r, which)}
                    </Text>
                  )}
                </Table.Td>
                {!narrow && which === 'wrong' && <Table.Td className="mono">{r.column ?? ''}</Table.Td>}
                {!narrow && <Table.Td style={{ overflowWrap: 'anywhere' }}>{wordsOf(r, which)}</Table.Td>}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <ShowMore of={list} />
    </section>
  )
}
