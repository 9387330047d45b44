/** The names a grant can carry, in the order in which they are offered. What each of them allows, the service knows. */

export const PORTAL_ROLES = ['portal_viewer', 'portal_manager'] as const;

export const STAFF_ROLES = [
  'administrator',
  'account_manager',
  'operations_lead',
  'finance',
  'client_access_manager',
  'dispatcher',
] as const;

export const FEATURES = ['contacts', 'contact_changes', 'contracts', 'rates', 'billing', 'jobs', 'requests'] as const;

export const REPORT_KINDS = ['ACTIVITY', 'INCIDENT', 'INSPECTION', 'PERFORMANCE'] as const;

export const REPORT_FEATURES = ['activity_reports', 'incident_reports', 'inspection_reports', 'performance_reports'] as const;

/** All kinds of reports at once. */
export const REPORTS = 'reports';

export const SCOPES = [
  'organizations:read',
  'sites:read',
  'contacts:read',
  'contracts:read',
  'rates:read',
  'jobs:read',
  'reports:read',
] as const;

/** What stands at the head of a column of the access editor: each is a grant of its own. */
export const COLUMNS = [...FEATURES, ...REPORT_FEATURES] as const;

export type Column = (typeof COLUMNS)[number];
