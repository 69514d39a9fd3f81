import { describe, expect, test } from '@jest/globals';
import { failureIds } from '../../shared/model/failure-id.ts';
import { massReason } from '../../shared/model/mass-failure-text.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { statuses } from '../../shared/model/status.ts';
import { chatOf } from '../../shared/notifications/chat.ts';
import { textOf } from '../../shared/notifications/message.ts';
import { whatNow } from '../../shared/notifications/what-now.ts';
import { outcome } from '../remediation/examples.ts';

const heldBy = (guard: string): Partial<Outcome> => ({
  status: 'held',
  timeline: [{ at: '2026-11-20T12:00:00.000Z', phase: 'guard', text: '', answers: [{ guard, answer: 'hold', reason: 'x' }] }],
});

describe('what now', () => {
  test('is one line for everything that needs a person, and none for what is well', () => {
    for (const status of statuses)
      for (const failure of failureIds) {
        const told = outcome({ status, failure });
        const now = whatNow(told);
        if (status === 'healed' || status === 'healed-itself') {
          expect(now).toBeNull();
          expect(textOf(told)).not.toContain('What now');
          continue;
        }
        expect(now).toMatch(/^[A-Z][ -~]{20,180}\.$/);
        expect(textOf(told)).toContain(`\nWhat now: ${now}\n`);
        expect(chatOf(told).content.nextSteps[0]).toHaveLength(now?.length ?? 0);
      }
  });

  test.each([
    [{ status: 'escalated', reason: 'STOPPED by selfheal: i-1 is stopped' }, /^Start the instance by hand now/],
    [{ status: 'failed', reason: 'TERMINATED by selfheal: i-1 of group web' }, /no successor/],
    [{ status: 'escalated', reason: 'selfheal lacks ec2:RebootInstances: no' }, /permission/],
    [{ status: 'held', reason: massReason('account 1/us-east-1', ['i-1'], false, 300, 'i-1') }, /common cause/],
    [{ status: 'failed' }, /half done/],
    [{ status: 'dry-run' }, /Nothing was changed/],
    [heldBy('kill-switch'), /set the kill switch to on/],
    [heldBy('disruption-budget'), /system log/],
  ] as const)('goes by what matters most: %j', (change, expected) => {
    expect(whatNow(outcome(change as Partial<Outcome>))).toMatch(expected);
  });
});
