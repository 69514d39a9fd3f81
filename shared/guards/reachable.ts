import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm';
import { defineGuard, pass, skip } from './guard.ts';

/** Read-only calls of this guard, which packaging grants only where the policy names commands. */
export const reachablePermissions = ['ssm:DescribeInstanceInformation'] as const;

/**
 * What acts through Systems Manager needs its agent on the instance. Without it a command would wait for the agent until it is no longer
 * wanted, so the next step begins at once.
 */
export const reachable = defineGuard({
  id: 'reachable',
  live: ({ through }) => through === 'systems-manager',
  check: async ({ action: { through }, target, clients }) => {
    if (through === undefined) return pass;
    const { InstanceInformationList = [] } = await clients.ssm.send(
      new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [target.id] }] }),
    );
    const status = InstanceInformationList.find(({ InstanceId }) => InstanceId === target.id)?.PingStatus;
    if (status === 'Online') return pass;
    return skip(`Systems Manager ${status === undefined ? `doesn't manage ${target.id}` : `sees ${target.id} as ${status}`}`);
  },
});
