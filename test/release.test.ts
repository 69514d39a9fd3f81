import { describe, expect, test } from '@jest/globals';
import { judgeRelease, type ReleaseFacts } from '../shared/model/release.ts';
import { former, noon, release } from './remediation/examples.ts';

const minute = 60_000;
const judge = (change: Partial<ReleaseFacts> = {}, failedAt = noon) => judgeRelease(release(change), { failedAt, within: '1h' });

describe('a release', () => {
  test('is to blame if it fails from the start, and what served before it did not', () => {
    expect(judge()).toEqual({
      toBlame: true,
      older: 'version 3',
      because: '3000 of 6000 requests of version 4 (50 %) failed, and 0 of 6000 requests of version 3 (0 %) before it',
    });
  });

  test.each<[string, Partial<ReleaseFacts>, number, RegExp]>([
    ['serves since before all evidence', { since: null, before: [] }, noon, /has served for more than/],
    ['serves since after the failure', { since: noon + minute }, noon, /after the failure/],
    ['had served for too long', { since: noon - 61 * minute }, noon, /had served for/],
    ['came after several', { before: [former(), former({ name: 'version 2' })] }, noon, /version 3 and version 2/],
    ['came after a newer one', { before: [former({ later: true })] }, noon, /go forwards/],
    ['came after one that is deleted', { before: [former({ gone: true })] }, noon, /is deleted/],
    ['has less than 95 % of the errors', { errors: 3200 }, noon, /200 of 3200 errors/],
    ['came after one that failed as well', { before: [former({ errors: 600 })] }, noon, /the cause is elsewhere/],
    ['came after one that failed at last', { before: [former({ last: { requests: 1200, errors: 120 } })] }, noon, /the cause is elsewhere/],
    ['was well at first', { first: { requests: 600, errors: 200 } }, noon, /began later/],
  ])('that %s is not to blame', (_, change, failedAt, because) => {
    const verdict = judge(change, failedAt);
    expect(verdict).toMatchObject({ toBlame: false, because: expect.stringMatching(because) });
    expect(verdict).not.toHaveProperty('unseen');
  });

  test.each<[string, Partial<ReleaseFacts>]>([
    ['nothing served before', { before: [] }],
    ['it has had few requests', { newer: { name: 'version 4', requests: 9, errors: 9 }, errors: 9 }],
    ['it has had few errors', { newer: { name: 'version 4', requests: 100, errors: 2 }, errors: 2 }],
    ['what served before had few requests', { before: [former({ requests: 9 })] }],
    ['its first requests were few', { first: { requests: 29, errors: 15 } }],
  ])('is not judged where %s', (_, change) => {
    expect(judge(change)).toMatchObject({ toBlame: false, unseen: true });
  });

  test('is not judged without evidence', () => {
    expect(judgeRelease({ unread: 'no metrics' }, { failedAt: noon, within: 3600 })).toEqual({
      toBlame: false,
      because: 'no metrics',
      unseen: true,
    });
  });
});
