import { Modal, Stack, Switch, Table, Text } from '@mantine/core'
import { useState } from 'react'
import { useViewer } from '../viewer.ts'
import { lettersOn, setLetters } from './keys.ts'
import classes from './Palette.module.css'

type Line = { keys: string[]; text: string; admin?: boolean }

const mod = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘' : 'Ctrl'

const groups: { title: string; lines: Line[] }[] = [
  {
    title: 'Everywhere',
    lines: [
      { keys: ['G', 'H'], text: 'Home' },
      { keys: ['G', 'R'], text: 'Requests' },
      { keys: ['G', 'L'], text: 'Catalog', admin: true },
      { keys: ['G', 'I'], text: 'Integrations', admin: true },
      { keys: ['G', 'S'], text: 'Slack' },
      { keys: ['G', 'P'], text: 'People', admin: true },
      { keys: ['G', 'G'], text: 'Groups', admin: true },
      { keys: ['G', 'O'], text: 'Overview', admin: true },
      { keys: ['G', 'A'], text: 'Audit', admin: true },
      { keys: ['G', 'D'], text: 'API' },
      { keys: ['C'], text: 'Ask for access' },
      { keys: ['?'], text: 'This list' },
    ],
  },
  {
    title: 'In a list',
    lines: [
      { keys: ['J'], text: 'Next row' },
      { keys: ['K'], text: 'Row before' },
      { keys: ['Enter'], text: 'Open the row' },
      { keys: ['U'], text: 'Back' },
      { keys: ['F'], text: 'Filter' },
      { keys: ['/'], text: 'Find words' },
      { keys: ['.'], text: 'Show what is new' },
      { keys: ['Y'], text: 'Copy the address' },
    ],
  },
  {
    title: 'On a request',
    lines: [
      { keys: ['A'], text: 'Approve…' },
      { keys: ['D'], text: 'Deny…' },
      { keys: ['E'], text: 'Edit…' },
    ],
  },
  {
    title: 'Always',
    lines: [
      { keys: [`${mod} K`], text: 'Search everything' },
      { keys: ['↑ ↓'], text: 'Rows of a list' },
    ],
  },
]

/** What can be done by keys. Letters open forms and move about; none of them decides anything. */
export default function KeyList({ onClose }: { onClose: () => void }) {
  const { admin } = useViewer()
  const [on, setOn] = useState(lettersOn)
  return (
    <Modal opened onClose={onClose} title="Keyboard shortcuts" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap="lg" pt={6}>
        <Switch
          label="Shortcuts of single letters"
          description={`Off, letters do nothing outside of fields. ${mod} K, arrows and Enter work always.`}
          checked={on}
          onChange={(e) => {
            setOn(e.currentTarget.checked)
            setLetters(e.currentTarget.checked)
          }}
          data-autofocus
        />
        <div className={classes['groups']}>
          {groups.map((g) => (
            <Table key={g.title} captionSide="top" withRowBorders={false} verticalSpacing={6} horizontalSpacing={0}>
              <Table.Caption className={classes['caption'] ?? ''}>{g.title}</Table.Caption>
              <Table.Tbody>
                {g.lines
                  .filter((l) => !l.admin || admin)
                  .map((l) => (
                    <Table.Tr key={l.text}>
                      <Table.Th scope="row" fw={400}>
                        {l.text}
                      </Table.Th>
                      <Table.Td ta="right">
                        {l.keys.map((k, i) => (
                          <span key={k}>
                            {i > 0 && (
                              <Text span size="sm" c="dimmed">
                                {' then '}
                              </Text>
                            )}
                            <kbd className={classes['kbd']}>{k}</kbd>
                          </span>
                        ))}
                      </Table.Td>
                    </Table.Tr>
                  ))}
              </Table.Tbody>
            </Table>
          ))}
        </div>
      </Stack>
    </Modal>
  )
}
