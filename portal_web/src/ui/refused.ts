import { useIntl } from 'react-intl';

import type { MessageId } from './language';

interface Refused {
  field: string | null;
  code: string;
  message: string;
}

const isWord = (id: string, messages: object): id is MessageId => Object.hasOwn(messages, id);

/** The refusals of a form, each beside its field; those of no field that is shown stand above the form. */
export function useFieldRefusals(refusals: readonly Refused[] | undefined, shown: readonly string[]) {
  const intl = useIntl();
  const nameOf = ({ field }: Refused) => field?.replace(/^input\./, '').split('.')[0] ?? '';
  const said = ({ code, message }: Refused) => {
    const id = `refusal.${code}`;
    return isWord(id, intl.messages) ? intl.formatMessage({ id }) : message;
  };
  return {
    at: (name: string) => {
      const found = refusals?.filter((one) => nameOf(one) === name).map(said);
      return found && found.length > 0 ? found.join(' ') : undefined;
    },
    others: refusals && refusals.length > 0 ? refusals.filter((one) => !shown.includes(nameOf(one))) : refusals,
  };
}
