import { NativeSelect } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { FormattedMessage, useIntl } from 'react-intl';

import { PageHeading } from '../../ui/PageHeading';
import styles from '../../ui/page.module.css';
import { SiteChoice } from '../access/SiteChoice';
import { isKind, KINDS } from './kinds';
import { isPeriod, PERIODS } from './periods';
import { ReportList, SiteReportList } from './ReportList';

/** All reports, by site and kind; the choice is in the address. */
export function ReportsPage() {
  const intl = useIntl();
  const { site, kind, period } = useSearch({ from: '/reports' });
  const navigate = useNavigate({ from: '/reports' });
  const title = intl.formatMessage({ id: 'reports.title' });
  return (
    <div className={styles['page']}>
      <header className={styles['head']}>
        <PageHeading title={title}>{title}</PageHeading>
        <p className={styles['lead']}>
          <FormattedMessage id="reports.lead" />
        </p>
      </header>
      <div className={styles['filters']}>
        <SiteChoice
          label="reports.filter.site"
          chosen={site}
          onChoose={(chosen) => void navigate({ search: (old) => ({ ...old, site: chosen }), replace: true })}
        />
        <NativeSelect
          label={intl.formatMessage({ id: 'reports.filter.kind' })}
          value={kind ?? ''}
          onChange={({ currentTarget: { value } }) =>
            void navigate({ search: (old) => ({ ...old, kind: isKind(value) ? value : undefined }), replace: true })
          }
          data={[
            { value: '', label: intl.formatMessage({ id: 'reports.filter.kind.all' }) },
            ...KINDS.map((one) => ({ value: one, label: intl.formatMessage({ id: `report.kind.${one}` }) })),
          ]}
        />
        <NativeSelect
          label={intl.formatMessage({ id: 'reports.filter.period' })}
          value={period ?? ''}
          onChange={({ currentTarget: { value } }) =>
            void navigate({ search: (old) => ({ ...old, period: isPeriod(value) ? value : undefined }), replace: true })
          }
          data={[
            { value: '', label: intl.formatMessage({ id: 'reports.filter.period.all' }) },
            ...PERIODS.map((one) => ({ value: one, label: intl.formatMessage({ id: `reports.filter.period.${one}` }) })),
          ]}
        />
      </div>
      <section aria-label={intl.formatMessage({ id: 'reports.list' })} key={`${site} ${kind} ${period}`}>
        {site ? <SiteReportList site={site} kind={kind} period={period} /> : <ReportList kind={kind} period={period} />}
      </section>
    </div>
  );
}
