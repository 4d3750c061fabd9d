import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { readAskSearch } from './ask/search.ts'
import { readPlace, readTab } from './integrations/search.ts'
import { readSearch } from './requests/search.ts'
import { Shell } from './shell/Shell.tsx'
import { NotHere } from './ui/state.tsx'

// Each page is a chunk of its own; the address holds all that restores it.
const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => <NotHere title="There is no such page">The address may be mistyped, or of another release.</NotHere>,
})

const home = createRoute({ getParentRoute: () => root, path: '/', component: lazyRouteComponent(() => import('./home/HomePage.tsx'), 'HomePage') })

const requests = createRoute({
  getParentRoute: () => root,
  path: '/requests',
  validateSearch: readSearch,
  component: lazyRouteComponent(() => import('./requests/ListPage.tsx'), 'ListPage'),
})

const request = createRoute({
  getParentRoute: () => root,
  path: '/requests/$id',
  component: lazyRouteComponent(() => import('./requests/RequestPage.tsx'), 'RequestPage'),
})

const ask = createRoute({
  getParentRoute: () => root,
  path: '/ask',
  validateSearch: readAskSearch,
  component: lazyRouteComponent(() => import('./ask/AskPage.tsx'), 'AskPage'),
})

const integrations = createRoute({
  getParentRoute: () => root,
  path: '/integrations',
  validateSearch: readTab,
  component: lazyRouteComponent(() => import('./integrations/IntegrationsPage.tsx'), 'IntegrationsPage'),
})

const integration = createRoute({
  getParentRoute: () => root,
  path: '/integrations/$id',
  validateSearch: readPlace,
  component: lazyRouteComponent(() => import('./integrations/IntegrationPage.tsx'), 'IntegrationPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([home, requests, request, ask, integrations, integration]),
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultPendingMs: 300,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
