import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useDebouncedCallback, useDisclosure, useInterval } from '@mantine/hooks'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useRouter } from '@tanstack/react-router'
import type { MouseEvent } from 'react'
import { useQuery } from 'urql'
import { graphql, type ResultOf } from '../api/graphql.ts'
import { useLive } from '../api/live.ts'
import { Time } from '../ui/Time.tsx'
import { useViewer } from '../viewer.ts'

const ReadProblems = graphql(`
  query ReadProblems {
    problems(first: 20) { count problems { key kind since text mend url } }
  }
`)

type Problem = NonNullable<ResultOf<typeof ReadProblems>['problems']>['problems'][number]

const waits = (p: Problem) => p.kind === 'SLACK_LINK_WAITING' || p.kind === 'SLACK_WORKSPACE_WAITING'

/** What is broken or waits, the worst of it: what, since when, for whom, and what mends it; for administrators. */
export function Banner() {
  const { admin } = useViewer()
  const [{ data }, read] = useQuery({ query: ReadProblems, pause: !admin, requestPolicy: 'cache-and-network' }) // who comes back sees what broke meanwhile
  const [open, { toggle }] = useDisclosure(false)
  const again = () => {
    if (admin && document.visibilityState !== 'hidden') read({ requestPolicy: 'network-only' })
  }
  const soon = useDebouncedCallback(again, { delay: 1000 }) // of many events, and after what they break
  useLive(() => soon())
  useInterval(again, 60_000, { autoInvoke: true }) // no event tells of what breaks by itself, or is mended
  const [first, ...others] = data?.problems?.problems ?? []
  if (!first) return null
  const more = (data?.problems?.count ?? 1) - 1
  const rest = more - others.length // are not listed
  return (
    <Alert color={waits(first) ? 'wait' : 'bad'} variant="light" icon={<IconAlertTriangle aria-hidden />} title={waits(first) ? 'Somebody waits in Slack' : 'Something is broken'}>
      <Stack gap="xs">
        <One problem={first} />
        {more > 0 && (
          <Button variant="subtle" size="compact-sm" color="gray" aria-expanded={open} onClick={toggle} style={{ alignSelf: 'flex-start' }}>
            {open ? 'Show less' : `And ${more} more`}
          </Button>
        )}
        {open && others.map((p) => <One key={p.key} problem={p} />)}
        {open && rest > 0 && <Text size="sm">{`${rest} more are not listed: mend these first.`}</Text>}
      </Stack>
    </Alert>
  )
}

function One({ problem: p }: { problem: Problem }) {
  const { pathname, search } = new URL(p.url)
  return (
    <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
      <Text size="sm" style={{ flex: '1 1 240px', overflowWrap: 'anywhere' }}>
        <bdi>{p.text}</bdi> {p.since && <>Since <Time at={p.since} as="moment" />. </>}
        {p.mend}
      </Text>
      <To path={pathname + search} label={`${waits(p) ? 'Look' : 'Mend'}: ${p.text}`} plain={waits(p)}>
        {waits(p) ? 'Look' : 'Mend'}
      </To>
    </Group>
  )
}

// A page by its address, which the server knows: the router opens those that are its own.
function To({ path, label, plain, children }: { path: string; label: string; plain: boolean; children: string }) {
  const router = useRouter({ warn: false })
  const go = (e: MouseEvent) => {
    if (!router || e.metaKey || e.ctrlKey || e.shiftKey || !/^\/(integrations|requests|slack)\b/.test(path)) return
    e.preventDefault()
    router.history.push(path)
  }
  return (
    <Button component="a" href={path} aria-label={label} onClick={go} style={{ flex: 'none' }} {...(plain ? { variant: 'default' } : { color: 'bad' })}>
      {children}
    </Button>
  )
}
