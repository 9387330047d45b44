import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { Icon } from '../../ui/Icon';
import { PageHeading } from '../../ui/PageHeading';
import page from '../../ui/page.module.css';

interface RoomProps {
  /** The page's name, as in the window's title. */
  title: string;
  over?: ReactNode;
  lead?: ReactNode;
  /** Where one comes from. */
  back?: { to: '/access' | '/access/partners'; name: ReactNode };
  /** What can be done here, beside the heading. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A page of the workspace: its heading, what can be done, and what there is. */
export function Room({ title, over, lead, back, actions, children }: RoomProps) {
  return (
    <div className={page['page']}>
      <div className={page['topped']}>
        <header className={page['head']}>
          {back && (
            <Link to={back.to} className={page['back']}>
              <Icon name="back" />
              {back.name}
            </Link>
          )}
          <PageHeading title={title} over={over}>
            {title}
          </PageHeading>
          {lead && <p className={page['lead']}>{lead}</p>}
        </header>
        {actions}
      </div>
      {children}
    </div>
  );
}
