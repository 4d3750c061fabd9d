import { Button, Code, FileButton, Group, Stack, Table, Text, Textarea, Title } from '@mantine/core'
import { useState } from 'react'
import type { Trouble } from '../api/trouble.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Failure } from '../ui/state.tsx'
import classes from './catalog.module.css'
import { upload } from './importing.ts'

const columns: [names: string[], about: string][] = [
  [['type'], 'account, gateway or resource'],
  [['name'], 'what it is called'],
  [['provider', 'externalId'], 'of an account, which is known by the two: AWS and 123456789012'],
  [['kind'], 'of a resource: Database, Cloud role, Private server, …'],
  [['account', 'gateway'], 'where a resource belongs: an account by its name or ID, a gateway by its name'],
  [['roles'], 'of a resource, parted by |. An empty cell is no roles; without the column they stay as they are'],
]

/** The first step: a file is dropped, chosen or pasted, and checked. Nothing of it is kept here. */
export function FileStep({ live, onChecked }: { live: boolean; onChecked: (id: string) => void }) {
  const [over, setOver] = useState(false)
  const [busy, setBusy] = useState<string | null>(null)
  const [wrong, setWrong] = useState<Trouble | null>(null)
  const [pasted, setPasted] = useState('')
  async function check(file: Blob, name: string) {
    if (busy !== null || !live) return
    setWrong(null)
    setBusy(name || 'what you pasted')
    const answer = await upload(file, name)
    setBusy(null)
    if (typeof answer === 'string') onChecked(answer)
    else if (answer.kind !== 'signedOut') setWrong(answer)
  }
  return (
    <Stack gap="lg">
      <div
        className={classes['drop']}
        data-over={over || undefined}
        onDragOver={(e) => {
          e.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(e) => {
          e.preventDefault()
          setOver(false)
          const file = e.dataTransfer.files[0]
          if (file) void check(file, file.name)
        }}
      >
        <Stack gap="sm" align="center">
          <Text>Drop a CSV or JSON file here, or</Text>
          <FileButton onChange={(file) => file && void check(file, file.name)} accept=".csv,.tsv,.txt,.json,text/csv,application/json" inputProps={{ 'aria-label': 'File' }}>
            {(props) => (
              <ActButton {...props} busy={busy !== null} off={!live}>
                Choose a file
              </ActButton>
            )}
          </FileButton>
          <Text size="sm" c="dimmed" role="status">
            {busy !== null ? `Checking ${busy}…` : 'Up to 16 MiB and 100,000 rows. It is checked first, and nothing is written by that.'}
          </Text>
        </Stack>
      </div>
      {wrong && <Failure what="The file was not checked" trouble={wrong} />}
      <form
        onSubmit={(e) => {
          e.preventDefault()
          if (pasted.trim() !== '') void check(new Blob([pasted]), '')
        }}
      >
        <Stack gap="sm">
          <Textarea label="Or paste rows here" description="With the line that names the columns, as a spreadsheet copies them." value={pasted} onChange={(e) => setPasted(e.currentTarget.value)} rows={5} spellCheck={false} classNames={{ input: classes['text'] ?? '' }} />
          <Group>
            <Button type="submit" variant="default" disabled={pasted.trim() === '' || busy !== null || !live}>
              Check what is pasted
            </Button>
          </Group>
        </Stack>
      </form>
      <section className="card" aria-labelledby="columns">
        <Stack p="md" gap="sm">
          <Title order={2} id="columns">
            What the file has
          </Title>
          <Text size="sm">The first line names the columns, in any order. Commas, semicolons or tabs part the cells; the text is UTF-8. What is in the catalog and not in the file stays as it is: an import deletes nothing.</Text>
          <div className={classes['scroll']} tabIndex={0} role="region" aria-label="The columns">
            <Table>
              <Table.Tbody>
                {columns.map(([names, about]) => (
                  <Table.Tr key={names[0]}>
                    <Table.Th scope="row" fw={400}>
                      <Group gap={4}>
                        {names.map((name) => (
                          <Code key={name} style={{ whiteSpace: 'nowrap' }}>
                            {name}
                          </Code>
                        ))}
                      </Group>
                    </Table.Th>
                    <Table.Td>{about}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
          <Code block tabIndex={0}>
            {'type,name,provider,externalId,kind,account,roles\naccount,Production,AWS,123456789012,,,\nresource,orders-db,,,Database,Production,reader|writer'}
          </Code>
        </Stack>
      </section>
    </Stack>
  )
}
