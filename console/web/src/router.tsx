import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { readPlace as readApiPlace } from './apidocs/search.ts'
import { readAudit } from './audit/search.ts'
import { readAskSearch } from './ask/search.ts'
import { readCatalogSearch, readImportSearch } from './catalog/search.ts'
import { readGroup, readGroups } from './groups/search.ts'
import { readPlace, readTab } from './integrations/search.ts'
import { readPlace as readOverviewPlace } from './overview/search.ts'
import { readPeople, readPerson } from './people/search.ts'
import { begin } from './requests/list.ts'
import { ListPage } from './requests/ListPage.tsx'
import { readSearch } from './requests/search.ts'
import { Shell } from './shell/Shell.tsx'
import { readPoliciesSearch } from './policies/search.ts'
import { readPlace as readSlackPlace } from './slack/search.ts'
import { NotHere, Undrawn } from './ui/state.tsx'

// Each page is a chunk of its own; the address holds all that restores it.
const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => <NotHere title="There is no such page">The address may be mistyped, or of another release.</NotHere>,
})

// A page that reads by the cache brings it with it; the list of requests needs none.
const readCache = () => import('./api/Cached.tsx')
const withCache = (read: () => Promise<ComponentType>) =>
  lazyRouteComponent(async () => {
    const [{ cached }, page] = await Promise.all([readCache(), read()])
    return { Page: cached(page) }
  }, 'Page')

const home = createRoute({ getParentRoute: () => root, path: '/', component: withCache(async () => (await import('./home/HomePage.tsx')).HomePage) })

// The list is no chunk of its own: most visits are to it, by a notification's or by habit. It
// is asked for at once, and the first page that is opened waits for its rows.
const requests = createRoute({
  getParentRoute: () => root,
  path: '/requests',
  validateSearch: readSearch,
  component: ListPage,
  loader: async ({ location, cause }) => {
    if (cause === 'preload') return
    const first = begin(readSearch(location.search))
    if (!router.state.resolvedLocation) await first
  },
})

const request = createRoute({
  getParentRoute: () => root,
  path: '/requests/$id',
  component: withCache(async () => (await import('./requests/RequestPage.tsx')).RequestPage),
})

const ask = createRoute({
  getParentRoute: () => root,
  path: '/ask',
  validateSearch: readAskSearch,
  component: withCache(async () => (await import('./ask/AskPage.tsx')).AskPage),
})

const catalog = createRoute({
  getParentRoute: () => root,
  path: '/catalog',
  validateSearch: readCatalogSearch,
  component: lazyRouteComponent(() => import('./catalog/CatalogPage.tsx'), 'CatalogPage'),
})

const catalogImport = createRoute({
  getParentRoute: () => root,
  path: '/catalog/import',
  validateSearch: readImportSearch,
  component: lazyRouteComponent(() => import('./catalog/ImportPage.tsx'), 'ImportPage'),
})

const integrations = createRoute({
  getParentRoute: () => root,
  path: '/integrations',
  validateSearch: readTab,
  component: withCache(async () => (await import('./integrations/IntegrationsPage.tsx')).IntegrationsPage),
})

const integration = createRoute({
  getParentRoute: () => root,
  path: '/integrations/$id',
  validateSearch: readPlace,
  component: withCache(async () => (await import('./integrations/IntegrationPage.tsx')).IntegrationPage),
})

const people = createRoute({
  getParentRoute: () => root,
  path: '/people',
  validateSearch: readPeople,
  component: withCache(async () => (await import('./people/PeoplePage.tsx')).PeoplePage),
})

const person = createRoute({
  getParentRoute: () => root,
  path: '/people/$id',
  validateSearch: readPerson,
  component: withCache(async () => (await import('./people/PersonPage.tsx')).PersonPage),
})

const groups = createRoute({
  getParentRoute: () => root,
  path: '/groups',
  validateSearch: readGroups,
  component: lazyRouteComponent(() => import('./groups/GroupsPage.tsx'), 'GroupsPage'),
})

const group = createRoute({
  getParentRoute: () => root,
  path: '/groups/$id',
  validateSearch: readGroup,
  component: lazyRouteComponent(() => import('./groups/GroupPage.tsx'), 'GroupPage'),
})

// It keeps what it reads in itself: nothing else shows policies.
const policies = createRoute({
  getParentRoute: () => root,
  path: '/policies',
  validateSearch: readPoliciesSearch,
  component: lazyRouteComponent(() => import('./policies/PoliciesPage.tsx'), 'PoliciesPage'),
})

const profile = createRoute({ getParentRoute: () => root, path: '/profile', component: withCache(async () => (await import('./profile/ProfilePage.tsx')).ProfilePage) })

const overview = createRoute({
  getParentRoute: () => root,
  path: '/overview',
  validateSearch: readOverviewPlace,
  component: withCache(async () => (await import('./overview/OverviewPage.tsx')).OverviewPage),
})

const api = createRoute({
  getParentRoute: () => root,
  path: '/api',
  validateSearch: readApiPlace,
  component: lazyRouteComponent(() => import('./apidocs/ApiPage.tsx'), 'ApiPage'),
})

const slack = createRoute({
  getParentRoute: () => root,
  path: '/slack',
  validateSearch: readSlackPlace,
  component: withCache(async () => (await import('./slack/SlackPage.tsx')).SlackPage),
})

// It keeps what it reads in itself, as the list of requests does: a million rows are not for the cache.
const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: readAudit,
  component: lazyRouteComponent(() => import('./audit/AuditPage.tsx'), 'AuditPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([home, requests, request, ask, catalog, catalogImport, integrations, integration, slack, people, person, groups, group, policies, overview, audit, api, profile]),
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultPendingMs: 300,
  defaultErrorComponent: Undrawn,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
