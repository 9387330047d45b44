import { Button } from '@mantine/core';
import { useState } from 'react';
import { FormattedMessage } from 'react-intl';

import type { MessageId } from './language';

interface ActButtonProps<Words extends MessageId> {
  name: Words;
  /** Asked before it is done, in the button itself; whoever looks away has not answered. */
  sure?: Words | undefined;
  running: boolean;
  act: () => Promise<unknown>;
  small?: true | undefined;
  /** What a screen reader says for these words, where many such buttons stand in a list. */
  spoken?: ((words: Words) => string) | undefined;
}

/** Does something at a press, or at the second one if it is asked whether that is meant. */
export function ActButton<Words extends MessageId>({ name, sure, running, act, small, spoken }: ActButtonProps<Words>) {
  const [asked, setAsked] = useState(false);
  const words = asked && sure ? sure : name;

  async function press() {
    if (sure && !asked) {
      setAsked(true);
      return;
    }
    await act();
    setAsked(false);
  }

  return (
    <Button
      variant={asked && sure ? 'filled' : 'default'}
      size={small ? 'xs' : 'sm'}
      loading={running}
      aria-label={spoken?.(words)}
      onClick={() => void press()}
      onBlur={() => setAsked(false)}
    >
      <FormattedMessage id={words} />
    </Button>
  );
}
