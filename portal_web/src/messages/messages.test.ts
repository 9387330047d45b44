import { createIntl } from 'react-intl';
import { expect, it } from 'vitest';

import de from './de.json';
import en from './en.json';
import { LANGUAGES } from './languages';

const ARGUMENT = /\{(\w+)/g;
const names = (message: string) => [...new Set([...message.matchAll(ARGUMENT)].map((match) => match[1]))].toSorted();

it('has a file for every language', () => {
  expect(Object.keys(LANGUAGES)).toEqual(['en', 'de']);
});

it('says the same in German as in English', () => {
  expect(Object.keys(de)).toEqual(Object.keys(en));
});

it.each([
  ['en', en],
  ['de', de],
])('%s can be read by ICU', (locale, messages) => {
  const failures: unknown[] = [];
  const intl = createIntl({ locale, messages, onError: (error) => failures.push(error) });
  for (const [id, message] of Object.entries(messages)) {
    const values = Object.fromEntries(names(message).map((name) => [name, 1]));
    expect(intl.formatMessage({ id: id as keyof typeof en }, values)).not.toContain('{');
  }
  expect(failures).toEqual([]);
});
