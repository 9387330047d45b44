import type { FragmentOf } from 'gql.tada';
import { useState } from 'react';
import { FormattedMessage } from 'react-intl';

import { useAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { useStore } from '../../ui/store';
import { useWho } from '../access/who';
import styles from './AccessEditor.module.css';
import { AccessMatrix } from './AccessMatrix';
import { countChanges, isNothing, NOTHING, wanted, type Draft } from './draft';
import { conferredOf, ConferredQuery, drafts, editedOf, lookedFor, type EditorFragment } from './editing';
import { FurtherSite } from './FurtherSite';
import { Consequences, Unchanged } from './Consequences';

/** Places by features and kinds of reports, and beside it what a change would show and hide. */
export function AccessEditor({ user }: { user: FragmentOf<typeof EditorFragment> }) {
  const who = useWho();
  const edited = editedOf(user, who?.tenant ?? null, useStore(lookedFor));
  const conferred = useAnswer(ConferredQuery, {});
  const all = useStore(drafts);
  const draft = all[edited.id] ?? NOTHING;
  const [saved, setSaved] = useState(false);
  const locked = !edited.mayEdit || edited.tooMuch || Boolean(who?.viewedBy);

  function change(next: Draft) {
    setSaved(false);
    drafts.set({ ...drafts.get(), [edited.id]: next });
  }

  return (
    <Answer of={conferred} empty="never">
      {(data) => (
        <div className={styles['editor']} data-wide>
          <div>
            {edited.longer && (
              <div className={styles['further']}>
                <FurtherSite user={edited.id} organization={edited.longer} shown={edited.places} />
              </div>
            )}
            <AccessMatrix edited={edited} conferred={conferredOf(data)} draft={draft} locked={locked} onChange={change} />
          </div>
          <aside className={styles['beside']}>
            {locked ? (
              <p className={styles['hint']}>
                <FormattedMessage id={edited.tooMuch ? 'editor.tooMuch' : 'editor.locked'} />
              </p>
            ) : isNothing(draft) ? (
              <Unchanged name={edited.name} saved={saved} />
            ) : (
              <Consequences
                user={edited.id}
                name={edited.name}
                wanted={wanted(edited.byHand, draft)}
                changes={countChanges(edited.byHand, draft)}
                onDone={() => {
                  change(NOTHING);
                  setSaved(true);
                }}
                onReset={() => change(NOTHING)}
              />
            )}
          </aside>
        </div>
      )}
    </Answer>
  );
}
