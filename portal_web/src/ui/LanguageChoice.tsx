import { NativeSelect } from '@mantine/core';
import { useIntl } from 'react-intl';

import { isLanguage, LANGUAGES } from '../messages/languages';
import { useLanguage } from './language';

/** Each language is named in itself. */
export function LanguageChoice({ labelled }: { labelled?: true }) {
  const intl = useIntl();
  const [language, choose] = useLanguage();
  return (
    <NativeSelect
      {...{ [labelled ? 'label' : 'aria-label']: intl.formatMessage({ id: 'account.language' }) }}
      value={language}
      onChange={({ currentTarget: { value } }) => isLanguage(value) && choose(value)}
      data={Object.entries(LANGUAGES).map(([value, { name }]) => ({ value, label: name }))}
    />
  );
}
