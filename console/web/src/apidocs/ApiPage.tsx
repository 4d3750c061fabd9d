import { Anchor, Stack, Tabs, Text, Title } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useMemo } from 'react'
import { Loading } from '../ui/state.tsx'
import { useTitle } from '../ui/title.ts'
import { readPlace, type Place } from './search.ts'

const Examples = lazy(() => import('./Examples.tsx'))
const SchemaBrowser = lazy(() => import('./SchemaBrowser.tsx'))
const ErrorCodes = lazy(() => import('./ErrorCodes.tsx'))

const route = getRouteApi('/api')

/** How the API is called: operations to copy, its schema, and its errors. */
export function ApiPage() {
  const raw = route.useSearch()
  const place = useMemo(() => readPlace(raw), [raw]) // the router keeps what it does not know
  const go = route.useNavigate()
  const to = (next: Place, replace = false) => void go({ search: next, replace, resetScroll: false })
  useTitle('API')
  return (
    <Stack gap="lg" maw={1280}>
      <div>
        <Title order={1}>API</Title>
        <Text c="dimmed">
          All that this console does goes over the GraphQL API at <span className="mono">{location.origin}/graphql</span>, and so can what you write. Any GraphQL client can try it, such as{' '}
          <Anchor inherit underline="always" href="https://github.com/graphql/graphiql" rel="noreferrer" target="_blank">
            GraphiQL
          </Anchor>
          .
        </Text>
      </div>
      <Tabs value={place.tab ?? 'examples'} onChange={(v) => to(v === 'examples' ? {} : ({ tab: v } as Place))} keepMounted={false}>
        <Tabs.List mb="lg">
          <Tabs.Tab value="examples">Examples</Tabs.Tab>
          <Tabs.Tab value="schema">Schema</Tabs.Tab>
          <Tabs.Tab value="errors">Errors</Tabs.Tab>
        </Tabs.List>
        <Suspense fallback={<Loading rows={5} />}>
          <Tabs.Panel value="examples">
            <Examples />
          </Tabs.Panel>
          <Tabs.Panel value="schema">
            <SchemaBrowser place={place} to={to} />
          </Tabs.Panel>
          <Tabs.Panel value="errors">
            <ErrorCodes />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
    </Stack>
  )
}
