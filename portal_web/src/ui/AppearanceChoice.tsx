import { NativeSelect, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { useIntl } from 'react-intl';

const CHOICES: readonly MantineColorScheme[] = ['auto', 'light', 'dark'];

export function AppearanceChoice({ labelled }: { labelled?: true }) {
  const intl = useIntl();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <NativeSelect
      {...{ [labelled ? 'label' : 'aria-label']: intl.formatMessage({ id: 'account.appearance' }) }}
      value={colorScheme}
      onChange={({ currentTarget: { value } }) => setColorScheme(CHOICES.find((one) => one === value) ?? 'auto')}
      data={CHOICES.map((value) => ({ value, label: intl.formatMessage({ id: `account.appearance.${value}` }) }))}
    />
  );
}
