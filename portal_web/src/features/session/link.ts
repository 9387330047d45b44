/** The pages that letters lead to. Each bears its secret behind the #, which no server and no log ever sees. */
const LINKS = { '/invitation': 'invitation', '/reset': 'reset', '/confirm-email': 'confirm' } as const;

export interface Link {
  to: (typeof LINKS)[keyof typeof LINKS];
  token: string;
}

/** What the address of a letter leads to; undefined for every other address. */
export function linkAt(path: string, hash: string): Link | undefined {
  const found = Object.entries(LINKS).find(([one]) => one === path.replace(/\/$/, ''));
  return found && { to: found[1], token: hash.replace(/^#/, '') };
}

/** Takes the secret out of the address, so that it stays in no history and on no screen. */
export function forgetLink(): void {
  history.replaceState(history.state, '', '/');
}

/** Why single sign-on led back to the door. */
export function doorError(path: string, hash: string): string | undefined {
  const [, code] = /^#error=([A-Z_]+)$/.exec(hash) ?? [];
  return path === '/sign-in' ? code : undefined;
}
