import * as z from 'zod';
import { once } from '../model/once.ts';
import type { Resource } from '../model/resource.ts';
import { resourceOf } from '../model/resource-id.ts';
import { anything, defineSignal, type Envelope, eventSignal, read } from './module.ts';

const schema = once(() => z.object({ 'instance-id': anything, state: z.string() }));

const idIn = (text: string): string | undefined => (text.startsWith('arn:') ? text.split(':instance/').slice(1).at(-1) : undefined);

/** The instance of an EC2 event: from its detail, else from the only ARN among its resources. */
export const instanceOf = (id: unknown, { resources }: Envelope): { subject: Resource; escalateReason: string | null } => {
  // Spot warnings have a zone and no account in their ARN (`arn:aws:ec2:us-west-2a:instance/i-…`), so it isn't valid.
  const arns = resources.flatMap((text) => idIn(text.trim()) ?? []);
  const subject = resourceOf('instance', id ?? (arns.length === 1 ? arns[0] : undefined), 'detail.instance-id');
  const escalateReason = arns.some((arn) => arn !== subject.id) ? 'the event names two different instances' : null;
  return { subject, escalateReason };
};

const quiet = new Map([
  ['pending', 'the instance is starting'],
  ['running', 'the instance is running'],
]);

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html */
export const ec2State = defineSignal({
  kind: 'ec2-state',
  facts: ['stopped', 'terminated', 'activity'],
  events: {
    source: 'aws.ec2',
    detailTypes: ['EC2 Instance State-change Notification'],
    decode: (detail, envelope) => {
      const { 'instance-id': id, state } = read(schema, detail, 'detail');
      const fact = states.get(state);
      const ignored = quiet.get(state);
      return [
        eventSignal(envelope, {
          kind: 'ec2-state',
          fact: fact ?? 'activity',
          ...instanceOf(id, envelope),
          quiet: fact === undefined ? (ignored ?? `an instance cannot have the state ${JSON.stringify(state.slice(0, 20))}`) : null,
          evidence: { state, what: `EC2 says that it is ${state}` },
        }),
      ];
    },
  },
});

/** A stop and a termination each have two states, for their beginning and end. */
const states = new Map<string, 'stopped' | 'terminated'>([
  ['stopping', 'stopped'],
  ['stopped', 'stopped'],
  ['shutting-down', 'terminated'],
  ['terminated', 'terminated'],
]);
