/** How hard a password is to guess, roughly: enough for a hint, while the server decides what it takes. */

export const SHORTEST = 8;

export type Strength = 'short' | 'weak' | 'fair' | 'good';

const RUNS = ['abcdefghijklmnopqrstuvwxyz', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'qwertzuiop', '01234567890'];

export function strengthOf(password: string): Strength {
  if (password.length < SHORTEST) return 'short';
  const bits = Math.log2(alphabet(password)) * effectiveLength(password.toLowerCase());
  if (bits < 45) return 'weak';
  return bits < 65 ? 'fair' : 'good';
}

function alphabet(password: string): number {
  const kinds: [RegExp, number][] = [
    [/[a-z]/, 26],
    [/[A-Z]/, 26],
    [/\d/, 10],
    [/[ -/:-@[-`{-~]/, 33],
    [/[^ -~]/, 60],
  ];
  return kinds.reduce((size, [kind, more]) => (kind.test(password) ? size + more : size), 0);
}

/** Characters that repeat the one before, or go on in a row of the alphabet or of keys, say little. */
function effectiveLength(password: string): number {
  const letters = [...password];
  const told = letters.filter((letter, index) => {
    const before = letters[index - 1];
    return before === undefined || !(before === letter || isNext(before, letter));
  });
  const distinct = new Set(told).size;
  return Math.min(told.length, distinct * 2);
}

function isNext(before: string, letter: string): boolean {
  return RUNS.some((run) => run.includes(before + letter) || run.includes(letter + before));
}
