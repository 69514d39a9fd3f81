import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import type { GuardInput } from '../../shared/guards/guard.ts';
import { unhealthy } from '../../shared/health/health.ts';
import { facts, incident, instanceId, noon, policy } from '../incident/examples.ts';

/** What a guard is asked about a reboot of an opted-in lone instance that is broken: all say yes. */
export const guardInput = (change: Partial<GuardInput> = {}): GuardInput => ({
  incident: incident(),
  facts: facts(),
  policy: policy(),
  action: rebootInstance,
  target: { type: 'instance', id: instanceId },
  health: unhealthy('status checks: system ok, instance impaired'),
  lease: async () => ({ acquired: true, attempts: [] }),
  attempts: () => [],
  now: noon,
  ...change,
});
