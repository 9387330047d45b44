import { Link } from '@tanstack/react-router';
import { FormattedMessage, useIntl } from 'react-intl';

import { PageHeading } from '../ui/PageHeading';
import page from '../ui/page.module.css';

export function NotFound() {
  const intl = useIntl();
  const title = intl.formatMessage({ id: 'app.notFound.title' });
  return (
    <div className={page['page']}>
      <div className={page['head']}>
        <PageHeading title={title}>{title}</PageHeading>
        <p className={page['lead']}>
          <FormattedMessage id="app.notFound.text" />
        </p>
      </div>
      <Link to="/">
        <FormattedMessage id="nav.home" />
      </Link>
    </div>
  );
}
