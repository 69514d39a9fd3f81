import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { createLedger } from '../../shared/aws/ledger.ts';
import type { GuardInput } from '../../shared/guards/guard.ts';
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
