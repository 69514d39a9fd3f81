import { describe, expect, test } from '@jest/globals';
import { AlteredDecisionError, sealing } from '../../shared/approvals/seal.ts';
import type { ApprovalStore, StoredApproval } from '../../shared/approvals/store.ts';
import type { Decision } from '../../shared/model/approval.ts';
import { noon } from '../remediation/examples.ts';
import { approval, keys } from './examples.ts';

const yes: Decision = { decision: 'approve', name: 'Ana', from: '203.0.113.7', at: noon + 1000 };

/** A store in memory, and what is in it for whoever may write there. */
const setUp = () => {
  const kept = new Map<string, StoredApproval>();
  const memory: ApprovalStore = {
    add: async (question) => void kept.set(question.id, { approval: question, decision: null, delivery: null }),
    read: async (id) => kept.get(id) ?? null,
    decide: async (id, decision) => {
      const stored = kept.get(id);
      if (stored) stored.decision = decision;
      return stored !== undefined;
    },
    noteNotified: async () => {},
  };
  let current = keys;
  const store = sealing(memory, async () => current);
  const rotate = (to: string) => {
    current = { current: to, previous: current.current as never };
  };
  return { store, kept, rotate };
};
const other = () => approval({ id: 'B'.repeat(22) });

describe('a decision in the ledger', () => {
  test('that was made here is read as it was made, also after the key has been rotated once', async () => {
    const { store, rotate } = setUp();
    await store.add(approval());
    expect(await store.read(approval().id)).toMatchObject({ decision: null });
    await store.decide(approval().id, yes);
    expect((await store.read(approval().id))?.decision).toEqual(yes);
    rotate('d'.repeat(64));
    expect((await store.read(approval().id))?.decision).toEqual(yes);
    rotate('e'.repeat(64));
    await expect(store.read(approval().id)).rejects.toThrow(AlteredDecisionError);
  });

  test.each<[string, Partial<Decision>]>([
    ['another answer', { decision: 'reject' }],
    ['another name', { name: 'Ben' }],
    ['no name', { name: null }],
    ['another address', { from: '203.0.113.8' }],
    ['another time', { at: noon }],
    ['no MAC', { mac: undefined as never }],
    ['a MAC of nothing', { mac: 'A'.repeat(43) }],
  ])('with %s is refused', async (_, change) => {
    const { store, kept } = setUp();
    await store.add(approval());
    await store.decide(approval().id, yes);
    const stored = kept.get(approval().id) as StoredApproval;
    stored.decision = { ...(stored.decision as Decision), ...change };
    await expect(store.read(approval().id)).rejects.toThrow(AlteredDecisionError);
  });

  test('of another question is refused', async () => {
    const { store, kept } = setUp();
    await store.add(approval());
    await store.add(other());
    await store.decide(approval().id, yes);
    (kept.get(other().id) as StoredApproval).decision = kept.get(approval().id)?.decision as Decision;
    await expect(store.read(other().id)).rejects.toThrow(AlteredDecisionError);
  });
});
