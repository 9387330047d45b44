import type { MessageId } from '../ui/language';
import type { Refused } from './ask';

const KNOWN = [
  'CHOOSE_TENANT',
  'EMAIL_IN_USE',
  'INVALID_CODE',
  'INVALID_CREDENTIALS',
  'LINK_DEAD',
  'NOT_FOUND',
  'PASSKEY_CANCELLED',
  'PASSKEY_EXISTS',
  'PASSKEY_REFUSED',
  'PASSWORD_BREACHED',
  'PASSWORD_PERSONAL',
  'PASSWORD_TOO_LONG',
  'PASSWORD_TOO_SHORT',
  'REAUTHENTICATION_REQUIRED',
  'SECOND_FACTOR_REQUIRED',
  'SSO_NO_ACCOUNT',
  'SSO_REFUSED',
  'SSO_STATE_INVALID',
  'SSO_UNAVAILABLE',
  'SSO_UNKNOWN',
  'SUSPENDED',
  'UNAUTHENTICATED',
  'UNREACHABLE',
  'VIEW_AS_READ_ONLY',
] as const;

/** What is said about a refusal. */
export function refusalMessage({ code, retryAfter }: Pick<Refused, 'code' | 'retryAfter'>): {
  id: MessageId;
  values: Record<string, number>;
} {
  if (code === 'TOO_MANY_ATTEMPTS') {
    if (retryAfter > 90) return { id: 'refused.TOO_MANY_ATTEMPTS.minutes', values: { minutes: Math.ceil(retryAfter / 60) } };
    return { id: 'refused.TOO_MANY_ATTEMPTS', values: { seconds: retryAfter } };
  }
  const known = KNOWN.find((one) => one === code);
  return { id: known ? `refused.${known}` : 'refused.other', values: {} };
}
