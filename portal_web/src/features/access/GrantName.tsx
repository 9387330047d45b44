import { useIntl, type IntlShape } from 'react-intl';

import type { MessageId } from '../../ui/language';

const isWord = (id: string, messages: object): id is MessageId => Object.hasOwn(messages, id);

/** A grant's name in words; a single right, which few have, goes by its own name. */
export function grantWords(intl: IntlShape, name: string): string {
  const id = `grant.${name}`;
  return isWord(id, intl.messages) ? intl.formatMessage({ id }) : name;
}

export function GrantName({ name }: { name: string }) {
  return grantWords(useIntl(), name);
}
