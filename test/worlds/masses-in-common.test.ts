import { describe, expect, test } from '@jest/globals';
import { createMassesInCommon } from '../../local/worlds/masses-in-common.ts';
import { commonReason, massReason, massScope } from '../../shared/model/mass-failure-text.ts';
import type { Place } from '../../shared/model/place.ts';

const [one, two] = [
  { account: '222222222222', region: 'us-east-1' },
  { account: '333333333333', region: 'us-east-1' },
];
const minute = 60_000;

const watch = () => {
  const objected: string[] = [];
  let now = 0;
  // The second account calls the zones by the names of the next ones.
  const zoneIdOf = ({ account }: Place, name: string) => `az${'abc'.indexOf(name.slice(-1)) + (account === two.account ? 1 : 0)}`;
  const hear = createMassesInCommon(
    () => now,
    5 * minute,
    zoneIdOf,
    (_, resource, text) => objected.push(`${resource}: ${text}`),
  );
  return {
    objected,
    told: (at: number, place: Place, reason: string) => {
      now = at * minute;
      hear({ ...place, incident: `of-${place.account}`, reason });
    },
  };
};
const own = (place: Place) => massReason(massScope('account', place, undefined), ['i-1', 'i-2'], false, 300, 'i-1, i-2');
const zonal = (...zones: string[]) =>
  commonReason(
    { of: 'zone', id: 'use1-az2' },
    [one, two].map((place, i) => ({ ...place, count: 4, more: false, zone: zones[i] ?? null })),
    600,
  );

describe('what is told of mass failures of several accounts', () => {
  test.each([
    [one, two, 4.9, ['of-333333333333: is told of by itself, as account 222222222222 was in the same region']],
    [one, two, 5, []],
    [one, { ...two, region: 'eu-west-1' }, 1, []],
    [one, one, 1, []],
  ])('is not each account’s own: %j, then %j after %f minutes', (first, second, after, objections) => {
    const { told, objected } = watch();
    told(0, first, own(first));
    told(after, second, own(second));
    expect(objected).toEqual(objections);
  });

  test.each([
    ['us-east-1b', 'us-east-1a', []],
    [
      'us-east-1a',
      'us-east-1a',
      ['of-222222222222: tells of us-east-1a of 222222222222 and us-east-1a of 333333333333 as one zone, and they are az0 and az1'],
    ],
  ])('is one zone in truth: %s and %s', (first, second, objections) => {
    const { told, objected } = watch();
    told(0, one, zonal(first, second));
    expect(objected).toEqual(objections);
  });

  test('is a region’s where it is told once', () => {
    const { told, objected } = watch();
    told(0, one, own(one));
    const places = [one, two].map((place) => ({ ...place, count: 4, more: false, zone: null }));
    told(1, two, commonReason({ of: 'region', id: 'us-east-1' }, places, 600));
    expect(objected).toEqual([]);
  });
});
