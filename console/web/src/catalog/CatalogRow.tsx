import { Text } from '@mantine/core'
import { Link } from '../ui/Link.tsx'
import { kinds, listed } from '../ui/words.ts'
import classes from './catalog.module.css'
import type { Item } from './operations.ts'
import type { CatalogSearch } from './search.ts'

/** One resource, account or gateway of the list. */
export function CatalogRow({ item: i, narrow, search, onFocus }: { item: Item; narrow: boolean; search: CatalogSearch; onFocus: () => void }) {
  const [second, third] = facts(i)
  return (
    <>
      <Text component="div" className={classes['cut']}>
        <Link to="/catalog" search={search} resetScroll={false} className={classes['what']} data-row={i.id} onFocus={onFocus}>
          <bdi>{i.name}</bdi>
        </Link>
      </Text>
      <Text component="div" size="sm" c="dimmed" className={classes['cut']}>
        <bdi>{narrow ? [second, third].filter(Boolean).join(' · ') : second}</bdi>
      </Text>
      {!narrow && (
        <Text component="div" size="sm" c="dimmed" className={classes['cut']}>
          <bdi>{third}</bdi>
        </Text>
      )}
    </>
  )
}

/** What a row says beside the name. */
function facts(i: Item): [string, string] {
  switch (i.__typename) {
    case 'Resource': {
      const place = i.account?.name ?? i.gateway?.name
      return [`${kinds[i.kind] ?? i.kind}${place ? `, ${place}` : ''}`, i.roles.length > 0 ? listed(i.roles, 'and', 4) : 'No roles']
    }
    case 'Account':
      return [i.provider, i.externalId]
    case 'Gateway':
      return ['Gateway', '']
  }
}
