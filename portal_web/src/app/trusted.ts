import { documentIds } from 'virtual:trusted-documents';

/** Built pages send the names of their documents, which the server has got with them; others send the documents. */
const BY_NAME: boolean = import.meta.env.PROD;

export interface Sent {
  operationName?: string;
  query?: string;
  variables?: Record<string, unknown>;
}

/** The request by the document's name, if it has one. */
export function byName(request: Sent): Sent & { documentId?: string } {
  const { operationName = '', variables = {} } = request;
  const documentId = documentIds[operationName];
  return BY_NAME && documentId ? { documentId, variables } : request;
}

/** `fetch` for the GraphQL client: what it would send as text goes by name. */
export const fetchByName: typeof fetch = (url, options) => {
  if (typeof options?.body !== 'string') return fetch(url, options);
  return fetch(url, { ...options, body: JSON.stringify(byName(JSON.parse(options.body) as Sent)) });
};

const RELOADED = 'portico.reloaded';
const RARELY = 60_000;

/** The page is of another build than the server: a new one helps, but is not fetched over and over. */
export function reloadOnce(): void {
  const last = Number(sessionStorage.getItem(RELOADED) ?? 0);
  if (Date.now() - last < RARELY) return;
  sessionStorage.setItem(RELOADED, String(Date.now()));
  location.reload();
}
