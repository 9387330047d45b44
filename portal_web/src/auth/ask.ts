const HEADERS = { Accept: 'application/json', 'X-Portico-Client': 'portal' };

export interface Tenant {
  slug: string;
  name?: string;
}

/** Why /auth refused, by a stable code; further members where the code has them. */
export interface Refused {
  is: 'refused';
  code: string;
  /** Seconds, with TOO_MANY_ATTEMPTS. */
  retryAfter: number;
  /** With CHOOSE_TENANT. */
  tenants: readonly Tenant[];
}

export type Reply<Body> = { is: 'ok'; body: Body } | Refused;

const underWay = new Set<Promise<unknown>>();

/** Resolves when no question is under way any more: its answer may bring another cookie. */
export async function settled(): Promise<void> {
  await Promise.all(underWay);
}

/** Sends a question to /auth: POST with a body, GET without. The cookie that holds the session is never seen here. */
export async function ask<Body>(path: string, body?: object): Promise<Reply<Body>> {
  const question = send<Body>(path, body);
  underWay.add(question);
  const reply = await question;
  underWay.delete(question);
  return reply;
}

async function send<Body>(path: string, body?: object): Promise<Reply<Body>> {
  const sent = body && {
    method: 'POST',
    headers: { ...HEADERS, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
  try {
    const response = await fetch(path, { headers: HEADERS, credentials: 'same-origin', ...sent });
    const text = await response.text();
    const answer: unknown = text === '' ? {} : JSON.parse(text);
    return response.ok ? { is: 'ok', body: answer as Body } : refusalOf(answer);
  } catch {
    return refused('UNREACHABLE');
  }
}

export function refused(code: string): Refused {
  return { is: 'refused', code, retryAfter: 0, tenants: [] };
}

/** Reads a refusal without trusting its shape: a proxy may have answered instead of Portico. */
export function refusalOf(body: unknown): Refused {
  const error = (body as { error?: Record<string, unknown> } | null)?.error ?? {};
  const { code, tenants, retryAfter } = error;
  return {
    is: 'refused',
    code: typeof code === 'string' ? code : 'OTHER',
    retryAfter: typeof retryAfter === 'number' ? Math.ceil(retryAfter) : 0,
    tenants: Array.isArray(tenants) ? (tenants as Tenant[]) : [],
  };
}
