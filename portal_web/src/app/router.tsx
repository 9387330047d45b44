import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';

import { isSpan } from '../features/job/spans';
import { isKind } from '../features/report/kinds';
import { NotFound } from './NotFound';
import { Broken } from './Broken';
import { Shell } from './Shell';

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const given = <T extends object>(search: T) =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as Partial<T>;

const root = createRootRoute({ component: Shell });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/HomePage'), 'HomePage'),
});
const site = createRoute({
  getParentRoute: () => root,
  path: '/sites/$id',
  component: lazyRouteComponent(() => import('./pages/SitePage'), 'SitePage'),
});
const organization = createRoute({
  getParentRoute: () => root,
  path: '/organizations/$id',
  component: lazyRouteComponent(() => import('./pages/OrganizationPage'), 'OrganizationPage'),
});
const reports = createRoute({
  getParentRoute: () => root,
  path: '/reports',
  validateSearch: ({ site: at, kind }: Record<string, unknown>) =>
    given({ site: text(at), kind: isKind(kind) ? kind : undefined }),
  component: lazyRouteComponent(() => import('../features/report/ReportsPage'), 'ReportsPage'),
});
const report = createRoute({
  getParentRoute: () => root,
  path: '/reports/$id',
  component: lazyRouteComponent(() => import('../features/report/ReportPage'), 'ReportPage'),
});
const jobs = createRoute({
  getParentRoute: () => root,
  path: '/jobs',
  validateSearch: ({ site: at, show }: Record<string, unknown>) =>
    given({ site: text(at), show: isSpan(show) ? show : undefined }),
  component: lazyRouteComponent(() => import('../features/job/JobsPage'), 'JobsPage'),
});
const job = createRoute({
  getParentRoute: () => root,
  path: '/jobs/$id',
  component: lazyRouteComponent(() => import('../features/job/JobPage'), 'JobPage'),
});

/** Every page of the portal; each is loaded when it is first opened. */
export const router = createRouter({
  routeTree: root.addChildren([home, site, organization, reports, report, jobs, job]),
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: Broken,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
