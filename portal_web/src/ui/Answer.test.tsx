import { MantineProvider } from '@mantine/core';
import { renderToStaticMarkup } from 'react-dom/server';
import { IntlProvider } from 'react-intl';
import { expect, it } from 'vitest';

import portal from '../messages/en.json';
import workspace from '../messages/workspace.en.json';
import { Answer, type AnswerState } from './Answer';

const messages = { ...portal, ...workspace };

const retry = () => {};

function drawn(state: AnswerState<string[]>): string {
  return renderToStaticMarkup(
    <MantineProvider>
      <IntlProvider locale="en" messages={messages}>
        <Answer of={state} empty={{ when: (rows) => rows.length === 0, show: <p>Nothing yet</p> }} skeleton={<p>Wait</p>}>
          {(rows) => <ul>{rows.join()}</ul>}
        </Answer>
      </IntlProvider>
    </MantineProvider>,
  ).replace(/<style.*?<\/style>/gs, '');
}

it('is busy while it loads', () => {
  expect(drawn({ is: 'loading' })).toBe('<div aria-busy="true"><p>Wait</p></div>');
});

it('is an alert with its code and another try when it failed', () => {
  const html = drawn({ is: 'failed', code: 'TIMEOUT', retry });
  expect(html).toContain('role="alert"');
  expect(html).toContain('Code TIMEOUT');
  expect(html).toContain('Try again');
});

it('says what would be here when there is nothing', () => {
  expect(drawn({ is: 'ready', data: [], refreshing: false })).toBe('<p>Nothing yet</p>');
});

it('shows what is there, and whether newer is on its way', () => {
  expect(drawn({ is: 'ready', data: ['a'], refreshing: false })).toBe('<div aria-busy="false"><ul>a</ul></div>');
  expect(drawn({ is: 'ready', data: ['a'], refreshing: true })).toContain('aria-busy="true"');
});
