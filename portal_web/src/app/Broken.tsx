import { Button } from '@mantine/core';
import { FormattedMessage, useIntl } from 'react-intl';

import { PageHeading } from '../ui/PageHeading';
import page from '../ui/page.module.css';

/** Stands where a page failed to be drawn, or where its part of the program could not be fetched. */
export function Broken() {
  const intl = useIntl();
  const title = intl.formatMessage({ id: 'app.broken.title' });
  return (
    <div role="alert" className={page['head']}>
      <PageHeading title={title}>{title}</PageHeading>
      <p className={page['lead']}>
        <FormattedMessage id="app.broken.text" />
      </p>
      <div>
        <Button onClick={() => location.reload()}>
          <FormattedMessage id="app.reload" />
        </Button>
      </div>
    </div>
  );
}
