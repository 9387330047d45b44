import { FormattedMessage, useIntl } from 'react-intl';

import { Tick } from '../../ui/Tick';
import { COLUMNS, FEATURES, PORTAL_ROLES, type Column } from '../access/grants';
import { grantWords } from '../access/GrantName';
import styles from './AccessMatrix.module.css';
import { held, isTicked, othersAt, roleAt, through, toggled, wanted, withRole, type Conferred, type Draft } from './draft';
import type { Edited, PlaceRow } from './editing';

interface MatrixProps {
  edited: Edited;
  conferred: Conferred;
  draft: Draft;
  /** Nothing can be changed. */
  locked: boolean;
  onChange: (next: Draft) => void;
}

/**
 * A row for each place and a box for each feature and kind of report. Every box says itself what it is and where, so
 * the heads of the columns are for the eye alone; on a phone each place is a card, and the words stand at the boxes.
 */
export function AccessMatrix(props: MatrixProps) {
  const intl = useIntl();
  return (
    <div className={styles['matrix']}>
      <div className={styles['heads']} aria-hidden="true">
        <span className={styles['group']} data-of="features">
          <FormattedMessage id="editor.features" />
        </span>
        <span className={styles['group']} data-of="reports">
          <FormattedMessage id="editor.reports" />
        </span>
        <span className={styles['place']}>
          <FormattedMessage id="editor.place" />
        </span>
        <span className={styles['role']}>
          <FormattedMessage id="editor.role" />
        </span>
        {COLUMNS.map((column) => (
          <span key={column} className={styles['head']} data-first={isFirst(column)}>
            <span>{grantWords(intl, column)}</span>
          </span>
        ))}
      </div>
      {props.edited.places.map((place) => (
        <Place key={place.id} place={place} {...props} />
      ))}
    </div>
  );
}

const isFirst = (column: Column) => column === FEATURES[0] || column === 'activity_reports' || undefined;

function Place({ place, ...props }: MatrixProps & { place: PlaceRow }) {
  const intl = useIntl();
  const { edited, draft, locked, onChange } = props;
  const now = wanted(edited.byHand, draft);
  const others = othersAt(new Set([...edited.byHand, ...now]), place.id);
  const role = roleAt(now, place.id);
  return (
    <fieldset className={styles['row']} data-testid="place">
      <legend className={styles['place']} data-inner={place.around.length > 1 || undefined}>
        {place.name}
      </legend>
      <span
        className={styles['role']}
        data-none={role === '' || undefined}
        data-changed={role !== roleAt(edited.byHand, place.id) || undefined}
      >
        <select
          aria-label={intl.formatMessage({ id: 'editor.role.at' }, { place: place.name })}
          value={role}
          disabled={locked}
          onChange={({ currentTarget: { value } }) => onChange(withRole(edited.byHand, draft, value, place.id))}
        >
          <option value="">{intl.formatMessage({ id: 'role.none' })}</option>
          {PORTAL_ROLES.map((one) => (
            <option key={one} value={one}>
              {grantWords(intl, one)}
            </option>
          ))}
        </select>
      </span>
      {COLUMNS.map((column) => (
        <Cell key={column} name={column} place={place} first={isFirst(column)} {...props} />
      ))}
      {others.length > 0 && (
        <span className={styles['others']}>
          <FormattedMessage id="editor.others" />
          {others.map((name) => (
            <Cell key={name} name={name} place={place} first={undefined} {...props} />
          ))}
        </span>
      )}
    </fieldset>
  );
}

interface CellProps extends MatrixProps {
  name: string;
  place: PlaceRow;
  first: true | undefined;
}

function Cell({ name, place, first, edited, conferred, draft, locked, onChange }: CellProps) {
  const intl = useIntl();
  const now = wanted(edited.byHand, draft);
  const own = isTicked(now, name, place.id);
  const all = new Set([...now, ...edited.automatic]);
  const conferring = Object.hasOwn(conferred, name) ? conferred[name as Column] : [];
  const via = edited.automatic.has(held(name, place.id))
    ? { name, wider: false }
    : through(all, conferring, { name, place: place.id, around: place.around });
  const was = isTicked(edited.byHand, name, place.id);
  const words = grantWords(intl, name);
  const because = via && intl.formatMessage({ id: via.wider ? 'editor.wider' : 'editor.through' }, { name: grantWords(intl, via.name) });
  return (
    <span
      className={styles['cell']}
      data-first={first}
      data-changed={own === was ? undefined : own ? 'given' : 'taken'}
      title={because ? `${words}: ${because}` : words}
    >
      <Tick
        checked={own || via !== undefined}
        disabled={locked || (via !== undefined && !own)}
        onChange={() => onChange(toggled(edited.byHand, draft, name, place.id))}
      >
        {words}
        <span className="visually-hidden"> {intl.formatMessage({ id: 'editor.at' }, { place: place.name })}</span>
        {because && <small>{because}</small>}
      </Tick>
    </span>
  );
}
