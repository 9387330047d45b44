import { createIntl } from 'react-intl';
import { expect, it } from 'vitest';

import de from './de.json';
import en from './en.json';
import es from './es.json';
import { LANGUAGES } from './languages';

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

it('says the same in every language, about the same things', () => {
  for (const other of [de, es]) {
    expect(Object.keys(other)).toEqual(Object.keys(en));
    const parted = Object.entries(other).filter(([id, message]) => !sameNames(message, en[id as keyof typeof en]));
    expect(parted).toEqual([]);
  }
});

it.each([
  ['en', en],
  ['de', de],
  ['es', es],
])('%s can be read by ICU', (locale, messages) => {
  const failures: unknown[] = [];
  const intl = createIntl({ locale, messages, onError: (error) => failures.push(error) });
  for (const [id, message] of Object.entries(messages)) {
    const values = Object.fromEntries(names(message).map((name) => [name, 1]));
    expect(intl.formatMessage({ id: id as keyof typeof en }, values)).not.toContain('{');
  }
  expect(failures).toEqual([]);
});
