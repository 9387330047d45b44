import { Link } from '@tanstack/react-router';
import { readFragment, type FragmentOf } from 'gql.tada';
import { FormattedMessage } from 'react-intl';

import { graphql } from '../../gql/graphql';
import list from '../../ui/list.module.css';
import styles from './ContactRow.module.css';

export const ContactRowFragment = graphql(`
  fragment ContactRow_contact on Contact {
    id
    contactName: name
    jobTitle
    email
    phone
    isPrimary
    designations
  }
`);

/** A person in a list: who it is, and the ways to reach them at once. */
export function ContactRow({ contact: masked }: { contact: FragmentOf<typeof ContactRowFragment> }) {
  const contact = readFragment(ContactRowFragment, masked);
  return (
    <li className={`${list['row']} ${styles['contact']}`}>
      <div>
        <Link to="/people/$id" params={{ id: contact.id }} className={styles['name']}>
          {contact.contactName}
        </Link>
        <span className={list['meta']}>
          {contact.jobTitle && <span>{contact.jobTitle}</span>}
          {contact.isPrimary && (
            <span className={styles['mark']}>
              <FormattedMessage id="contact.primary" />
            </span>
          )}
          {contact.designations.map((designation) => (
            <span key={designation} className={styles['mark']}>
              <FormattedMessage id={`contact.designation.${designation}`} />
            </span>
          ))}
        </span>
      </div>
      <div className={styles['reach']}>
        {contact.phone && <a href={`tel:${contact.phone}`}>{contact.phone}</a>}
        {contact.email && <a href={`mailto:${contact.email}`}>{contact.email}</a>}
      </div>
    </li>
  );
}
