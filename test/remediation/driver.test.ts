import { describe, expect, test } from '@jest/globals';
import type { ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { sdkError } from '../aws/recorder.ts';
import { drive } from './drive.ts';
import { alarm, noon, outcome } from './examples.ts';

const rings: Partial<ResourceSnapshot> = { alarm: alarm() };
const quiet: Partial<ResourceSnapshot> = { alarm: alarm({ state: 'OK' }) };
const day = 86_400_000;

describe('an incident', () => {
  test('that has ended and is told again, even weeks later, is not treated again', async () => {
    const ended = outcome({ reason: 'the first one' });
    const run = await drive({
      look: () => rings,
      start: noon + 15 * day,
      before: async (ledger, own) => {
        await ledger.open(own, noon);
        await ledger.close({ ...ended, incident: own.key });
      },
    });
    expect(run.outcome).toEqual({ ...ended, incident: run.own.key });
    expect(run.looks).toBe(0);
    expect(run.calls).toEqual([]);
    expect(run.told).toEqual([]);
  });

  test('that was opened before and has not ended is treated', async () => {
    const run = await drive({ look: () => quiet, before: (ledger, own) => ledger.open(own, noon) });
    expect(run.outcome.status).toBe('healed-itself');
  });

  test('that can not be opened is held: nothing is looked at, nothing done, and people hear of it', async () => {
    const run = await drive({
      look: () => rings,
      ledger: () => ({ open: async () => Promise.reject(sdkError('AccessDeniedException', 400)) }),
    });
    expect(run.outcome).toMatchObject({
      status: 'held',
      quiet: false,
      reason: expect.stringContaining("the ledger can't be written: AccessDenied"),
    });
    expect(run.looks).toBe(0);
    expect(run.calls.map(({ call }) => call)).not.toContain('ec2:RebootInstances');
    expect(run.told).toEqual(['metrics held', 'bus held', 'people held']);
  });

  test('that could not be opened at first is treated once it can be', async () => {
    let failures = 2;
    const run = await drive({
      look: () => quiet,
      ledger: (ledger) => ({
        open: async (own, now) => (failures-- > 0 ? Promise.reject(sdkError('InternalServerError', 500)) : ledger.open(own, now)),
      }),
    });
    expect(run.outcome.status).toBe('healed-itself');
  });

  test('is counted from its event, or from when it is heard of where AWS announces a later day', async () => {
    const late = await drive({ look: () => quiet, start: noon + 60_000 });
    expect(late.outcome).toMatchObject({ startedAt: new Date(noon).toISOString(), timeToRecoverSeconds: 90 });
    const announced = await drive({ look: () => quiet, incident: { at: noon + 14 * day } });
    expect(announced.outcome).toMatchObject({ startedAt: new Date(noon).toISOString(), timeToRecoverSeconds: 30 });
  });

  test('ends in one outcome, in the ledger and told, with its whole story', async () => {
    const run = await drive({ look: () => rings });
    expect(run.told).toEqual(['metrics escalated', 'bus escalated', 'people escalated']);
    expect((await run.ledger.read(run.own.key))?.outcome).toEqual(run.outcome);
    expect(run.texts[0]).toMatch(/^instance-unreachable on instance /);
    expect(run.texts.at(-1)).toBe(`escalated: ${run.outcome.reason}`);
    expect(run.outcome.endedAt).toBe(new Date(noon + run.seconds * 1000).toISOString());
  });
});
