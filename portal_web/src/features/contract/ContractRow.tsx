import { readFragment, type FragmentOf } from 'gql.tada';
import { FormattedMessage, FormattedNumber } from 'react-intl';

import { graphql } from '../../gql/graphql';
import list from '../../ui/list.module.css';
import { OpenPeriod } from '../../ui/Moment';
import { Status, type Tone } from '../../ui/Status';
import { Permitted } from '../access/Permitted';
import styles from './ContractRow.module.css';

export const ContractRowFragment = graphql(`
  fragment ContractRow_contract on Contract {
    id
    viewerPermissions
    reference
    contractTitle: title
    contractStatus: status
    startOn
    endOn
    baseRate {
      amount
      currencyCode
    }
  }
`);

const TONES: Record<ReturnType<typeof graphql.scalar<'ContractStatus'>>, Tone> = {
  DRAFT: 'quiet',
  ACTIVE: 'good',
  EXPIRING: 'warm',
  TERMINATED: 'quiet',
};

/** A contract in a list, with its rate or that the rate is not shown. */
export function ContractRow({ contract: masked }: { contract: FragmentOf<typeof ContractRowFragment> }) {
  const contract = readFragment(ContractRowFragment, masked);
  return (
    <li className={`${list['row']} ${styles['contract']}`}>
      <div>
        <span className={list['name']}>{contract.contractTitle}</span>
        <span className={list['meta']}>
          <span>{contract.reference}</span>
          <Status tone={TONES[contract.contractStatus]}>
            <FormattedMessage id={`contract.status.${contract.contractStatus}`} />
          </Status>
          <OpenPeriod start={contract.startOn} end={contract.endOn} />
        </span>
      </div>
      <div className={styles['rate']}>
        <Permitted to="VIEW_RATES" at={contract}>
          {contract.baseRate && (
            <FormattedMessage
              id="contract.rate"
              values={{
                rate: (
                  <FormattedNumber
                    style="currency"
                    currency={contract.baseRate.currencyCode}
                    value={Number(contract.baseRate.amount)}
                  />
                ),
              }}
            />
          )}
        </Permitted>
      </div>
    </li>
  );
}
