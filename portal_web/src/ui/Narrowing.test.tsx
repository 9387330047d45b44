import { MantineProvider } from '@mantine/core';
import { renderToStaticMarkup } from 'react-dom/server';
import { IntlProvider } from 'react-intl';
import { expect, it } from 'vitest';

import portal from '../messages/en.json';
import workspace from '../messages/workspace.en.json';
import { Narrowing } from './Narrowing';

const messages = { ...portal, ...workspace };

function drawn(longer: boolean): string {
  return renderToStaticMarkup(
    <MantineProvider>
      <IntlProvider locale="en" messages={messages}>
        <Narrowing label="sites.search" longer={longer} onSearch={() => {}} />
      </IntlProvider>
    </MantineProvider>,
  ).replace(/<style.*?<\/style>/gs, '');
}

it('asks for nothing where everything is shown', () => {
  expect(drawn(false)).toBe('');
});

it('is a search where there is more than is shown', () => {
  expect(drawn(true)).toContain('type="search"');
  expect(drawn(true)).toContain('Find a site');
});
