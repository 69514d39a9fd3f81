import { DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2';
import type { Host } from '../testbed/host.ts';

/** The true state of an instance or a group that a scenario may expect. */
export type ResourceState = {
  state: string | null;
  /** Its public address when the fleet stood, and in the end. */
  address: { before: string | null; after: string | null };
  healthy: boolean;
  desired: number | null;
  inService: number | null;
};

const describe = async ({ operator }: Host, id: string): Promise<Instance | undefined> => {
  const { Reservations = [] } = await operator.ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [id] }] }));
  return Reservations[0]?.Instances?.[0];
};

export const addressOf = async (host: Host, id: string): Promise<string | null> => (await describe(host, id))?.PublicIpAddress ?? null;

/** Looks at what has this id, a group's name or an instance's; `before` is the public address that it had once. */
export const lookAt = async (host: Host, id: string, before: string | null): Promise<ResourceState> => {
  const { autoScaling, ec2 } = host.aws;
  const group = autoScaling.get(id);
  if (group) {
    const inService = group.inServiceIds.length;
    const healthy = inService >= group.desired;
    return { state: null, address: { before: null, after: null }, healthy, desired: group.desired, inService };
  }
  const instance = ec2.get(id);
  const healthy = instance?.state === 'running' && instance.systemStatus === 'ok' && instance.instanceStatus === 'ok';
  return {
    // EC2 forgets what was terminated after a while.
    state: instance?.state ?? 'terminated',
    address: { before, after: await addressOf(host, id) },
    healthy,
    desired: null,
    inService: null,
  };
};
