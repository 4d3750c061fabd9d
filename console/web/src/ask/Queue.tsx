import { Stack, Text } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import type { FieldErrors } from '../api/change.ts'
import { itemLabel } from '../requests/terms.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { ItemName } from '../ui/Items.tsx'
import { kinds } from '../ui/words.ts'
import classes from './Ask.module.css'
import { atItem, type Wanted } from './form.ts'

/** What is asked for, each with what is wrong with it. */
export function Queue({ items, wrong, onRemove, readOnly }: { items: readonly Wanted[]; wrong: FieldErrors; onRemove: (place: number) => void; readOnly: boolean }) {
  if (items.length === 0) return <Text c="dimmed">Nothing yet. Add what you need from the catalog.</Text>
  return (
    <Stack component="ul" gap="xs" m={0} p={0} style={{ listStyle: 'none' }} aria-label="In your request">
      {items.map((i, place) => (
        <li key={`${i.resourceId} ${i.role}`} className={classes['queued']}>
          <div style={{ minWidth: 0 }}>
            <ItemName of={i} />
            <Text size="sm" c="dimmed">
              {kinds[i.resourceKind] ?? i.resourceKind}
              {i.place && (
                <>
                  {', '}
                  <bdi>{i.place}</bdi>
                </>
              )}
            </Text>
            {wrong[atItem(place)] && (
              <Text size="sm" c="bad" role="alert">
                {wrong[atItem(place)]}
              </Text>
            )}
          </div>
          <ActButton id={`ask-item-${place}`} variant="subtle" color="over" px={0} w={44} off={readOnly} onClick={() => onRemove(place)} aria-label={`Remove ${itemLabel(i)}`}>
            <IconX size={18} aria-hidden />
          </ActButton>
        </li>
      ))}
    </Stack>
  )
}
