import { cacheExchange } from '@urql/exchange-graphcache';

const embedded = () => null;
const TYPES = [
  'Organization', 'Site', 'Contact', 'Contract', 'Job', 'JobParty', 'Report', 'User', 'Grant',
] as const;

/** Normalized by id: an entity that a push carries changes in every view. Values without an id belong to their parent. */
export function normalizedCache() {
  return cacheExchange({
    keys: {
      AccessPlace: embedded,
      Address: embedded,
      BillingProfile: embedded,
      Change: embedded,
      Explanation: embedded,
      Money: embedded,
      PageInfo: embedded,
      Reload: embedded,
      TaxIds: embedded,
      ...Object.fromEntries(TYPES.flatMap((type) => [[`${type}Connection`, embedded], [`${type}Edge`, embedded]])),
    },
  });
}
