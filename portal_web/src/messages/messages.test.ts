import { createIntl } from 'react-intl';
import { expect, it } from 'vitest';

import de from './de.json';
import en from './en.json';
import es from './es.json';
import { LANGUAGES } from './languages';
import workspaceDe from './workspace.de.json';
import workspaceEn from './workspace.en.json';
import workspaceEs from './workspace.es.json';

const FILES = [
  ['en', { ...en, ...workspaceEn }],
  ['de', { ...de, ...workspaceDe }],
  ['es', { ...es, ...workspaceEs }],
] as const;

/** The arguments of a message: the words behind the braces that open on an even level, since a choice nests a message. */
function names(message: string): string[] {
  const found = new Set<string>();
  let depth = 0;
  for (let index = 0; index < message.length; index += 1) {
    if (message[index] === '}') depth -= 1;
    if (message[index] !== '{') continue;
    const [, name] = /^\{\s*(\w+)\s*[,}]/.exec(message.slice(index)) ?? [];
    if (depth % 2 === 0 && name) found.add(name);
    depth += 1;
  }
  return [...found].toSorted();
}


const sameNames = (one: string, other: string) => names(one).join() === names(other).join();

it('has a file for every language', () => {
  expect(Object.keys(LANGUAGES)).toEqual(['en', 'de', 'es']);
});

it.each([
  ['everybody reads', en, [de, es]],
  ['the staff read', workspaceEn, [workspaceDe, workspaceEs]],
] as const)('says the same in every language, about the same things: what %s', (_, english, others) => {
  const said = english as Record<string, string>;
  for (const other of others) {
    expect(Object.keys(other)).toEqual(Object.keys(said));
    const parted = Object.entries(other).filter(([id, message]) => !sameNames(message, said[id] ?? ''));
    expect(parted).toEqual([]);
  }
});

it('leaves no English in another language, but for words that are the same', () => {
  const [[, english], ...others] = FILES;
  for (const [, other] of others) {
    const same = Object.entries(other).filter(([id, message]) => english[id as keyof typeof english] === message && /\w+\s+\w+\s+\w+/.test(message));
    expect(same).toEqual([]);
  }
});

it.each(FILES)('%s can be read by ICU', (locale, messages) => {
  const failures: unknown[] = [];
  const intl = createIntl({ locale, messages, onError: (error) => failures.push(error) });
  for (const [id, message] of Object.entries(messages)) {
    const values = Object.fromEntries(names(message).map((name) => [name, 1]));
    expect(intl.formatMessage({ id: id as keyof typeof en }, values)).not.toContain('{');
  }
  expect(failures).toEqual([]);
});
