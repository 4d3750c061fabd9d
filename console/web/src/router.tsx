import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { readAudit } from './audit/search.ts'
import { readAskSearch } from './ask/search.ts'
import { readPlace, readTab } from './integrations/search.ts'
import { begin } from './requests/list.ts'
import { ListPage } from './requests/ListPage.tsx'
import { readSearch } from './requests/search.ts'
import { Shell } from './shell/Shell.tsx'
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

// It keeps what it reads in itself, as the list of requests does: a million rows are not for the cache.
const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: readAudit,
  component: lazyRouteComponent(() => import('./audit/AuditPage.tsx'), 'AuditPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([home, requests, request, ask, integrations, integration, audit]),
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
