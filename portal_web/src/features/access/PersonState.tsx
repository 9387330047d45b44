import { FormattedMessage, useIntl } from 'react-intl';

import type { graphql } from '../../gql/graphql';
import { Status, type Tone } from '../../ui/Status';
import { ago } from '../../ui/time';
import { useMinute } from '../../ui/useMinute';

type UserStatus = ReturnType<typeof graphql.scalar<'UserStatus'>>;

const TONES: Record<UserStatus, Tone> = { INVITED: 'busy', ACTIVE: 'good', SUSPENDED: 'warm' };

export function PersonStatus({ status }: { status: UserStatus }) {
  return (
    <Status tone={TONES[status]}>
      <FormattedMessage id={`person.status.${status}`} />
    </Status>
  );
}

/** When somebody last signed in, or that they never have. */
export function LastSignIn({ at }: { at: string | null }) {
  const { locale } = useIntl();
  const now = useMinute();
  if (!at) return <FormattedMessage id="person.never" />;
  return (
    <time dateTime={at} title={new Date(at).toLocaleString(locale)}>
      <FormattedMessage id="person.signedIn" values={{ ago: ago(at, now, locale) }} />
    </time>
  );
}
