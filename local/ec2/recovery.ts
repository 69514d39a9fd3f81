import { ec2Physics } from '../physics.ts';
import type { Fleet } from './fleet.ts';
import { groupTag, type Instance } from './instance.ts';
import type { Notices } from './notices.ts';
import type { Power } from './power.ts';

const day = 24 * 3600_000;

/**
 * Simplified automatic recovery: EC2 moves an instance off a failed host by itself, where it may.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-configuration-recovery.html
 */
export const createRecovery = (fleet: Fleet, power: Power, notices: Notices) => {
  const { world, random, draw } = fleet;
  const { clock } = world;

  /** Not for a group's members (the group replaces them), nor with local disks, on bare metal, on a spot instance, or during events. */
  const eligible = (instance: Instance): boolean =>
    instance.face.state === 'running' &&
    instance.hostFailed &&
    instance.face.autoRecovery === 'default' &&
    instance.type.autoRecovery &&
    instance.spotRequestId === null &&
    instance.zone.dark === 0 &&
    !instance.face.tags.has(groupTag) &&
    !instance.events.some((event) => !event.completed);

  const attempt = (instance: Instance): void => {
    if (!eligible(instance)) return;
    const now = clock.now();
    const recent = instance.recoveries.filter((at) => at > now - day);
    instance.recoveries = [...recent, now];
    const succeeds =
      random.chance(ec2Physics.recovery.succeeds) && recent.length < ec2Physics.recovery.perDay && instance.zone.exhausted === 0;
    if (succeeds) power.changeHost(instance);
    const typeCode = `AWS_EC2_SIMPLIFIED_AUTO_RECOVERY_${succeeds ? 'SUCCESS' : 'FAILURE'}`;
    notices.health(instance, {
      ...notices.healthIdentity(typeCode),
      typeCode,
      category: 'issue',
      status: succeeds ? 'closed' : 'open',
      entityStatus: succeeds ? 'UNIMPAIRED' : 'IMPAIRED',
      start: now,
      ...(succeeds ? { end: now } : {}),
      text: succeeds
        ? `Your instance ${instance.id} was moved to another host after its system status check had failed.`
        : `Your instance ${instance.id} could not be recovered after its system status check had failed. Stop and start it to move it to another host.`,
    });
  };

  return {
    /** Call when a host fails: EC2 tries once, some minutes later, if the host is then still the same and still failed. */
    watch: (instance: Instance): void => {
      const { host } = instance;
      power.later(instance, 'recovery', draw(ec2Physics.recovery.after), () => {
        if (instance.host === host) attempt(instance);
      });
    },
  };
};

export type Recovery = ReturnType<typeof createRecovery>;
