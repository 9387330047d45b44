import { NativeSelect } from '@mantine/core';
import { useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import type { MessageId } from '../../ui/language';

const SiteChoiceQuery = graphql(`
  query SiteChoice {
    viewer {
      id
      sites(first: 100) {
        nodes {
          id
          name
        }
      }
    }
  }
`);

interface SiteChoiceProps {
  label: MessageId;
  chosen: string | undefined;
  onChoose: (site: string | undefined) => void;
}

/** Narrows a list to one of the sites the viewer can see. */
export function SiteChoice({ label, chosen, onChoose }: SiteChoiceProps) {
  const intl = useIntl();
  const answer = useListAnswer(SiteChoiceQuery, {});
  const sites = answer.is === 'ready' ? answer.data.viewer.sites.nodes : [];
  return (
    <NativeSelect
      label={intl.formatMessage({ id: label })}
      value={chosen ?? ''}
      onChange={(event) => onChoose(event.currentTarget.value || undefined)}
      data={[
        { value: '', label: intl.formatMessage({ id: 'reports.filter.site.all' }) },
        ...sites.map(({ id, name }) => ({ value: id, label: name })),
      ]}
    />
  );
}
