import { describe, expect, test } from '@jest/globals';
import { classify } from '../../shared/failures/classify.ts';
import { noRules } from '../../shared/model/classification-rules.ts';
import { decode } from '../../shared/signals/decode.ts';
import { type MissedBeat, missedBeatSignal } from '../../shared/signals/heartbeat.ts';

const home = { account: '111122223333', region: 'us-gov-west-1' };
const at = (text: string): number => Date.parse(text);
const missed = (change: Partial<MissedBeat> = {}) =>
  missedBeatSignal(
    {
      name: 'export',
      due: at('2026-03-03T02:00:00Z'),
      lastAt: at('2026-03-02T02:04:00Z'),
      since: at('2026-03-01T00:00:00Z'),
      grace: '1h',
      subject: { type: 'instance', id: 'i-0aa11bb22cc33dd44' },
      runbook: undefined,
      escalateReason: null,
      ...change,
    },
    home,
  );
const remedies = { ...noRules, remedies: { 'application-down': 'restart-instance' } } as const;

describe('a heartbeat', () => {
  test('that comes by the bus is no failure', () => {
    const event = {
      source: 'selfheal.beat',
      'detail-type': 'selfheal beat',
      time: '2026-03-02T02:04:00Z',
      detail: { name: 'export' },
      ...home,
    };
    const { signals } = decode(event);
    expect(signals).toMatchObject([
      { kind: 'heartbeat', fact: 'beat', quiet: 'a beat of export', subject: { type: 'heartbeat', id: 'export' } },
    ]);
    expect(signals.map((signal) => classify(signal, remedies).disposition)).toEqual(['ignore']);
  });

  test.each([{}, { name: 'No!' }, { name: 'x'.repeat(65) }, null])('without a name that can be one is rejected: %j', (detail) => {
    const { signals, rejected } = decode({ source: 'selfheal.beat', 'detail-type': 'selfheal beat', time: '2026-03-02T02:04:00Z', detail });
    expect([signals.length, rejected.length]).toEqual([0, 1]);
  });

  test('that claims in an event to be missed is no failure', () => {
    const event = {
      source: 'selfheal.beat',
      'detail-type': 'selfheal beat missed',
      time: '2026-03-02T02:04:00Z',
      detail: { name: 'export' },
    };
    expect(decode(event).signals.map((signal) => classify(signal, remedies).disposition)).toEqual(['ignore']);
  });

  test('that is missed is an application that is down, on what should have sent it', () => {
    expect(classify(missed(), remedies)).toMatchObject({
      failure: 'application-down',
      disposition: 'remediate',
      playbook: 'restart-instance',
      resource: { type: 'instance', id: 'i-0aa11bb22cc33dd44' },
      at: at('2026-03-03T02:00:00Z'),
      ...home,
      partition: 'aws-us-gov',
      evidence: { beat: 'export', lastSeen: '2026-03-02T02:04:00.000Z' },
    });
    expect(missed({ subject: null }).subject).toEqual({ type: 'heartbeat', id: 'export' });
  });

  test('that never came leads to no action, and neither does one that may have been lost', () => {
    for (const change of [{ lastAt: null }, { escalateReason: 'selfheal took no notice' }])
      expect(classify(missed(change), remedies)).toMatchObject({ disposition: 'escalate', playbook: null });
    expect(missed({ lastAt: null }).evidence).toMatchObject({ lastSeen: 'never', what: expect.stringContaining('has never sent a beat') });
  });
});
