import { attempt } from '../aws/call.ts';
import type { Approval } from '../model/approval.ts';
import type { Desk } from '../notifications/channels/channel.ts';
import { channels } from '../notifications/channels/index.ts';
import type { Reporter } from '../ports/reporter.ts';
import { approvalId, approvalOf } from './approval.ts';
import { answerOf } from './decide.ts';
import type { SigningKeys } from './keys.ts';
import { linkTo } from './link.ts';
import { sealing } from './seal.ts';
import type { ApprovalStore } from './store.ts';

type RequesterDeps = Desk & {
  /** The address of the approval page, with a trailing slash. */
  page: string;
  keys: () => Promise<SigningKeys>;
  store: ApprovalStore;
  /** What is known of such an action, in a sentence; null where nothing is. People are asked without it if it can't be read in time. */
  experience?: (asked: Pick<Approval, 'failure' | 'action' | 'resource'>) => Promise<string | null>;
};

/**
 * Asks for approval by a signed link: stores the request, then sends it through each channel that asks. Idempotent: after a crash the
 * request and its link stay the same.
 * @throws whatever the SDK throws, or {Error} if the request would not reach anyone
 */
export const createApprovalRequester = ({ page, keys, store, experience, ...desk }: RequesterDeps): Reporter['requestApproval'] => {
  const open = channels.flatMap(({ essential, questions }) => {
    const opened = questions?.open(desk) ?? null;
    return opened === null ? [] : [{ essential, ...opened }];
  });
  const [asking, besides] = [open.filter(({ essential }) => essential), open.filter(({ essential }) => !essential)];
  return async (request, repeat = false) => {
    for (const { check } of asking) await check?.();
    const approval = approvalOf(request, page);
    await store.add(approval);
    const link = linkTo(approval, (await keys()).current);
    // Not part of what is signed and stored: it may be another after a crash.
    const known = experience ? await attempt(() => experience(approval)) : null;
    const asked = { ...approval, ...(known?.ok && known.value !== null ? { experience: known.value } : {}) };
    for (const { question } of asking) await question(asked, link, repeat);
    // People have been asked, so a failure with another channel must not repeat it.
    for (const { question } of besides) await attempt(() => question(asked, link, repeat));
  };
};

/**
 * Reads the decision from the ledger, where it is recorded first.
 * @throws whatever the ledger throws, or {AlteredDecisionError} if the record was not made on the page
 */
export const createDecided =
  ({ store, keys }: Pick<RequesterDeps, 'store' | 'keys'>): NonNullable<Reporter['decided']> =>
  async (callbackId) => {
    const { decision = null } = (await sealing(store, keys).read(approvalId(callbackId))) ?? {};
    return decision && answerOf(decision);
  };
