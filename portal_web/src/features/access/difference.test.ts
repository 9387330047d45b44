import { createIntl } from 'react-intl';
import { describe, expect, it } from 'vitest';

import portal from '../../messages/en.json';
import workspace from '../../messages/workspace.en.json';
import type { Access, Place, VisibleReport } from './access';
import { difference } from './difference';

const messages = { ...portal, ...workspace };

const acme = { id: 'O1', shortName: 'Acme' };
const berlin = { id: 'S1', name: 'Berlin Plant' };
const lyon = { id: 'S2', name: 'Lyon Depot' };
const turin = { id: 'S3', name: 'Turin Yard' };

const at = (site: typeof berlin, ...permissions: Place['permissions']): Place => ({
  organization: acme,
  site,
  permissions,
});
const whole = (...permissions: Place['permissions']): Place => ({ organization: acme, site: null, permissions });
const report = (id: string, site = berlin): VisibleReport => ({ id, title: `Report ${id}`, site });

function access(places: Place[], nodes: VisibleReport[], hasNextPage = false): Access {
  const tenant = { id: 'T1', name: 'Northgate' };
  return { id: 'U1', epoch: 1, tenant, places, reports: { nodes, pageInfo: { hasNextPage } } };
}

function told(before: Access, after: Access): string {
  const intl = createIntl({ locale: 'en', messages });
  return difference(before, after)
    .sentences.map(({ id, values }) => intl.formatMessage({ id }, values))
    .join(' ');
}

const reports = [report('1'), report('2'), report('3', lyon)];

describe('what is lost', () => {
  it('is told by the site when all its reports went', () => {
    const before = access([whole('VIEW_JOBS')], reports);
    const after = access([whole('VIEW_JOBS')], [report('3', lyon)]);
    expect(told(before, after)).toBe('Reports at Berlin Plant are no longer available to you.');
    expect(difference(before, after)).toMatchObject({ changed: true, lost: true });
  });

  it('is told by its title when one of several went', () => {
    const places = [whole('VIEW_JOBS')];
    expect(told(access(places, reports), access(places, reports.slice(1)))).toBe(
      'The report “Report 1” at Berlin Plant is no longer available to you.',
    );
  });

  it('is told in general when some of several went, or from many sites', () => {
    const places = [whole('VIEW_JOBS')];
    const four = [...reports, report('4')];
    expect(told(access(places, four), access(places, four.slice(2)))).toBe(
      'Some reports at Berlin Plant are no longer available to you.',
    );
    const three = [report('1'), report('2', lyon), report('3', turin)];
    expect(told(access(places, three), access(places, []))).toBe('Reports at several sites are no longer available to you.');
  });

  it('is told by the place when nothing else covers it', () => {
    const before = access([at(berlin, 'VIEW_INCIDENT_REPORTS'), at(lyon, 'VIEW_JOBS')], reports);
    expect(told(before, access([at(lyon, 'VIEW_JOBS')], [report('3', lyon)]))).toBe(
      'Berlin Plant is no longer available to you.',
    );
  });

  it('is not the place when a wider grant still covers it', () => {
    const before = access([whole('VIEW_JOBS'), at(berlin, 'VIEW_INCIDENT_REPORTS')], reports);
    const after = access([whole('VIEW_JOBS')], [report('3', lyon)]);
    expect(told(before, after)).toBe('Reports at Berlin Plant are no longer available to you.');
  });

  it('is not what a new report pushed out of the first page', () => {
    const places = [whole('VIEW_JOBS')];
    const before = access(places, [report('1'), report('2')], true);
    const after = access(places, [report('new'), report('1')], true);
    expect(told(before, after)).toBe('The report “Report new” at Berlin Plant is now available to you.');
    expect(difference(before, after).lost).toBe(false);
  });
});

describe('what is given', () => {
  it('is told by its title, or by its site', () => {
    const places = [whole('VIEW_JOBS')];
    expect(told(access(places, []), access(places, [report('1')]))).toBe(
      'The report “Report 1” at Berlin Plant is now available to you.',
    );
    expect(told(access(places, []), access(places, [report('1'), report('2')]))).toBe(
      'New reports at Berlin Plant are now available to you.',
    );
  });

  it('is told by the place, once', () => {
    expect(told(access([], []), access([at(berlin, 'VIEW_ACTIVITY_REPORTS')], [report('1')]))).toBe(
      'Berlin Plant is now available to you.',
    );
  });

  it('is not what moved up into the first page', () => {
    const places = [whole('VIEW_JOBS')];
    const before = access(places, [report('1'), report('2')], true);
    expect(difference(before, access(places, [report('2'), report('9')], true)).sentences).toHaveLength(1);
  });
});

describe('a right without a report', () => {
  it('is told by its place', () => {
    const before = access([at(berlin, 'VIEW_JOBS', 'VIEW_JOB_COST')], []);
    const after = access([at(berlin, 'VIEW_JOBS')], []);
    expect(told(before, after)).toBe('What you may see at Berlin Plant has changed.');
    expect(difference(before, after).lost).toBe(true);
    expect(difference(after, before).lost).toBe(false);
  });
});

it('says nothing and changes nothing when nothing changed', () => {
  const same = access([whole('VIEW_JOBS')], reports);
  expect(difference(same, same)).toEqual({ changed: false, lost: false, sentences: [] });
  expect(difference(same, { ...same, epoch: 2 })).toEqual({ changed: true, lost: false, sentences: [] });
});
