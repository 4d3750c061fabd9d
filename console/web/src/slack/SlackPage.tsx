import { Alert, Anchor, Button, Code, CopyButton, Group, Stack, Text, Title } from '@mantine/core'
import { IconBrandSlack, IconCheck, IconCopy } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo, useRef, useState } from 'react'
import { ask } from '../api/ask.ts'
import { client } from '../api/client.ts'
import { useConnection } from '../api/connection.ts'
import { useLive } from '../api/live.ts'
import { useRead } from '../api/read.ts'
import { inWords, noAnswer, trouble } from '../api/trouble.ts'
import classes from '../integrations/integrations.module.css'
import { ActButton } from '../ui/ActButton.tsx'
import { AdministratorsOnly } from '../ui/AdministratorsOnly.tsx'
import { Link } from '../ui/Link.tsx'
import { usePaged } from '../ui/paged.ts'
import { ShowMore } from '../ui/ShowMore.tsx'
import { Empty, Failure, Loading } from '../ui/state.tsx'
import { Time } from '../ui/Time.tsx'
import { useTitle } from '../ui/title.ts'
import { useViewer } from '../viewer.ts'
import { Accept, Agree, Remove, Unlink } from './Forms.tsx'
import { ReadSlack, ReadSlackLinks, StartInstall, type SlackLinkRow, type WorkspaceRow } from './operations.ts'
import { readPlace, type Place as Open } from './search.ts'
import { LinkedPerson, Place, SlackAccount } from './Words.tsx'

const route = getRouteApi('/slack')

/** The workspaces that have the app, who is linked there, and what waits for an administrator. */
export function SlackPage() {
  return (
    <AdministratorsOnly what="Slack">
      <Page />
    </AdministratorsOnly>
  )
}

function Page() {
  useTitle('Slack')
  const raw = route.useSearch()
  const open = useMemo(() => readPlace(raw), [raw])
  const go = route.useNavigate()
  const pressed = useRef<HTMLElement | null>(null)
  const [{ data, error }, read] = useRead({ query: ReadSlack, variables: {} })
  const links = usePaged('links', async (after) => {
    const { data, error } = await ask(ReadSlackLinks, { after })
    const page = data?.slackLinks
    return page ? { rows: page.nodes, end: page.pageInfo.endCursor, more: page.pageInfo.hasNextPage } : noAnswer(error)
  })
  const again = () => {
    read({ requestPolicy: 'network-only' })
    links.again()
  }
  useLive((heard) => heard === 'again' && again())
  const show = (next: Open) => {
    pressed.current = document.activeElement as HTMLElement | null
    void go({ search: next, resetScroll: false })
  }
  const close = () => {
    void go({ search: {}, replace: true, resetScroll: false })
    setTimeout(() => pressed.current?.focus())
  }
  const workspaces = [...(data?.waitingWorkspaces?.nodes ?? []), ...(data?.workspaces?.nodes ?? [])]
  const all = [...(data?.waitingLinks?.nodes ?? []), ...(links.rows ?? [])]
  const workspace = (id?: string) => workspaces.find((w) => w.id === id)
  const link = (id?: string) => all.find((l) => l.id === id)
  const [accepts, removes, agrees, unlinks] = [workspace(open.accept), workspace(open.remove), link(open.agree), link(open.unlink)]
  const wrong = trouble(error)
  return (
    <Stack gap="lg" maw={960}>
      <Title order={1}>Slack</Title>
      {wrong && <Failure what="The workspaces could not be read" trouble={wrong} again={again} />}
      {!data && !wrong && <Loading rows={3} height={68} />}
      {data && (
        <>
          <Waiting workspaces={data.waitingWorkspaces?.nodes ?? []} more={data.waitingWorkspaces?.pageInfo.hasNextPage ?? false} show={show} />
          <WaitingLinks links={data.waitingLinks?.nodes ?? []} more={data.waitingLinks?.pageInfo.hasNextPage ?? false} show={show} />
          <Workspaces workspaces={data.workspaces?.nodes ?? []} more={data.workspaces?.pageInfo.hasNextPage ?? false} missing={data.slackApp?.missingSettings ?? []} show={show} />
        </>
      )}
      <section className="card" aria-labelledby="linked" aria-busy={links.reading}>
        <Title order={2} id="linked" p="md">
          Linked people
        </Title>
        {links.wrong && <Failure what="The links could not be read" trouble={links.wrong} again={links.retry} />}
        {!links.rows && !links.wrong && <Loading rows={3} height={68} />}
        {links.rows?.length === 0 && <Empty>Nobody has linked a Slack account yet. Whoever types /procyon login in Slack does.</Empty>}
        <ul className={classes['list']}>
          {links.rows?.map((l) => (
            <li key={l.id} className={classes['row']}>
              <div className={classes['main']}>
                <Text fw={600}>
                  <LinkedPerson of={l} />
                </Text>
                <Text size="sm" c="dimmed">
                  <SlackAccount of={l} />, <Time at={l.createdAt} />
                </Text>
              </div>
              <Button variant="default" onClick={() => show({ unlink: l.id })} aria-label={`Remove the link of ${l.user.name}…`}>
                Remove…
              </Button>
            </li>
          ))}
        </ul>
        <ShowMore of={links} />
      </section>
      {data?.slackApp && <App manifest={data.slackApp.manifest} />}
      {accepts && <Accept workspace={accepts} again={again} onClose={close} />}
      {removes && <Remove workspace={removes} again={again} onClose={close} />}
      {agrees && <Agree link={agrees} again={again} onClose={close} />}
      {unlinks && <Unlink link={unlinks} again={again} onClose={close} />}
    </Stack>
  )
}

type Show = (next: Open) => void

function Waiting({ workspaces, more, show }: { workspaces: readonly WorkspaceRow[]; more: boolean; show: Show }) {
  if (workspaces.length === 0) return null
  return (
    <section className="card" aria-labelledby="waiting">
      <Stack p="md" gap="xs">
        <Title order={2} id="waiting">
          Workspaces that wait
        </Title>
        <Text size="sm">Nobody can link or act there, and the app posts nothing, until you accept them.</Text>
      </Stack>
      <ul className={classes['list']}>
        {workspaces.map((w) => (
          <li key={w.id} className={classes['row']}>
            <div className={classes['main']}>
              <Text fw={600}>
                <Place of={w} />
              </Text>
              <Text size="sm" c="dimmed">
                Installed <Time at={w.installedAt} />
              </Text>
            </div>
            <Group gap="sm">
              <Button onClick={() => show({ accept: w.id })} aria-label={`Accept ${w.name}…`}>
                Accept…
              </Button>
              <Button variant="outline" color="bad" onClick={() => show({ remove: w.id })} aria-label={`Deny ${w.name}…`}>
                Deny…
              </Button>
            </Group>
          </li>
        ))}
      </ul>
      {more && <More />}
    </section>
  )
}

const More = () => (
  <Text size="sm" c="dimmed" p="md">
    There are more; they are shown once these are decided.
  </Text>
)

function WaitingLinks({ links, more, show }: { links: readonly SlackLinkRow[]; more: boolean; show: Show }) {
  const viewer = useViewer()
  if (links.length === 0) return null
  return (
    <section className="card" aria-labelledby="waiting-links">
      <Stack p="md" gap="xs">
        <Title order={2} id="waiting-links">
          Links that wait
        </Title>
        <Text size="sm">It is not known that the Slack account is that person’s.</Text>
      </Stack>
      <ul className={classes['list']}>
        {links.map((l) => (
          <li key={l.id} className={classes['row']}>
            <div className={classes['main']}>
              <Text fw={600}>
                <SlackAccount of={l} />
              </Text>
              <Text size="sm">
                wants to be <LinkedPerson of={l} />
              </Text>
              <Text size="sm" c="dimmed">
                {l.waitsBecause === 'EMAIL_HIDDEN' ? 'Slack told no e-mail address of theirs: the app lacks the scope users:read.email, or the workspace hides addresses.' : 'Slack has another e-mail address of theirs than Procyon.'}
                {l.user.id === viewer.id && ' Another administrator has to agree to your own.'}
              </Text>
            </div>
            <Group gap="sm">
              {l.user.id !== viewer.id && (
                <Button onClick={() => show({ agree: l.id })} aria-label={`Agree to the link of ${l.user.name}…`}>
                  Agree…
                </Button>
              )}
              <Button variant="outline" color="bad" onClick={() => show({ unlink: l.id })} aria-label={`Deny the link of ${l.user.name}…`}>
                Deny…
              </Button>
            </Group>
          </li>
        ))}
      </ul>
      {more && <More />}
    </section>
  )
}

function Workspaces({ workspaces, more, missing, show }: { workspaces: readonly WorkspaceRow[]; more: boolean; missing: readonly string[]; show: Show }) {
  return (
    <section className="card" aria-labelledby="workspaces">
      <Group p="md" justify="space-between">
        <Group gap="sm">
          <IconBrandSlack size={24} aria-hidden />
          <Title order={2} id="workspaces">
            Workspaces
          </Title>
        </Group>
        <AddToSlack anyway={missing.length > 0} />
      </Group>
      {missing.length > 0 && (
        <Alert color="wait" variant="light" title="This server can’t add the app to Slack yet" mx="md" mb="md">
          Set {missing.join(' and ')}, which docs/setup.md tells where to find (7. The Slack bot), and start Procyon again. Where the bot runs as a process of its own, which has them, go on.
        </Alert>
      )}
      {workspaces.length === 0 ? (
        <Empty>No workspace has the app yet.</Empty>
      ) : (
        <ul className={classes['list']}>
          {workspaces.map((w) => (
            <li key={w.id} className={classes['row']}>
              <Workspace w={w} />
              <Button variant="default" onClick={() => show({ remove: w.id })} aria-label={`Remove ${w.name}…`}>
                Remove…
              </Button>
            </li>
          ))}
        </ul>
      )}
      {more && (
        <Text size="sm" c="dimmed" p="md">
          The first 50 are shown; the API lists all.
        </Text>
      )}
    </section>
  )
}

function Workspace({ w }: { w: WorkspaceRow }) {
  const offer = w.offeredWebhook
  return (
    <div className={classes['main']}>
      <Text fw={600}>
        <Place of={w} />
      </Text>
      <Text size="sm" c="dimmed">
        Installed <Time at={w.installedAt} />
        {w.acceptedBy && w.acceptedAt ? (
          <>
            , accepted by <bdi>{w.acceptedBy}</bdi> <Time at={w.acceptedAt} />
          </>
        ) : (
          ', before administrators had to accept workspaces: remove it if you do not know it'
        )}
      </Text>
      {(w.missingScopes?.length ?? 0) > 0 && (
        <Text size="sm">
          The app was not given <span className="mono">{w.missingScopes?.join(', ')}</span> there. It works on without; paste the manifest below into the app’s settings at Slack, and add it to this workspace again.
        </Text>
      )}
      {offer && (
        <Text size="sm">
          {offer.integration ? (
            <>
              Its webhook for <bdi>{offer.channel}</bdi> is the integration{' '}
              <Link to="/integrations/$id" params={{ id: offer.integration.id }} underline="always">
                <bdi>{offer.integration.name}</bdi>
              </Link>
              .
            </>
          ) : (
            <>
              The channel <bdi>{offer.channel}</bdi> was chosen for notifications, and gets none yet. <Anchor href="/links" underline="always">Make it an integration</Anchor>.
            </>
          )}
        </Text>
      )}
    </div>
  )
}

/** Leads to Slack's own page. The offer is the administrator's, good once, for ten minutes. */
function AddToSlack({ anyway }: { anyway: boolean }) {
  const { live } = useConnection()
  const [busy, setBusy] = useState(false)
  const [said, setSaid] = useState<string | null>(null)
  const start = async () => {
    setBusy(true)
    setSaid(null)
    const { data, error } = await client.mutation(StartInstall, {}).toPromise()
    const wrong = trouble(error)
    if (data?.result?.url) location.assign(data.result.url)
    else setSaid(data?.result?.userErrors[0]?.message ?? (wrong ? inWords(wrong) : 'This did not arrive. Try again.'))
    setBusy(false)
  }
  return (
    <Stack gap="xs">
      <ActButton busy={busy} off={!live} variant={anyway ? 'default' : 'filled'} onClick={() => void start()}>
        Add to Slack
      </ActButton>
      {said && (
        <Text size="sm" c="bad" role="alert">
          {said}
        </Text>
      )}
    </Stack>
  )
}

function App({ manifest }: { manifest: string }) {
  return (
    <section className="card" aria-labelledby="app">
      <Stack p="md" gap="sm">
        <Group justify="space-between">
          <Title order={2} id="app">
            The app’s manifest
          </Title>
          <CopyButton value={manifest}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy} leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}>
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
        </Group>
        <Text size="sm">
          It describes the app to Slack. Paste it at <span className="mono">api.slack.com/apps</span> under From a manifest or, for an app that is there, under App Manifest.
        </Text>
        <Code block tabIndex={0} mah={240} style={{ overflow: 'auto' }} aria-label="Manifest">
          {manifest}
        </Code>
      </Stack>
    </section>
  )
}
