import type { Action } from '../../shared/actions/action.ts';
import type { Resource } from '../../shared/model/resource.ts';
import type { ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { type Answer, empty, recordingClients } from '../aws/recorder.ts';
import { policy } from '../remediation/examples.ts';

/** Does every step of an action in turn, on clients that write their calls down. */
export const doAll = async (
  action: Action,
  facts: ResourceSnapshot,
  { dryRun = false, answer = empty }: { dryRun?: boolean; answer?: Answer } = {},
) => {
  const { clients, calls } = recordingClients(() => answer);
  const target = action.target(facts) as Resource;
  for (const step of action.steps) await step.call(clients, { target, facts, policy: policy(), dryRun, reference: 'an-attempt' });
  return calls;
};
