import { Button, Group } from '@mantine/core'
import type { Paged } from './paged.ts'

/** The button beneath a list of which more can be read. */
export function ShowMore({ of }: { of: Pick<Paged<never>, 'more' | 'reading' | 'next'> }) {
  if (!of.more) return null
  return (
    <Group justify="center" p="md">
      <Button variant="default" loading={of.reading} onClick={of.next}>
        Show more
      </Button>
    </Group>
  )
}
