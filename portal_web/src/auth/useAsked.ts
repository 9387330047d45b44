import { useEffect, useState } from 'react';

import type { AnswerState } from '../ui/Answer';
import { ask, type Reply } from './ask';

/** Asks /auth when the component appears, and again on request; for `<Answer>`, as a query is. */
export function useAsked<Body>(path: string, body?: object): [AnswerState<Body>, () => void] {
  const sent = body && JSON.stringify(body);
  const [attempt, setAttempt] = useState(0);
  const [answered, setAnswered] = useState<{ attempt: number; reply: Reply<Body> }>();
  useEffect(() => {
    let wanted = true;
    void ask<Body>(path, sent === undefined ? undefined : (JSON.parse(sent) as object)).then(
      (reply) => wanted && setAnswered({ attempt, reply }),
    );
    return () => {
      wanted = false;
    };
  }, [path, sent, attempt]);
  const again = () => setAttempt((count) => count + 1);
  if (!answered) return [{ is: 'loading' }, again];
  const { reply } = answered;
  if (reply.is === 'refused') return [{ is: 'failed', code: reply.code, retry: again }, again];
  return [{ is: 'ready', data: reply.body, refreshing: answered.attempt !== attempt }, again];
}
