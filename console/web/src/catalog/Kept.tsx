import { Badge, Group, Text, Title } from '@mantine/core'
import type { Trouble } from '../api/trouble.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Link } from '../ui/Link.tsx'
import { Failure, Loading } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { byWhom } from '../ui/words.ts'
import classes from './catalog.module.css'
import type { Kept as Is, OwnerRow } from './kept.ts'

type Props = { of: Is | Trouble | null; live: boolean; again: () => void; onAct: (act: 'owners' | 'tags') => void }

/** Who answers for something of the catalog, and what it is marked with. */
export function Kept({ of, live, again, onAct }: Props) {
  if (of === null) return <Loading rows={2} />
  if ('kind' in of) return <Failure what="The owners could not be read" trouble={of} again={again} />
  return (
    <>
      <section aria-labelledby="owners">
        <Group justify="space-between" mb={4}>
          <Title order={3} id="owners" fz={16} lh="24px">
            Owners
          </Title>
          <ActButton variant="default" off={!live} onClick={() => onAct('owners')}>
            Set owners…
          </ActButton>
        </Group>
        {of.owners.length === 0 ? (
          <Text c="dimmed">Nobody answers for it.</Text>
        ) : (
          <ul className={classes['holders']}>
            {of.owners.map((o) => (
              <li key={o.ownerId} className={classes['holder']}>
                <Owner o={o} />
              </li>
            ))}
          </ul>
        )}
      </section>
      {of.tags && (
        <section aria-labelledby="tags">
          <Group justify="space-between" mb={4}>
            <Title order={3} id="tags" fz={16} lh="24px">
              Tags
            </Title>
            <ActButton variant="default" off={!live} onClick={() => onAct('tags')}>
              Set tags…
            </ActButton>
          </Group>
          {of.tags.length === 0 ? (
            <Text c="dimmed">It is marked with none.</Text>
          ) : (
            <ul className={classes['holders']}>
              {of.tags.map((t) => (
                <li key={t.key} className={classes['holder']}>
                  <Text span className="mono" style={{ overflowWrap: 'anywhere' }}>
                    <bdi>{t.key}</bdi>
                    {t.value !== '' && (
                      <>
                        =<bdi>{t.value}</bdi>
                      </>
                    )}
                  </Text>
                  <Since of={t} />
                </li>
              ))}
            </ul>
          )}
        </section>
      )}
    </>
  )
}

function Owner({ o }: { o: OwnerRow }) {
  const name = <bdi>{o.name}</bdi>
  return (
    <>
      <Group gap="xs" style={{ overflowWrap: 'anywhere' }}>
        {o.kind === 'GROUP' ? (
          <Link to="/groups/$id" params={{ id: o.ownerId }}>
            {name}
          </Link>
        ) : (
          <Link to="/people/$id" params={{ id: o.ownerId }}>
            {name}
          </Link>
        )}
        {o.kind === 'GROUP' && (
          <Text span size="sm" c="dimmed">
            group
          </Text>
        )}
        {o.gone && (
          <Badge variant="light" color="bad" tt="none" radius="xl">
            {o.kind === 'GROUP' ? 'Deleted' : 'Can’t sign in'}
          </Badge>
        )}
      </Group>
      <Since of={o} />
    </>
  )
}

const Since = ({ of }: { of: { since: string; by: { actorId: string; name: string | null } } }) => (
  <Text span size="sm" c="dimmed">
    since <Time at={of.since} /> by <bdi>{byWhom(of.by)}</bdi>
  </Text>
)
