import { DescribeInstanceAttributeCommand } from '@aws-sdk/client-ec2';
import { member } from '../model/snapshot.ts';
import { type Check, defineGuard, type GuardInput, hold, none, pass, requireApproval, skip } from './guard.ts';

/** IAM actions of its look-ups. A test compares them with the packaged template. */
export const protectionPermissions = ['ec2:DescribeInstanceAttribute'] as const;

type Attribute = 'disableApiStop' | 'disableApiTermination';

const attributeOf = async (Attribute: Attribute, { target, clients: { ec2 } }: GuardInput) => {
  const found = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: target.id, Attribute }));
  return (Attribute === 'disableApiStop' ? found.DisableApiStop : found.DisableApiTermination)?.Value;
};

const stops: Check = async (input) => {
  const {
    target,
    facts: { instance },
    approved,
  } = input;
  if (!instance) return hold('the instance does not exist');
  if (instance.rootDevice !== 'ebs') return skip(`${target.id} has no EBS root volume, so it can't be stopped`);
  const protectedFromStop = await attributeOf('disableApiStop', input);
  if (protectedFromStop) return skip(`${target.id} is protected from being stopped`);
  if (protectedFromStop === undefined) return hold(`can't tell whether ${target.id} is protected from being stopped`);
  if (instance.instanceStore === false || approved) return pass;
  return requireApproval(`a stop would lose the data on the instance store of ${target.id}`);
};

const terminates: Check = async (input) => {
  const { target, facts, approved } = input;
  const unless = (reason: string) => (approved ? pass : requireApproval(reason));
  if (member(facts)?.protectedFromScaleIn) return unless(`${target.id} is protected from scale-in`);
  const protectedFromEnd = await attributeOf('disableApiTermination', input);
  if (protectedFromEnd === undefined) return hold(`can't tell whether ${target.id} is protected from termination`);
  return protectedFromEnd ? unless(`${target.id} is protected from termination`) : pass;
};

const unknown: Check = ({ target }) => hold(`can't tell whether ${target.type} ${target.id} is protected`);

/**
 * A person decides about resources that are protected, and about data that the action would lose. EC2 refuses to stop a protected
 * instance, so there the next rung begins. Auto Scaling checks no protection at all, so this guard has to.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_ChangingDisableAPITermination.html
 */
export const protection = defineGuard({
  id: 'protection',
  live: true,
  check: {
    of: {
      instance: {
        starts: none,
        changesSoftware: none,
        interrupts: none,
        removesFromService: stops,
        destroys: terminates,
        addsCapacity: none,
        changesAddress: none,
        repeatsWork: none,
        growsStorage: none,
      },
      group: {
        starts: none,
        changesSoftware: unknown,
        interrupts: none,
        removesFromService: unknown,
        destroys: unknown,
        addsCapacity: none,
        changesAddress: none,
        repeatsWork: none,
        growsStorage: none,
      },
      // Another guard holds all but a reboot.
      database: none,
      service: none,
      queue: none,
      task: none,
      certificate: none,
    },
  },
});
