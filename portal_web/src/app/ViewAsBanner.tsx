import { Button } from '@mantine/core';
import { useState } from 'react';
import { FormattedMessage } from 'react-intl';

import { ask } from '../auth/ask';
import { useWho } from '../features/access/who';
import { startSession } from './session';
import styles from './ViewAsBanner.module.css';

/** Says all the while that somebody of the staff sees the portal as this person, and leads back. */
export function ViewAsBanner() {
  const who = useWho();
  const [ending, setEnding] = useState(false);
  if (!who?.viewedBy) return null;

  async function end() {
    setEnding(true);
    await ask('/auth/view-as/end', {});
    await startSession();
  }

  return (
    <aside className={styles['banner']} data-testid="view-as">
      <p>
        <FormattedMessage id="viewAs.text" values={{ name: who.name, staff: who.viewedBy.name }} />
      </p>
      <Button variant="default" size="xs" loading={ending} onClick={() => void end()}>
        <FormattedMessage id="viewAs.end" />
      </Button>
    </aside>
  );
}
