import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { Access } from '../features/access/access';
import { createJudge } from './live';

const report = { id: 'R1', title: 'October', site: { id: 'S1', name: 'Berlin Plant' } };

function access(epoch: number, nodes: Access['reports']['nodes'], id = 'U1'): { access: Access } {
  return { access: { id, epoch, tenant: null, places: [], reports: { nodes, pageInfo: { hasNextPage: false } } } };
}

function judged() {
  const log: string[] = [];
  const judge = createJudge({
    tell: (sentences) => log.push(`tell ${sentences.map(({ id }) => id).join()}`),
    beforeLoss: () => log.push('loss'),
    nextEra: (began) => log.push(began === 'rights' ? 'era' : 'stream'),
    nextLists: () => log.push('lists'),
  });
  return { log, judge: (data: unknown) => judge(data).then(() => log.push('shown')) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('tells a loss before the page may show it, and only then starts over', async () => {
  const { log, judge } = judged();
  await judge(access(1, [report]));
  const second = judge(access(2, []));
  expect(log).toEqual(['shown', 'loss', 'tell access.lost.reports.at']);
  await vi.runAllTimersAsync();
  await second;
  expect(log.slice(3)).toEqual(['shown', 'era']);
});

it('says nothing about the first push, and about one that changes nothing', async () => {
  const { log, judge } = judged();
  await judge(access(1, [report]));
  await judge(access(1, [report]));
  await vi.runAllTimersAsync();
  expect(log).toEqual(['shown', 'shown']);
});

it('starts over in silence for another person', async () => {
  const { log, judge } = judged();
  await judge(access(1, [report]));
  await judge(access(1, [], 'U2'));
  await vi.runAllTimersAsync();
  expect(log).toEqual(['shown', 'shown', 'era']);
});

it('starts over once for a loss and the nodes that are gone by it', async () => {
  const { log, judge } = judged();
  await judge(access(1, [report]));
  await judge({ changes: { __typename: 'Change', kind: 'GONE' } });
  void judge(access(2, []));
  await vi.runAllTimersAsync();
  expect(log.filter((entry) => entry === 'era')).toHaveLength(1);
  expect(log.indexOf('tell access.lost.reports.at')).toBeLessThan(log.indexOf('era'));
});

it('starts over when it may have missed something', async () => {
  const { log, judge } = judged();
  await judge({ changes: { __typename: 'Reload' } });
  await vi.runAllTimersAsync();
  expect(log).toEqual(['shown', 'era']);
});

it('starts over in patience with a stream, unless rights change at the same moment', async () => {
  const { log, judge } = judged();
  await judge({ changes: { __typename: 'Reload', reason: 'STARTED' } });
  await vi.runAllTimersAsync();
  await judge({ changes: { __typename: 'Reload', reason: 'STARTED' } });
  void judge({ changes: { __typename: 'Reload', reason: 'OFFSET_TOO_OLD' } });
  await vi.runAllTimersAsync();
  expect(log.filter((entry) => entry === 'stream' || entry === 'era')).toEqual(['stream', 'era']);
});

it('fetches lists once for many changes', async () => {
  const { log, judge } = judged();
  for (let index = 0; index < 50; index += 1) void judge({ changes: { __typename: 'Change', kind: 'UPDATED' } });
  await vi.runAllTimersAsync();
  expect(log.filter((entry) => entry === 'lists')).toHaveLength(1);
});
