import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';

import { isSpan } from '../features/job/spans';
import { isKind } from '../features/report/kinds';
import { isPeriod } from '../features/report/periods';
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
const sites = createRoute({
  getParentRoute: () => root,
  path: '/sites',
  component: lazyRouteComponent(() => import('../features/site/SitesPage'), 'SitesPage'),
});
const people = createRoute({
  getParentRoute: () => root,
  path: '/people',
  component: lazyRouteComponent(() => import('../features/contact/PeoplePage'), 'PeoplePage'),
});
const person = createRoute({
  getParentRoute: () => root,
  path: '/people/$id',
  component: lazyRouteComponent(() => import('../features/contact/ContactPage'), 'ContactPage'),
});
const request = createRoute({
  getParentRoute: () => root,
  path: '/request',
  validateSearch: ({ site: at }: Record<string, unknown>) => given({ site: text(at) }),
  component: lazyRouteComponent(() => import('../features/request/RequestPage'), 'RequestPage'),
});
const notices = createRoute({
  getParentRoute: () => root,
  path: '/notices',
  component: lazyRouteComponent(() => import('../features/notice/NoticesPage'), 'NoticesPage'),
});
const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  component: lazyRouteComponent(() => import('./pages/AccountPage'), 'AccountPage'),
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
  validateSearch: ({ site: at, kind, period }: Record<string, unknown>) =>
    given({
      site: text(at),
      kind: isKind(kind) ? kind : undefined,
      period: isPeriod(period) ? period : undefined,
    }),
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

const access = createRoute({
  getParentRoute: () => root,
  path: '/access',
  component: lazyRouteComponent(() => import('./pages/AccessRooms'), 'AccessRooms'),
});
const portalPeople = createRoute({
  getParentRoute: () => access,
  path: '/',
  component: lazyRouteComponent(() => import('../features/portal_user/PeopleRoom'), 'PeopleRoom'),
});
const portalOrganization = createRoute({
  getParentRoute: () => access,
  path: 'organizations/$id',
  component: lazyRouteComponent(() => import('../features/portal_user/OrganizationRoom'), 'OrganizationRoom'),
});
const portalPerson = createRoute({
  getParentRoute: () => access,
  path: 'people/$id',
  component: lazyRouteComponent(() => import('../features/portal_user/PersonRoom'), 'PersonRoom'),
});
const staff = createRoute({
  getParentRoute: () => access,
  path: 'staff',
  component: lazyRouteComponent(() => import('../features/staff/StaffRoom'), 'StaffRoom'),
});
const partners = createRoute({
  getParentRoute: () => access,
  path: 'partners',
  component: lazyRouteComponent(() => import('../features/partner/PartnersRoom'), 'PartnersRoom'),
});
const partner = createRoute({
  getParentRoute: () => access,
  path: 'partners/$id',
  component: lazyRouteComponent(() => import('../features/partner/PartnerRoom'), 'PartnerRoom'),
});
const review = createRoute({
  getParentRoute: () => access,
  path: 'review',
  component: lazyRouteComponent(() => import('../features/review/ReviewRoom'), 'ReviewRoom'),
});
const trail = createRoute({
  getParentRoute: () => access,
  path: 'trail',
  validateSearch: ({ action, person: whose }: Record<string, unknown>) => given({ action: text(action), person: text(whose) }),
  component: lazyRouteComponent(() => import('../features/audit/AuditRoom'), 'AuditRoom'),
});
const accessRooms = access.addChildren([
  portalPeople, portalOrganization, portalPerson, staff, partners, partner, review, trail,
]);

/** Every page of the portal; each is loaded when it is first opened. */
export const router = createRouter({
  routeTree: root.addChildren([home, sites, site, organization, people, person, reports, report, jobs, job, request, notices, account, accessRooms]),
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
