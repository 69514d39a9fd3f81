import { DescribeInstanceAttributeCommand } from '@aws-sdk/client-ec2';
import { member } from '../model/snapshot.ts';
import { ask, defineGuard, hold, pass, skip } from './guard.ts';

/** IAM actions of its look-ups. A test compares them with the packaged template. */
export const protectionPermissions = ['ec2:DescribeInstanceAttribute'] as const;

/**
 * A person decides about resources that are protected, and about data that the action would lose. EC2 refuses to stop a protected
 * instance, so there the next rung begins. Auto Scaling checks no protection at all, so this guard has to.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_ChangingDisableAPITermination.html
 */
export const protection = defineGuard({
  id: 'protection',
  check: async ({ facts, action, target, clients: { ec2 }, approved }) => {
    const attribute = async (Attribute: 'disableApiStop' | 'disableApiTermination') => {
      const found = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: target.id, Attribute }));
      return (Attribute === 'disableApiStop' ? found.DisableApiStop : found.DisableApiTermination)?.Value;
    };
    const unless = (reason: string) => (approved ? pass : ask(reason));

    if (action.id === 'stop-start-instance') {
      const { instance } = facts;
      if (!instance) return hold('the instance does not exist');
      if (instance.rootDevice !== 'ebs') return skip(`${target.id} has no EBS root volume, so it can't be stopped`);
      const protectedFromStop = await attribute('disableApiStop');
      if (protectedFromStop) return skip(`${target.id} is protected from being stopped`);
      if (protectedFromStop === undefined) return hold(`can't tell whether ${target.id} is protected from being stopped`);
      if (instance.instanceStore !== false) return unless(`a stop would lose the data on the instance store of ${target.id}`);
      return pass;
    }
    if (action.id === 'replace-member') {
      if (member(facts)?.protectedFromScaleIn) return unless(`${target.id} is protected from scale-in`);
      const protectedFromEnd = await attribute('disableApiTermination');
      if (protectedFromEnd === undefined) return hold(`can't tell whether ${target.id} is protected from termination`);
      return protectedFromEnd ? unless(`${target.id} is protected from termination`) : pass;
    }
    return pass;
  },
});
