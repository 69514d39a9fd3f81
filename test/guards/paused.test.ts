import { describe, expect, test } from '@jest/globals';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import { paused } from '../../shared/guards/paused.ts';
import { healthy, unhealthy } from '../../shared/health/health.ts';
import { afterPauseKey, type Pause } from '../../shared/model/pause.ts';
import { sdkError } from '../aws/recorder.ts';
import { groupName, incident, instanceId, memberFacts, noon } from '../remediation/examples.ts';
import { guardInput } from './examples.ts';

const pause = (change: Partial<Pause> = {}): Pause => ({
  resource: { type: null, id: instanceId },
  until: Date.parse('2026-11-21T09:41:00Z'),
  at: noon,
  by: 'arn:aws:sts::111122223333:assumed-role/admin/alice',
  because: 'it is being moved',
  held: 0,
  last: null,
  ...change,
});

const under = (...pauses: Pause[]) => {
  const held: string[] = [];
  const noteHeldByPause = async (_: Pause, key: string) => void held.push(key);
  return { held, input: guardInput({ pauses: { pauses: async () => pauses, noteHeldByPause } }) };
};

describe('paused', () => {
  test('is a quiet hold that is counted', async () => {
    const { held, input } = under(pause());
    expect(await paused.check(input)).toEqual({
      answer: 'hold',
      reason: 'paused until 2026-11-21 09:41 UTC by admin/alice because it is being moved',
      quiet: true,
    });
    expect(held).toEqual([incident().key]);
  });

  test('does not answer before that is counted', async () => {
    const pauses = { pauses: async () => [pause()], noteHeldByPause: () => Promise.reject(sdkError('InternalServerError', 500)) };
    await expect(paused.check(guardInput({ pauses }))).rejects.toThrow('words');
  });

  test.each([
    ['of another resource', pause({ resource: { type: null, id: 'i-0000000000000000a' } })],
    ['of another type with this id', pause({ resource: { type: 'group', id: instanceId } })],
    ['that is over', pause({ until: noon })],
    ['of another account', pause({ account: '999999999999' })],
    ['of another region', pause({ account: incident().account, region: 'eu-north-1' })],
  ])('lets go what has a pause %s', async (_, other) => {
    const { held, input } = under(other);
    expect(await paused.check(input)).toEqual({ answer: 'pass' });
    expect(held).toEqual([]);
  });

  test.each([{ account: incident().account }, { region: incident().region }, { account: incident().account, region: incident().region }])(
    'holds what is in its place: %j',
    async (place) => {
      expect(await paused.check(under(pause(place)).input)).toMatchObject({ answer: 'hold', quiet: true });
    },
  );

  test("covers the members of a group's pause", async () => {
    const { input } = under(pause({ resource: { type: 'group', id: groupName } }));
    expect(await paused.check({ ...input, facts: memberFacts() })).toMatchObject({ answer: 'hold', quiet: true });
    expect(await paused.check(input)).toEqual({ answer: 'pass' });
  });

  test('is a loud hold once it is over, if it still fails', async () => {
    const about = incident();
    const after = { ...about, evidence: { ...about.evidence, [afterPauseKey]: 'the pause by admin/alice' } };
    const { input } = under();
    expect(await paused.check({ ...input, incident: after, health: unhealthy('x') })).toEqual({
      answer: 'hold',
      reason: 'the pause by admin/alice is over, and it still fails',
    });
    expect(await paused.check({ ...input, incident: after, health: healthy('x') })).toEqual({ answer: 'pass' });
  });

  test.each([
    ['may not be read', sdkError('AccessDeniedException', 400), false],
    ['take too long to read', sdkError('TimeoutError'), true],
  ])('is a hold where pauses %s', async (_, error, passing) => {
    const pauses = { pauses: () => Promise.reject(error), noteHeldByPause: async () => {} };
    expect(await evaluateGuards([paused], guardInput({ pauses }))).toMatchObject({ answer: 'hold', passing });
  });
});
