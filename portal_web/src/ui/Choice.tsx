import { NativeSelect, type MantineSize, type NativeSelectProps } from '@mantine/core';
import { useState } from 'react';
import { useIntl } from 'react-intl';

import type { MessageId } from './language';
import { Narrowing } from './Narrowing';

export interface Option {
  value: string;
  label: string;
  disabled?: boolean;
}

interface ChoiceProps extends Omit<NativeSelectProps, 'data' | 'label' | 'size' | 'value' | 'onChange'> {
  label: MessageId;
  size?: MantineSize;
  /** The label of the search, which is there once there is more to choose from than is shown. */
  searchLabel: MessageId;
  /** What can be chosen whatever is looked for, above the rest. */
  always?: readonly Option[];
  options: readonly Option[];
  longer: boolean;
  chosen: string;
  /** What the chosen one is called, if it was not chosen here. */
  chosenName?: string | undefined;
  onChoose: (value: string, label: string) => void;
  onSearch: (text: string) => void;
}

/** One of many, not all of which may be shown at once. What was chosen stays a choice while something else is looked for. */
export function Choice({
  label, size = 'sm', searchLabel, always, options, longer, chosen, chosenName, onChoose, onSearch, ...rest
}: ChoiceProps) {
  const intl = useIntl();
  const [name, setName] = useState('');
  const shown = [...(always ?? []), ...options];
  const kept = chosen === '' || shown.some(({ value }) => value === chosen) ? [] : [{ value: chosen, label: chosenName || name || '…' }];
  return (
    <>
      <Narrowing label={searchLabel} size={size} longer={longer} onSearch={onSearch} />
      <NativeSelect
        {...rest}
        size={size}
        label={intl.formatMessage({ id: label })}
        value={chosen}
        onChange={({ currentTarget: { value, selectedOptions } }) => {
          const words = selectedOptions[0]?.label ?? '';
          setName(words);
          onChoose(value, words);
        }}
        data={[...shown, ...kept]}
      />
    </>
  );
}
