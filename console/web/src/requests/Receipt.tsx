import { ActionIcon, Alert, CopyButton, Group, Stack, Text, Title, Tooltip } from '@mantine/core'
import { IconCheck, IconClock, IconCopy, IconDownload } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { ask } from '../api/ask.ts'
import { useConnection } from '../api/connection.ts'
import { graphql } from '../api/graphql.ts'
import { noAnswer, type Trouble } from '../api/trouble.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Failure } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'

const ReadReceipt = graphql(`
  query ReadReceipt($id: ID!) {
    receipt: accessRequestReceipt(requestId: $id) {
      fileName
      text
      checkpoint { at key }
    }
  }
`)

/** What came of a press: a file, and by which key it is signed and when; or why there is none. */
type Outcome = { file: string; at: string; key: string } | { wrong: Trouble }

// What another try does not mend.
const final = ['NO_SIGNING_KEY', 'RECEIPT_TOO_LONG', 'FORBIDDEN', 'NOT_FOUND']

/** Has the browser save a text, byte for byte. */
function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000) // the browser may still read it
}

/** What proves a request to others: its receipt, to be saved, and the command that checks it offline. For administrators. */
export function Receipt({ id }: { id: string }) {
  const { live } = useConnection()
  const [busy, setBusy] = useState(false)
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const here = useRef(true)
  useEffect(() => {
    here.current = true
    return () => void (here.current = false)
  }, [])

  async function download() {
    setBusy(true)
    const { data, error } = await ask(ReadReceipt, { id })
    if (!here.current) return // nobody waits for a file any more
    setBusy(false)
    const r = data?.receipt
    if (!r) return setOutcome({ wrong: noAnswer(error) })
    save(r.fileName, r.text)
    setOutcome({ file: r.fileName, ...r.checkpoint })
  }

  const got = outcome && 'file' in outcome ? outcome : null
  const wrong = outcome && 'wrong' in outcome ? outcome.wrong : null
  const command = `procyon receipt verify ${got?.file ?? `procyon-receipt-${id}.json`} --public-key KEY`
  return (
    <section className="card" aria-labelledby="receipt">
      <Stack p="md" gap="sm" align="flex-start">
        <Title order={2} id="receipt">
          Receipt
        </Title>
        <Text>All that the journal has of this request, signed: it can be checked without this server. It also has what the policies keep from requesters.</Text>
        <ActButton variant="default" leftSection={<IconDownload size={16} aria-hidden />} busy={busy} off={!live} onClick={() => void download()}>
          Download receipt
        </ActButton>
        {!live && <Text c="dimmed">This is possible once Procyon can be reached.</Text>}
        <Text role="status" style={{ overflowWrap: 'anywhere' }}>
          {busy && 'The receipt is being made.'}
          {!busy && got && (
            <>
              Saved as <span className="mono">{got.file}</span>. It was signed <Time at={got.at} /> with the key <span className="mono">{got.key}</span>.
            </>
          )}
        </Text>
        {!busy && wrong && (wrong.code === 'NOT_SIGNED' ? (
          <Alert role="alert" color="wait" variant="light" icon={<IconClock aria-hidden />} title="There is no receipt yet" w="100%">
            {wrong.message}
          </Alert>
        ) : (
          <Failure what="There is no receipt" trouble={wrong} {...(final.includes(wrong.code ?? '') ? {} : { again: () => void download() })} />
        ))}
        <div style={{ width: '100%' }}>
          <Text size="sm" c="dimmed">
            Check it offline, with the public key that whoever runs Procyon prints by <span className="mono">procyon journal checkpoint --public-key</span>:
          </Text>
          <Group gap={4} wrap="nowrap" justify="space-between">
            <code className="mono" style={{ overflowWrap: 'anywhere' }}>
              {command}
            </code>
            <CopyButton value={command}>
              {({ copied, copy }) => (
                <Tooltip label={copied ? 'Copied' : 'Copy command'}>
                  <ActionIcon onClick={copy} aria-label={copied ? 'Copied' : 'Copy command'} color={copied ? 'good' : 'over'}>
                    {copied ? <IconCheck size={20} aria-hidden /> : <IconCopy size={20} aria-hidden />}
                  </ActionIcon>
                </Tooltip>
              )}
            </CopyButton>
          </Group>
        </div>
      </Stack>
    </section>
  )
}
