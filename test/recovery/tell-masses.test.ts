import { describe, expect, test } from '@jest/globals';
import type { Common, MassIn } from '../../shared/model/mass-failure-text.ts';
import type { Interim } from '../../shared/ports/reporter.ts';
import { tellMasses } from '../../shared/recovery/tell-masses.ts';
import { emptyLedger } from '../aws/table.ts';
import { incident, noon, policy } from '../remediation/examples.ts';

const common: Common = { of: 'region', id: 'us-east-1' };
const minute = 60_000;
const limits = { windowMs: 5 * minute, quietMs: 10 * minute };
const mass = (n: number): MassIn => ({ account: `11111111111${n}`, region: 'us-east-1', count: 10 + n, more: false, zone: null });

const setUp = async () => {
  const ledger = await emptyLedger();
  for (const n of [1, 2, 3, 4]) {
    const own = incident({ key: `mass-${n}`, account: mass(n).account, region: 'us-east-1' });
    await ledger.open(own, noon);
    await ledger.joinMass(common, own.key, mass(n), noon, limits);
  }
  const told: Interim[] = [];
  let works = true;
  const reporter = {
    interim: async (one: Interim) => {
      if (!works) throw new Error('SNS is away');
      told.push(one);
    },
  };
  return {
    ledger,
    told,
    breaks: (broken: boolean) => {
      works = !broken;
    },
    at: (minutes: number) => tellMasses({ ledger, reporter, policy: policy({}), now: () => noon + minutes * minute }),
  };
};

describe('an update of mass failures of several accounts', () => {
  test('names all of them, once the window of the last message is over', async () => {
    const { at, told } = await setUp();
    expect(await at(4)).toBe(0);
    expect(await at(6)).toBe(1);
    expect(told).toMatchObject([
      {
        headline: 'Mass failure',
        region: 'us-east-1',
        at: new Date(noon + 6 * minute).toISOString(),
        reason:
          'mass failure in region us-east-1: 4 accounts fail within 10 min 00 s (resources of 111111111111: 11, 111111111112: 12, 111111111113: 13, 111111111114: 14), so selfheal treats no single one',
      },
    ]);
    expect(told[0]?.incident).toMatch(/^mass-[34]$/);
    for (let minutes = 8; minutes < 30; minutes += 2) expect(await at(minutes)).toBe(0);
  });

  test('that failed is tried again', async () => {
    const { at, told, breaks } = await setUp();
    breaks(true);
    await expect(at(6)).rejects.toThrow('mass failures in region us-east-1 could not be reported');
    breaks(false);
    for (let minutes = 8; minutes < 14; minutes += 2) await at(minutes);
    expect(told).toHaveLength(1);
  });

  test('of one region doesn’t wait for that of another', async () => {
    const { ledger, at, told } = await setUp();
    const other: Common = { of: 'zone', id: 'use1-az1' };
    for (const n of [1, 2, 3]) await ledger.joinMass(other, n === 3 ? 'nobody-knows-it' : `mass-${n}`, mass(n), noon, limits);
    await expect(at(6)).rejects.toThrow('mass failures in zone use1-az1 could not be reported');
    expect(told).toMatchObject([{ reason: expect.stringContaining('in region us-east-1') }]);
  });
});
