import { describe, expect, test } from '@jest/globals';
import { decide } from '../../shared/approvals/decide.ts';
import type { StoredApproval } from '../../shared/approvals/store.ts';
import type { Decision } from '../../shared/model/approval.ts';
import { noon } from '../remediation/examples.ts';
import { approval } from './examples.ts';

const yes: Decision = { decision: 'approve', name: 'Ana', from: '203.0.113.7', at: noon + 60_000 };
const open = (): StoredApproval => ({ approval: approval(), decision: null, delivery: null });

const setUp = (latest: StoredApproval | null) => {
  const answered: string[] = [];
  const deps = {
    store: { add: async () => {}, read: async () => latest, decide: async () => latest === null, noteNotified: async () => {} },
    completeCallback: async (callbackId: string) => {
      answered.push(callbackId);
      return 'delivered' as const;
    },
  };
  return { deps, answered };
};

describe('deciding a question', () => {
  test('answers the callback of the question that was looked at, and not of one that has taken its place', async () => {
    const replaced = { approval: approval({ callbackId: 'another' }), decision: { ...yes, at: noon }, delivery: null };
    const { deps, answered } = setUp(replaced);
    expect(await decide(open(), yes, deps)).toMatchObject({ result: 'already' });
    expect(answered).toEqual([approval().callbackId]);
  });

  test('is too late from the deadline on that its link is signed for, whatever the ledger says', async () => {
    const { deps, answered } = setUp(null);
    expect(await decide(open(), { ...yes, at: approval().expiresAt }, deps)).toEqual({ result: 'over' });
    expect(answered).toEqual([]);
    expect(await decide(open(), { ...yes, at: approval().expiresAt - 1 }, deps)).toMatchObject({ result: 'decided' });
  });
});
