import type { Action } from '../../shared/actions/action.ts';
import type { Resource } from '../../shared/model/resource.ts';
import type { ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { type Answer, empty, recordingClients } from '../aws/recorder.ts';
import { diskPolicy, policy } from '../remediation/examples.ts';

/** What the policy has to name for some actions to do anything. */
const named = { lambda: { concurrency: { max: 40 } }, certificates: { zones: ['Z0SHOP'] }, ...diskPolicy };

const usual = (permission: string): Answer => (/^(ssm|sqs|ecs|lambda|route53):/.test(permission) ? { output: {} } : empty);

/** Does every step of an action in turn, on clients that write their calls down. */
export const doAll = async (
  action: Action,
  facts: ResourceSnapshot,
  { dryRun = false, answer }: { dryRun?: boolean; answer?: Answer } = {},
) => {
  const { clients, calls } = recordingClients((permission) => answer ?? usual(permission));
  const target = action.target(facts) as Resource;
  for (const step of action.steps) await step.call(clients, { target, facts, policy: policy(named), dryRun, reference: 'an-attempt' });
  return calls;
};

/** How each step ends where one of its calls fails, for each of its calls. */
export const failEach = async (action: Action, facts: ResourceSnapshot, error: Error): Promise<unknown[]> => {
  const ends: unknown[] = [];
  const target = action.target(facts) as Resource;
  for (const step of action.steps)
    for (let failing = 1, made = 1; made >= failing; failing++) {
      made = 0;
      const { clients } = recordingClients((permission) => (++made === failing ? error : usual(permission)));
      const end = await step.call(clients, { target, facts, policy: policy(named), dryRun: false, reference: 'an-attempt' }).then(
        () => 'done',
        (thrown: unknown) => thrown,
      );
      if (made >= failing) ends.push(end);
    }
  return ends;
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
