import { useCallback } from 'react';
import { useIntl } from 'react-intl';

import { Notice } from '../ui/Notice';
import { useStore } from '../ui/store';
import type { Present } from './session';

/** Puts what became of the viewer's access into words of their language. */
export function Announcements({ of }: { of: Present['notice'] }) {
  const intl = useIntl();
  const { number, sentences } = useStore(of);
  const text = sentences.map(({ id, values }) => intl.formatMessage({ id }, values)).join(' ');
  const onGone = useCallback(() => of.set({ number: of.get().number, sentences: [] }), [of]);
  return <Notice key={number} text={text} onGone={onGone} />;
}
