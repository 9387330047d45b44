import { useIntl } from 'react-intl';

import type { Refused } from './ask';
import styles from './AskForm.module.css';
import { refusalMessage } from './refusals';

/** Why something was refused. It is always there, or assistive technology would not tell of a change in it. */
export function RefusalText({ of }: { of: Refused | undefined }) {
  const intl = useIntl();
  const message = of && refusalMessage(of);
  return (
    <div role="alert" className={styles['alert']}>
      {message && <p data-code={of.code}>{intl.formatMessage({ id: message.id }, message.values)}</p>}
    </div>
  );
}
