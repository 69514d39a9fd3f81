import { randomBytes } from 'node:crypto';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { readEach } from '../../../shared/failures/read.ts';
import { formatDuration } from '../../../shared/model/duration.ts';
import { errorName } from '../../../shared/model/errors.ts';
import { openIncident } from '../../../shared/model/incident.ts';
import { broken, type Check, ok } from '../check.ts';
import type { Subject } from '../subject.ts';

/** Longer than intake takes from a cold start, and as long as it may. In milliseconds. */
const mostMs = 10_000;

/** What EC2 says of an instance that has come up; there is none of this id, which begins as EC2's own do not. */
export const harmlessEvent = ({ account, partition, region }: Pick<Subject, 'account' | 'partition' | 'region'>, at: number): object => {
  const id = `i-d0c${randomBytes(7).toString('hex')}`;
  return {
    version: '0',
    id: `selfheal-doctor-${id}`,
    'detail-type': 'EC2 Instance State-change Notification',
    source: 'aws.ec2',
    account,
    time: new Date(at).toISOString(),
    region,
    resources: [`arn:${partition}:ec2:${region}:${account}:instance/${id}`],
    detail: { 'instance-id': id, state: 'running' },
  };
};

/** Whether the very code that intake runs makes no incident of an event. Rules of a policy are about alarms alone. */
export const isHarmless = (event: unknown, home: { account: string; region: string }): boolean => {
  const parts = [...readEach(event)];
  return parts.length > 0 && parts.every((part) => 'verdict' in part && openIncident(part.verdict, home) === null);
};

type Answer = { incidents?: unknown[]; ignored?: number };

export const event: Check = {
  id: 'event',
  reads: "intake's answer to an event about an instance that doesn't exist and is well: it must leave it alone",
  permissions: ['lambda:InvokeFunction'],
  look: async (subject) => {
    const { lambda, deployment, nameOf, redeploy, wall, account, region } = subject;
    const harmless = harmlessEvent(subject, await deployment.now());
    if (!isHarmless(harmless, { account, region })) throw new Error('the event would not be harmless, and was not sent');
    const FunctionName = nameOf('intake');
    const began = wall();
    const invoked = await lambda
      .send(new InvokeCommand({ FunctionName, Payload: new TextEncoder().encode(JSON.stringify(harmless)) }))
      .catch((error: unknown) => {
        if (errorName(error) === 'ResourceNotFoundException') return `there is no function ${FunctionName}`;
        if (errorName(error) === 'TooManyRequestsException') return 'intake is throttled';
        throw error;
      });
    if (typeof invoked === 'string') return [broken(`${invoked}, so no event is heard`, redeploy)];
    const ms = wall() - began;
    const logs = `aws logs tail /aws/lambda/${FunctionName} --since 5m`;
    const text = new TextDecoder().decode(invoked.Payload);
    if (invoked.FunctionError !== undefined) return [broken(`intake fails: ${text.slice(0, 200)}`, logs)];
    const { incidents = [], ignored = 0 } = (JSON.parse(text || 'null') ?? {}) as Answer;
    if (incidents.length > 0 || ignored !== 1)
      return [broken(`intake should have left the event alone, and says ${text.slice(0, 200)}`, logs)];
    const took = ms < 1000 ? `${ms} ms` : formatDuration(ms / 1000);
    if (ms > mostMs) return [broken(`intake took ${took}`, logs)];
    return [ok(`left alone, as it should be, in ${took}`)];
  },
};
