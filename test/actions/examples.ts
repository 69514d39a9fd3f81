import type { Action } from '../../shared/actions/action.ts';
import type { Resource } from '../../shared/model/resource.ts';
import type { ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { type Answer, empty, recordingClients } from '../aws/recorder.ts';
import { diskPolicy, policy } from '../remediation/examples.ts';

/** What the policy has to name for some actions to do anything. */
const named = { lambda: { concurrency: { max: 40 } }, certificates: { zones: ['Z0SHOP'] }, ...diskPolicy };

/** Does every step of an action in turn, on clients that write their calls down. */
export const doAll = async (
  action: Action,
  facts: ResourceSnapshot,
  { dryRun = false, answer }: { dryRun?: boolean; answer?: Answer } = {},
) => {
  const { clients, calls } = recordingClients(
    (permission) => answer ?? (/^(ssm|sqs|ecs|lambda|route53):/.test(permission) ? { output: {} } : empty),
  );
  const target = action.target(facts) as Resource;
  for (const step of action.steps) await step.call(clients, { target, facts, policy: policy(named), dryRun, reference: 'an-attempt' });
  return calls;
};

/** Follows what each step of an action has started to its end, and cancels it. */
export const followAll = async (action: Action, facts: ResourceSnapshot) => {
  const moving = { Status: 'RUNNING', MaxNumberOfMessagesPerSecond: 1, TaskHandle: 'task', StartedTimestamp: 1 };
  const ended = { CommandId: 'c', Status: 'Success', Comment: 'selfheal an-attempt' };
  const { clients, calls } = recordingClients(() => ({ output: { CommandInvocations: [ended], Results: [moving] } }));
  const target = action.target(facts) as Resource;
  for (const { follow } of action.steps) {
    const input = { target, facts, policy: policy(), reference: 'an-attempt' };
    const found = await follow?.find(clients, { ...input, since: 0 });
    if (found) await follow?.cancel(clients, input, found.id);
  }
  return calls;
};
