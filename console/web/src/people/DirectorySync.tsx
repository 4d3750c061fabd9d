import { Group, Stack, Text, Title } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import { ask } from '../api/ask.ts'
import { graphql, type ResultOf } from '../api/graphql.ts'
import { noAnswer, type Trouble } from '../api/trouble.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { Link } from '../ui/Link.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { grouped } from '../ui/words.ts'
import classes from './people.module.css'

const ReadDirectory = graphql(`
  query ReadDirectory {
    directory {
      lastCallAt
      lastChangeAt
      refused { firstAt lastAt count method resource objectId status detail }
    }
  }
`)

type Sync = NonNullable<ResultOf<typeof ReadDirectory>['directory']>
type Refusal = Sync['refused'][number]

/** How the directory's calls go: when it last called, and what it was refused. */
export function DirectorySync() {
  const [sync, setSync] = useState<Sync | null | undefined>(undefined)
  const [wrong, setWrong] = useState<Trouble | null>(null)
  const [reading, setReading] = useState(false)
  const look = useCallback(async () => {
    setReading(true)
    const { data, error } = await ask(ReadDirectory, {})
    const failed = error || !data
    setWrong(failed ? noAnswer(error) : null)
    if (!failed) setSync(data.directory)
    setReading(false)
  }, [])
  useEffect(() => void look(), [look])
  return (
    <Stack gap="lg">
      {wrong && <Failure what="The state of the directory could not be read" trouble={wrong} again={() => void look()} />}
      {sync === undefined && !wrong && <Loading rows={3} height={60} />}
      {sync === null && (
        <section className="card" aria-label="Directory">
          <Empty>No directory has called yet. It calls over SCIM, at the address of this console with /scim/v2 behind it; docs/people.md tells how to set up Entra ID and Okta, and what to do where there is no SCIM.</Empty>
        </section>
      )}
      {sync && (
        <>
          <section className="card" aria-labelledby="sync">
            <Group p="md" justify="space-between">
              <Title order={2} id="sync">
                Calls
              </Title>
              <ActButton variant="default" busy={reading} onClick={() => void look()}>
                Look again
              </ActButton>
            </Group>
            <dl className={classes['facts']} style={{ padding: '0 16px 16px' }}>
              <dt>Last call</dt>
              <dd>
                <Time at={sync.lastCallAt} />
              </dd>
              <dt>Last change</dt>
              <dd>{sync.lastChangeAt ? <Time at={sync.lastChangeAt} /> : 'it changed nothing yet'}</dd>
            </dl>
          </section>
          <section className="card" aria-labelledby="refused">
            <Title p="md" order={2} id="refused">
              What it was refused
            </Title>
            {sync.refused.length === 0 ? (
              <Text px="md" pb="md" c="dimmed">
                Nothing within the last 30 days.
              </Text>
            ) : (
              <ul className={classes['list']}>
                {sync.refused.map((r) => (
                  <li key={`${r.method} ${r.resource} ${r.objectId} ${r.status} ${r.detail}`} className={classes['row']}>
                    <Refused r={r} />
                  </li>
                ))}
              </ul>
            )}
          </section>
        </>
      )}
    </Stack>
  )
}

const tried: Record<string, string> = { POST: 'make', PUT: 'replace', PATCH: 'change', DELETE: 'delete', GET: 'read' }

/** "Tried to change a person". */
export const triedWords = (method: string, resource: string | null): string => `Tried to ${tried[method] ?? method} ${resource === 'User' ? 'a person' : resource === 'Group' ? 'a group' : 'something'}`

/** Where a person or a group is mended. */
function Object({ id }: { id: string }) {
  if (id.startsWith('usr_')) {
    return (
      <Link to="/people/$id" params={{ id }}>
        Open the person
      </Link>
    )
  }
  if (id.startsWith('grp_')) {
    return (
      <Link to="/groups/$id" params={{ id }}>
        Open the group
      </Link>
    )
  }
  return null
}

function Refused({ r }: { r: Refusal }) {
  return (
    <>
      <div className={classes['main']}>
        <Text fw={600}>{triedWords(r.method, r.resource)}</Text>
        <Text style={{ overflowWrap: 'anywhere' }}>
          <bdi>{r.detail}</bdi>
        </Text>
        <Text size="sm" c="dimmed">
          {r.count === 1 ? (
            <>
              <Time at={r.lastAt} />
            </>
          ) : (
            <>
              {grouped(r.count)} times, last <Time at={r.lastAt} />, first <Time at={r.firstAt} />
            </>
          )}{' '}
          · HTTP {r.status}
        </Text>
      </div>
      {r.objectId && <Object id={r.objectId} />}
    </>
  )
}
