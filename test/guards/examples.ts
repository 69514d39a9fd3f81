import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { createLedger } from '../../shared/aws/ledger.ts';
import type { GuardAnswer, GuardInput } from '../../shared/guards/guard.ts';
import { unhealthy } from '../../shared/health/health.ts';
import type { EffectivePolicy } from '../../shared/policy/effective-policy.ts';
import { recordingClients } from '../aws/recorder.ts';
import { facts, incident, instanceId, noon, policy } from '../remediation/examples.ts';

/** The policy as it holds where nothing narrows it. */
export const effective = (change: Record<string, unknown> = {}): EffectivePolicy => ({
  ...policy(change),
  playbook: 'restart-instance',
  approvalByTag: false,
  command: null,
  problems: [],
});

/** An answer in a word; of a hold also whether it is worth waiting, and whether people hear of it. */
export const kindOf = async (given: GuardAnswer | Promise<GuardAnswer>): Promise<string> => {
  const answer = await given;
  if (answer.answer !== 'hold') return answer.answer;
  if (answer.quiet) return 'hold quietly';
  if (!answer.passing) return 'hold';
  return answer.unseen ? 'hold unseen' : answer.until === undefined ? 'hold for now' : 'hold until';
};

/** A ledger without a table behind it: every call is refused. */
const ledger = createLedger(recordingClients(() => new Error('a ledger that this test has no answer for')).clients.dynamodb, 'ledger');

/** What a guard is asked about a reboot of an opted-in lone instance that is broken: all say yes. */
export const guardInput = (change: Partial<GuardInput> = {}): GuardInput => ({
  incident: incident(),
  facts: facts(),
  policy: effective(),
  action: rebootInstance,
  target: { type: 'instance', id: instanceId },
  health: unhealthy('status checks: system ok, instance impaired'),
  clients: recordingClients(() => new Error('a look-up that this test has no answer for')).clients,
  ledger,
  pauses: { pauses: async () => [], noteHeldByPause: async () => {} },
  take: async () => ({ acquired: true, attempts: [] }),
  approved: false,
  held: [],
  killSwitch: { read: async () => 'on' },
  correlatedFailures: () => Promise.reject(new Error('neighbours that this test has no answer for')),
  lease: async () => ({ acquired: true, attempts: [] }),
  attempts: () => [],
  replacements: async () => [],
  now: noon,
  ...change,
});
