import { Button } from '@mantine/core';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { ask, type Refused } from '../../auth/ask';
import { RefusalText } from '../../auth/RefusalText';
import { useAsked } from '../../auth/useAsked';
import { Answer } from '../../ui/Answer';
import list from '../../ui/list.module.css';
import { ago } from '../../ui/time';
import { useMinute } from '../../ui/useMinute';
import styles from './account.module.css';
import { deviceOf } from './device';

interface Device {
  id: string;
  label: string | null;
  kind: 'BROWSER' | 'TOKEN' | 'PARTNER';
  createdAt: string;
  lastSeenAt: string | null;
  current: boolean;
  viewedBy: string | null;
}

/** Where somebody is signed in, each of which can be ended, and all but this one at once. */
export function Devices() {
  const [answer, again] = useAsked<{ sessions: readonly Device[] }>('/auth/sessions');
  const [refusal, setRefusal] = useState<Refused>();

  async function end(path: string, body: object) {
    const reply = await ask(path, body);
    setRefusal(reply.is === 'refused' ? reply : undefined);
    again();
  }

  return (
    <Answer of={answer} empty="never">
      {({ sessions }) => (
        <>
          <RefusalText of={refusal} />
          <ul className={list['list']} data-testid="devices">
            {sessions.map((device) => (
              <DeviceRow key={device.id} device={device} onEnd={() => void end('/auth/sessions/end', { id: device.id })} />
            ))}
          </ul>
          {sessions.length > 1 && (
            <div className={styles['after']}>
              <Button variant="default" onClick={() => void end('/auth/sessions/end-others', {})}>
                <FormattedMessage id="devices.endOthers" />
              </Button>
            </div>
          )}
        </>
      )}
    </Answer>
  );
}

function DeviceRow({ device, onEnd }: { device: Device; onEnd: () => void }) {
  const { locale, formatMessage } = useIntl();
  const now = useMinute();
  const { browser, system } = deviceOf(device.label ?? '');
  const name = [browser, system].filter(Boolean).join(' · ') || formatMessage({ id: 'devices.unknown' });
  return (
    <li className={`${list['row']} ${styles['line']}`}>
      <div>
        <span className={list['name']}>{name}</span>
        <span className={list['meta']}>
          {device.current ? (
            <strong>
              <FormattedMessage id="devices.current" />
            </strong>
          ) : (
            <FormattedMessage id="devices.seen" values={{ ago: ago(device.lastSeenAt ?? device.createdAt, now, locale) }} />
          )}
          {device.viewedBy && <FormattedMessage id="devices.viewedBy" values={{ name: device.viewedBy }} />}
        </span>
      </div>
      {!device.current && (
        <Button variant="default" size="xs" onClick={onEnd} aria-label={formatMessage({ id: 'devices.end.of' }, { name })}>
          <FormattedMessage id="devices.end" />
        </Button>
      )}
    </li>
  );
}
