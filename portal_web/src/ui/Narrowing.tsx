import type { MantineSize } from '@mantine/core';
import { useState } from 'react';
import { useIntl } from 'react-intl';

import type { MessageId } from './language';
import { Search } from './Search';

interface NarrowingProps {
  label: MessageId;
  size?: MantineSize;
  /** Whether there is more to choose from than is shown. */
  longer: boolean;
  onSearch: (text: string) => void;
}

/** A search above a choice, where not everything can be shown at once; once there, it stays. */
export function Narrowing({ label, size = 'sm', longer, onSearch }: NarrowingProps) {
  const intl = useIntl();
  const [needed, setNeeded] = useState(longer);
  if (longer && !needed) setNeeded(true);
  return needed && <Search label={intl.formatMessage({ id: label })} size={size} onSearch={onSearch} />;
}
