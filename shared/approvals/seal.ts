import type { Decision } from '../model/approval.ts';
import { SelfhealError } from '../model/errors.ts';
import type { SigningKeys } from './keys.ts';
import { isMacOf, macOf } from './mac.ts';
import type { ApprovalStore } from './store.ts';

/** A decision in the ledger was added or changed by someone without the key. */
export class AlteredDecisionError extends SelfhealError {
  override readonly name = 'AlteredDecision';
  constructor() {
    super('the decision in the ledger is not the one that was made');
  }
}

/** The id is derived from the callback, so it stands for it. */
const partsOf = (id: string, { decision, name, from, at }: Decision) => ['selfheal decision 1', id, decision, name, from, at] as const;

/**
 * A store that seals decisions with a MAC. A recorded decision is passed on when anyone opens the link, so it must not be possible to write
 * one without the key.
 * @throws {AlteredDecisionError} when reading a decision without a valid MAC
 */
export const sealing = (store: ApprovalStore, keys: () => Promise<SigningKeys>): ApprovalStore => ({
  ...store,
  decide: async (id, decision) => store.decide(id, { ...decision, mac: macOf(partsOf(id, decision), (await keys()).current) }),
  read: async (id) => {
    const stored = await store.read(id);
    if (!stored?.decision) return stored;
    const { mac = '', ...decision } = stored.decision;
    if (!isMacOf(mac, partsOf(id, decision), await keys())) throw new AlteredDecisionError();
    return { ...stored, decision };
  },
});
