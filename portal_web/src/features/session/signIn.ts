import type { MessageId } from '../../ui/language';

const HEADERS = { 'Content-Type': 'application/json', Accept: 'application/json', 'X-Portico-Client': 'portal' };

export interface Tenant {
  slug: string;
  name?: string;
}

export type SignInResult =
  | { is: 'in' }
  | { is: 'refused'; code: string; tenants: readonly Tenant[]; retryAfter: number };

interface Credentials {
  email: string;
  password: string;
  tenant?: string;
}

/** Asks for a session; the cookie that holds it is never seen here. */
export async function signIn(credentials: Credentials): Promise<SignInResult> {
  try {
    const response = await post('/auth/sign-in', credentials);
    return response.ok ? { is: 'in' } : refusalOf(await response.json());
  } catch {
    return { is: 'refused', code: 'UNREACHABLE', tenants: [], retryAfter: 0 };
  }
}

/** Ends the session; true unless the server could not be reached. */
export async function signOut(): Promise<boolean> {
  try {
    return (await post('/auth/sign-out', {})).status < 500;
  } catch {
    return false;
  }
}

function post(path: string, body: object): Promise<Response> {
  return fetch(path, { method: 'POST', headers: HEADERS, credentials: 'same-origin', body: JSON.stringify(body) });
}

/** Reads a refusal without trusting its shape: a proxy may have answered instead of Portico. */
export function refusalOf(body: unknown): SignInResult {
  const error = (body as { error?: Record<string, unknown> } | null)?.error ?? {};
  const { code, tenants, retryAfter } = error;
  return {
    is: 'refused',
    code: typeof code === 'string' ? code : 'OTHER',
    tenants: Array.isArray(tenants) ? (tenants as Tenant[]) : [],
    retryAfter: typeof retryAfter === 'number' ? Math.ceil(retryAfter) : 0,
  };
}

/** What is said about a refusal. */
export function refusalMessage(code: string, retryAfter: number): { id: MessageId; values: Record<string, number> } {
  switch (code) {
    case 'TOO_MANY_ATTEMPTS':
      if (retryAfter > 90) return { id: 'signIn.error.TOO_MANY_ATTEMPTS.minutes', values: { minutes: Math.ceil(retryAfter / 60) } };
      return { id: 'signIn.error.TOO_MANY_ATTEMPTS', values: { seconds: retryAfter } };
    case 'INVALID_CREDENTIALS':
    case 'CHOOSE_TENANT':
    case 'SUSPENDED':
    case 'UNREACHABLE':
      return { id: `signIn.error.${code}`, values: {} };
    default:
      return { id: 'signIn.error.other', values: {} };
  }
}
