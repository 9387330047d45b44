export interface Link {
  sequence: number | null;
  hash: string | null;
  previousHash: string | null;
}

export type Chain = 'holds' | 'broken' | 'untold';

/**
 * Whether each entry, newest first, bears the hash of the one before it. `follows` is what the entry after these bears.
 * Whoever sees only a part of the trail is not told the hashes.
 */
export function chainOf(entries: readonly Link[], follows?: string | null): Chain {
  if (entries.length === 0 || entries.some(({ hash }) => hash === null)) return 'untold';
  const newer = [follows ?? entries[0]?.hash, ...entries.map(({ previousHash }) => previousHash)];
  return entries.every(({ hash }, index) => hash === newer[index]) ? 'holds' : 'broken';
}
