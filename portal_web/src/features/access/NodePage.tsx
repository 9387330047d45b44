import { useState, type ReactNode } from 'react';

import { Answer, type AnswerState } from '../../ui/Answer';
import { Rows } from '../../ui/Skeleton';
import { Unavailable } from './Unavailable';

interface NodePageProps<Data, Shown> {
  what: 'report' | 'job' | 'site' | 'organization' | 'contact' | 'application';
  id: string;
  of: AnswerState<Data>;
  /** The node in the answer; null when it is not there for this viewer. */
  node: (data: Data) => Shown | null | undefined;
  children: (shown: Shown) => ReactNode;
}

/** The page of one node: loading, there, never there, or there until a moment ago. */
export function NodePage<Data, Shown>({ what, id, of, node, children }: NodePageProps<Data, Shown>) {
  const there = of.is === 'ready' && Boolean(node(of.data));
  const [wasThere, setWasThere] = useState(false);
  if (there && !wasThere) setWasThere(true);
  return (
    <Answer of={of} empty="never" skeleton={<Rows count={4} />}>
      {(data) => {
        const shown = node(data);
        return shown ? children(shown) : <Unavailable what={what} id={id} gone={wasThere} />;
      }}
    </Answer>
  );
}
