import { describe, expect, test } from '@jest/globals';
import { percentile, shareOf } from '../../shared/digest/interval.ts';
import { learn } from '../../shared/digest/learn.ts';
import { experienceOf } from '../../shared/digest/lessons.ts';
import { tellRow } from '../../shared/digest/tell.ts';
import { noon } from '../remediation/examples.ts';
import { pastItem, pastOf } from './past.ts';

const hour = 3_600_000;
const day = 24 * hour;
const reboot = { action: 'reboot-instance', attempt: 1, at: '2026-11-20T12:01:00.000Z', result: 'done' };
const restart = { ...reboot, action: 'stop-start-instance' };

test.each([
  [0, 10, 0, 0.2775],
  [10, 10, 0.7225, 1],
  [34, 37, 0.787, 0.972],
  [1, 2, 0.0945, 0.9055],
  [0, 0, 0, 1],
])("Wilson's interval of %d of %d is %d to %d", (times, of, low, high) => {
  const share = shareOf(times, of);
  expect(share).toMatchObject({ times, of });
  expect(share.low).toBeCloseTo(low, 3);
  expect(share.high).toBeCloseTo(high, 3);
});

test('a percentile is one of the values', () => {
  const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  expect([percentile(values, 0.5), percentile(values, 0.9), percentile([7], 0.9), percentile([], 0.5)]).toEqual([5, 9, 7, 0]);
});

const rowsOf = async (items: Parameters<typeof pastOf>[0]) => (await learn(pastOf(items), noon)).rows;
const counts = (rows: Awaited<ReturnType<typeof rowsOf>>) =>
  rows.map(({ step, helped, lastedDay, lastedWeek }) => [
    step,
    ...[helped, lastedDay, lastedWeek].map(({ times, of }) => `${times}/${of}`),
  ]);

describe('of a step it is known', () => {
  const healed = (key: string, ago: number, change = {}) => pastItem(key, noon - ago, noon - ago + hour, change);

  test.each<[string, Parameters<typeof pastOf>[0], string[][]]>([
    ['that it helped, and nothing yet of how long it lasts', [healed('a', 2 * hour)], [['reboot-instance', '1/1', '0/0', '0/0']]],
    ['that it lasted a day', [healed('a', 2 * day)], [['reboot-instance', '1/1', '1/1', '0/0']]],
    [
      'that it lasted a day and no week, as the resource failed again',
      [healed('a', 10 * day), healed('b', 5 * day)],
      [['reboot-instance', '2/2', '2/2', '0/1']],
    ],
    [
      'that it did not last a day: one that is open is a return',
      [healed('a', 9 * day), pastItem('b', noon - 9 * day + 20 * hour, null)],
      [['reboot-instance', '1/1', '0/1', '0/1']],
    ],
    [
      'that another resource, another class, what was opened meanwhile and what healed by itself are no return',
      [
        healed('a', 9 * day),
        healed('b', 9 * day - 2 * hour, { resource: { type: 'instance', id: 'i-2' } }),
        healed('c', 9 * day - 3 * hour, { failure: 'disk-full', actions: [] }),
        pastItem('d', noon - 9 * day + hour / 2, noon - 8 * day, { status: 'held', actions: [] }),
        pastItem('e', noon - 8.5 * day, noon - 8 * day, { status: 'healed-itself', actions: [] }),
      ],
      [['reboot-instance', '2/2', '2/2', '2/2']],
    ],
    [
      'that only the last step helped, each counted once however often it was tried',
      [healed('a', 2 * day, { actions: [reboot, reboot, restart, restart] })],
      [
        ['reboot-instance', '0/1', '0/0', '0/0'],
        ['stop-start-instance', '1/1', '1/1', '0/0'],
      ],
    ],
    [
      'that it did not help where a person was needed',
      [healed('a', 2 * day, { status: 'escalated' })],
      [['reboot-instance', '0/1', '0/0', '0/0']],
    ],
    [
      'nothing where it was refused, rehearsed, or selfheal itself failed',
      [
        healed('a', 2 * day, { actions: [{ ...reboot, result: 'refused: X' }] }),
        healed('b', 3 * day, { status: 'dry-run', actions: [{ ...reboot, result: 'would' }] }),
        healed('c', 4 * day, { status: 'failed' }),
      ],
      [],
    ],
  ])('%s', async (_, items, expected) => {
    expect(counts(await rowsOf(items))).toEqual(expected);
  });

  test('of the newest incidents alone, where there are more, and that some could not be read', async () => {
    const items = Array.from({ length: 9 }, (_, n) => healed(`k${n}`, (n + 1) * day));
    const [broken] = [{ ...healed('x', hour), outcome: '{' }];
    const learned = await learn(pastOf([...items, broken]), noon, 5);
    expect(learned).toMatchObject({ incidents: 5, unread: 1, cut: true, from: new Date(noon - 5 * day).toISOString() });
    expect(await learn(pastOf(items), noon, 9)).toMatchObject({ incidents: 9, unread: 0, cut: false });
  });
});

test('it is told in one sentence, for the step that is asked about', async () => {
  const items = Array.from({ length: 12 }, (_, n) =>
    pastItem(`k${n}`, noon - (3 * n + 2) * day, noon - (3 * n + 2) * day + hour, n < 2 ? { status: 'escalated' } : {}),
  );
  const text = JSON.stringify(await learn(pastOf(items), noon));
  const experience = (text: string | null, step = 'reboot-instance') =>
    experienceOf({ learned: async () => text }, { failure: 'instance-unreachable', step, resource: 'instance' });
  expect(await experience(text)).toBe(
    'instance-unreachable: reboot-instance on a resource of type instance helped in 10 of 12 (83 %, 55 to 95); lasted a day in 10 of 10 (100 %, 72 to 100); lasted a week in 0 of 10 (0 %, 0 to 28). Counted on 2026-11-20, from at most 90 days',
  );
  expect(await experience(text, 'replace-member')).toBeNull();
  for (const other of [null, '', '{"rows":[', JSON.stringify({ ...JSON.parse(text), rows: [{ step: '<a href=x>' }] })])
    expect(await experience(other)).toBeNull();
  expect(tellRow({ ...JSON.parse(text).rows[0], lastedDay: shareOf(0, 0) })).not.toContain('a day');
});
