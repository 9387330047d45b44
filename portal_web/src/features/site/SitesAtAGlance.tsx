import { Link } from '@tanstack/react-router';
import { FormattedMessage } from 'react-intl';

import { useListAnswer } from '../../gql/useAnswer';
import { Section } from '../../ui/Section';
import styles from './SitesPage.module.css';
import { SitePlan } from './SitePlan';
import { located, SitesQuery } from './sites';

/** Where the viewer's sites lie; nothing where that is not known. */
export function SitesAtAGlance() {
  const answer = useListAnswer(SitesQuery, { search: null });
  const sites = answer.is === 'ready' ? located(answer.data.viewer.sites.nodes) : [];
  if (sites.length === 0) return null;
  return (
    <Section
      title={<FormattedMessage id="sites.title" />}
      more={
        <Link to="/sites">
          <FormattedMessage id="sites.all" />
        </Link>
      }
    >
      <div className={styles['glance']}>
        <SitePlan sites={sites} />
      </div>
    </Section>
  );
}
