import { Alert, Stack, Text } from '@mantine/core'
import { IconBan } from '@tabler/icons-react'
import { asEver, OneTrack } from '../requests/Tracks.tsx'
import { itemLabel } from '../requests/terms.ts'
import { atOnce, refusedWhatever, type Explained } from './explained.ts'
import type { Wanted } from './form.ts'

/** By which policies a request would be decided; nothing as long as nobody changed any. */
export function Explanation({ of: e, items }: { of: Explained; items: readonly Wanted[] }) {
  const refused = refusedWhatever(e)
  const said = e.tracks.some((t) => t.refusedBecause !== null) // at its part
  const plain = asEver(e.tracks)
  if (plain && refused === null && !atOnce(e)) return null
  return (
    <Stack gap="sm" role="status" aria-label="How it would be decided">
      {!plain &&
        e.tracks.map((t, place) => <OneTrack key={place} track={t} when="ahead" items={e.tracks.length > 1 ? items.filter((i) => t.resourceIds.includes(i.resourceId)).map(itemLabel) : []} />)}
      {refused !== null && !said && (
        <Alert color="bad" variant="light" icon={<IconBan aria-hidden />} title="This would be refused">
          <bdi>{refused}</bdi>
        </Alert>
      )}
      {atOnce(e) && <Text size="sm">It is approved at once.</Text>}
    </Stack>
  )
}
