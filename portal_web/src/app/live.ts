import type { Access } from '../features/access/access';
import type { Beginning } from '../gql/era';
import { difference, type Sentence } from '../features/access/difference';

/** Long enough for a live region to be read by assistive technology before the page changes under it. */
const TOLD_FIRST = 60;
/** A node that is gone is mostly gone by a change of rights, whose push says it better; wait for that a moment. */
const GONE_WAITS = 300;
/** Lists follow changes, but not each of a thousand in an import. */
const LISTS_EVERY = 1500;

interface Pushed {
  access?: Access;
  changes?: { __typename: 'Change'; kind: 'CREATED' | 'UPDATED' | 'GONE' } | { __typename: 'Reload'; reason?: string };
}

interface Effects {
  tell: (sentences: Sentence[]) => void;
  /** Something is about to leave the page. */
  beforeLoss: () => void;
  /** Start over with an empty cache. */
  nextEra: (began: Beginning) => void;
  /** Fetch the lists again. */
  nextLists: () => void;
}

/** Judges every push before the cache sees it. */
export function createJudge({ tell, beforeLoss, nextEra, nextLists }: Effects) {
  let known: Access | undefined;
  let eraTimer: ReturnType<typeof setTimeout> | undefined;
  let eraDue = Infinity;
  let began: Beginning = 'stream';
  let listsTimer: ReturnType<typeof setTimeout> | undefined;
  let listsAt = 0;

  function eraIn(wait: number, beginning: Beginning): void {
    // Of several reasons the strictest holds.
    if (beginning === 'rights') began = 'rights';
    const due = Date.now() + wait;
    if (due >= eraDue) return;
    eraDue = due;
    clearTimeout(eraTimer);
    eraTimer = setTimeout(() => {
      eraDue = Infinity;
      nextEra(began);
      began = 'stream';
    }, wait);
  }

  function listsSoon(): void {
    clearTimeout(listsTimer);
    listsTimer = setTimeout(() => {
      listsAt = Date.now();
      nextLists();
    }, Math.max(50, listsAt + LISTS_EVERY - Date.now()));
  }

  async function judgeAccess(now: Access): Promise<void> {
    const before = known;
    known = now;
    if (!before) return;
    // Another person signed in in another tab: nothing of the first one may stay, and there is nothing to compare.
    const change = before.id === now.id ? difference(before, now) : { changed: true, lost: false, sentences: [] };
    if (!change.changed) return;
    if (change.lost) beforeLoss();
    if (change.sentences.length > 0) {
      tell(change.sentences);
      await new Promise((resolve) => setTimeout(resolve, TOLD_FIRST));
    }
    eraIn(0, 'rights');
  }

  return async function judge(data: unknown): Promise<void> {
    const { access, changes } = (data ?? {}) as Pushed;
    if (access) await judgeAccess(access);
    if (changes?.__typename === 'Reload') eraIn(0, changes.reason === 'STARTED' ? 'stream' : 'rights');
    if (changes?.__typename !== 'Change') return;
    if (changes.kind === 'GONE') eraIn(GONE_WAITS, 'rights');
    else listsSoon();
  };
}
