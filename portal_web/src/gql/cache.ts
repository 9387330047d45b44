import { cacheExchange } from '@urql/exchange-graphcache';

const embedded = () => null;
const TYPES = [
  'Organization', 'Site', 'Contact', 'Contract', 'Job', 'JobParty', 'Report', 'User', 'Grant', 'Service',
  'ServiceSubscription', 'ChangeRequest', 'Notification', 'Invitation', 'PortalUser', 'AccountManager',
  'Membership', 'PartnerApplication', 'PartnerSecret',
] as const;

/** Normalized by id: an entity that a push carries changes in every view. Values without an id belong to their parent. */
export function normalizedCache() {
  return cacheExchange({
    keys: {
      AccessDifference: embedded,
      AccessPlace: embedded,
      AccessPreview: embedded,
      Address: embedded,
      AuditChange: embedded,
      AuditConnection: embedded,
      AuditEntry: embedded,
      AuditPageInfo: embedded,
      BillingProfile: embedded,
      Change: embedded,
      Explanation: embedded,
      FieldDifference: embedded,
      Figure: embedded,
      FigurePoint: embedded,
      Money: embedded,
      PageInfo: embedded,
      PermissionCheck: embedded,
      Reload: embedded,
      TaxIds: embedded,
      TimelineEntry: embedded,
      ViewedBy: embedded,
      ...Object.fromEntries(TYPES.flatMap((type) => [[`${type}Connection`, embedded], [`${type}Edge`, embedded]])),
    },
  });
}
