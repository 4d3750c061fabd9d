import { Button, CopyButton, Group, Stack, Text, Title } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import classes from './apidocs.module.css'
import { examples } from './examples.ts'

/** Operations to copy, for this server. */
export default function Examples() {
  return (
    <Stack gap="lg">
      {examples(location.origin).map((e) => (
        <section key={e.title} className={`card ${classes['part']}`} aria-label={e.title}>
          <Group justify="space-between" align="flex-start" wrap="nowrap" gap="md" mb="sm">
            <div>
              <Title order={2}>{e.title}</Title>
              <Text size="sm" c="dimmed">
                {e.about}
              </Text>
            </div>
            <CopyButton value={e.code}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy} leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />} aria-label={`Copy: ${e.title}`} style={{ flex: 'none' }}>
                  {copied ? 'Copied' : 'Copy'}
                </Button>
              )}
            </CopyButton>
          </Group>
          <pre className={classes['code']} tabIndex={0} role="region" aria-label={`${e.title}: the code`}>
            {e.code}
          </pre>
        </section>
      ))}
    </Stack>
  )
}
