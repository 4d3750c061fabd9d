import { Button, Menu } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { grouped } from '../ui/words.ts'
import { exportAddress, isFiltered, type AuditSearch } from './search.ts'

const formats = { csv: 'CSV', jsonl: 'JSON Lines', cloudevents: 'CloudEvents' } as const

/** What is exported, in which form: all that the filters let through. How many those are is said where it is known. */
export function ExportMenu({ search, total }: { search: AuditSearch; total: number | null }) {
  const many = total === null ? '' : total === 1 ? ': 1 entry' : `: ${grouped(total)} entries`
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {isFiltered(search) ? 'What matches the filters' : 'The whole journal'}
          {many}, as of now
        </Menu.Label>
        {(Object.keys(formats) as (keyof typeof formats)[]).map((f) => (
          <Menu.Item key={f} component="a" href={exportAddress(search, f)} download>
            {formats[f]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
