import { describe, expect, test } from '@jest/globals';
import { scaledTo, whyNoRollback } from '../../shared/model/container-service.ts';
import { containerService, noon } from '../remediation/examples.ts';

const cause = { at: noon, within: 3600 };

describe('a deployment is to blame', () => {
  test.each<[string, Parameters<typeof containerService>[0]]>([
    ['while all failed tasks are of it', {}],
    ['while nearly all are', { failed: { newer: 99, others: 1 } }],
  ])('%s', (_, change) => {
    expect(whyNoRollback(containerService(change), cause)).toBeNull();
  });

  test.each<[string, Parameters<typeof containerService>[0], string]>([
    ['began after the failure', { deployment: { startedAt: noon + 1000 } }, 'after the failure'],
    ['began long before', { deployment: { startedAt: noon - 3_700_000 } }, 'before the failure'],
    ['has several sources, or none', { deployment: { source: null } }, 'exactly one'],
    ['brought nothing new', { deployment: { source: 'checkout:2' } }, 'nothing new'],
    ['went back itself', { deployment: { target: 'checkout:1', source: 'checkout:2' } }, 'went back'],
    ['came from another family', { deployment: { source: 'cart:1' } }, 'another family'],
    ['is of no revision', { deployment: { target: '' } }, 'no revision'],
    ['was rolled back', { deployment: { rolledBack: true } }, 'rolled back already'],
    ['is being stopped', { deployment: { status: 'STOP_REQUESTED' } }, 'STOP_REQUESTED'],
    ['has one failed task', { failed: { newer: 1 } }, '1 tasks'],
    ['shares its failures with others', { failed: { newer: 9, others: 1 } }, 'the cause is elsewhere'],
    ['lacks what no revision brings', { failed: { elsewhere: 6 } }, 'could not reach'],
    ['has stopped tasks that are unknown', { failed: null }, 'unknown'],
  ])('not where it %s', (_, change, why) => {
    expect(whyNoRollback(containerService(change), cause)).toContain(why);
  });

  test('not where there is none', () => {
    expect(whyNoRollback({ ...containerService(), deployment: null }, cause)).toContain('no deployment');
  });
});

test.each([
  [4, 8, 0.5, 6],
  [1, 8, 0.1, 2],
  [8, 8, 0.5, 8],
  [9, 8, 0.5, 9],
])('%s tasks of at most %s, and a share of %s more, are %s', (desired, max, share, wanted) => {
  expect(scaledTo(containerService({ desired, scaling: { max, policies: [], suspended: false } }), share)).toBe(wanted);
});
