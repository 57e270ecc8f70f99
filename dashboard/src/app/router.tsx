import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { Loading } from '../components/states.tsx'
import { NotFound, PageFailure } from './page-states.tsx'
import { Shell } from './shell.tsx'

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound })

/** One route a line; each page is a module of its own, loaded when it is first opened (or pointed at). */
const routes = [
  createRoute({
    getParentRoute: () => root,
    path: '/',
    component: lazyRouteComponent(() => import('../pages/overview.tsx'), 'OverviewPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/datanets',
    component: lazyRouteComponent(() => import('../pages/datanets.tsx'), 'DatanetsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/datanets/create',
    component: lazyRouteComponent(() => import('../pages/create-datanet.tsx'), 'CreateDatanetPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/datanets/$id/contribute',
    component: lazyRouteComponent(() => import('../pages/contribute.tsx'), 'ContributePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/datanets/$id',
    component: lazyRouteComponent(() => import('../pages/datanet.tsx'), 'DatanetPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/records/$digest',
    component: lazyRouteComponent(() => import('../pages/record.tsx'), 'RecordPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/contributors/$account',
    component: lazyRouteComponent(() => import('../pages/contributor.tsx'), 'ContributorPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/models',
    component: lazyRouteComponent(() => import('../pages/models.tsx'), 'ModelsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/models/$id',
    component: lazyRouteComponent(() => import('../pages/model.tsx'), 'ModelPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/playground',
    validateSearch: (search: { receipt?: unknown }): { receipt?: string } =>
      typeof search.receipt === 'string' && /^0x[0-9a-f]{64}$/.test(search.receipt) ? { receipt: search.receipt } : {},
    component: lazyRouteComponent(() => import('../pages/playground.tsx'), 'PlaygroundPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/attribution',
    component: lazyRouteComponent(() => import('../pages/attribution.tsx'), 'AttributionPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/rewards',
    component: lazyRouteComponent(() => import('../pages/rewards.tsx'), 'RewardsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/staking',
    component: lazyRouteComponent(() => import('../pages/staking.tsx'), 'StakingPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/governance',
    component: lazyRouteComponent(() => import('../pages/governance.tsx'), 'GovernancePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/token',
    component: lazyRouteComponent(() => import('../pages/token.tsx'), 'TokenPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/node',
    component: lazyRouteComponent(() => import('../pages/node.tsx'), 'NodePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/explorer',
    component: lazyRouteComponent(() => import('../pages/explorer.tsx'), 'ExplorerPage'),
  }),
] as const

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultPreload: 'intent',
  defaultPendingComponent: () => <Loading lines={6} />,
  defaultErrorComponent: PageFailure,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
