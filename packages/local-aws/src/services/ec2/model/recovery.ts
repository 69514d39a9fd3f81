import { ec2Parameters } from '../../../core/model-parameters.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { HealthEvents } from '../events/health-events.ts';
import type { Fleet } from './fleet.ts';
import { groupTag, type Instance } from './instance.ts';
import type { InstanceLifecycle } from './instance-lifecycle.ts';

const day = 24 * 3600_000;

type Kind = 'simplified' | 'by-alarm';

const typeCodes: Readonly<Record<Kind, string>> = {
  simplified: 'AWS_EC2_SIMPLIFIED_AUTO_RECOVERY',
  'by-alarm': 'AWS_EC2_INSTANCE_AUTO_RECOVERY',
};

/**
 * Simplified automatic recovery: EC2 moves an instance off a failed host by itself, where it may.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-configuration-recovery.html
 * The same as an alarm's action: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/cloudwatch-recovery.html
 */
export const createRecovery = (fleet: Fleet, lifecycle: InstanceLifecycle, healthEvents: HealthEvents) => {
  const { world, random, draw } = fleet;
  const { clock } = world;

  /** Not for a group's members (the group replaces them), nor with local disks, on bare metal, on a spot instance, or during events. */
  const eligible = (instance: Instance): boolean =>
    instance.described.state === 'running' &&
    instance.hostFailed &&
    instance.described.autoRecovery === 'default' &&
    instance.type.autoRecovery &&
    instance.spotRequestId === null &&
    instance.zone.dark === 0 &&
    !instance.described.tags.has(groupTag) &&
    !instance.events.some((event) => !event.completed);

  const attempt = (instance: Instance, kind: Kind): void => {
    const now = clock.now();
    const recent = instance.recoveries.filter((at) => at > now - day);
    instance.recoveries = [...recent, now];
    const succeeds =
      random.chance(ec2Parameters.recovery.succeeds) &&
      recent.length < ec2Parameters.recovery.perDay &&
      instance.zone.exhausted === 0 &&
      instance.zone.dark === 0;
    if (succeeds) lifecycle.changeHost(instance);
    const typeCode = `${typeCodes[kind]}_${succeeds ? 'SUCCESS' : 'FAILURE'}`;
    healthEvents.health(instance, {
      ...healthEvents.healthIdentity(typeCode),
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
      lifecycle.later(instance, 'recovery', draw(ec2Parameters.recovery.after), () => {
        if (instance.host === host && eligible(instance)) attempt(instance, 'simplified');
      });
    },

    /**
     * As an alarm's action asks for it, also for a group's member and where EC2 may not do it by itself. Throws the `AwsError` that
     * says why it can't be: the words and the codes are assumed.
     */
    recover: (instance: Instance): void => {
      const { id, described, type, host } = instance;
      if (described.state !== 'running')
        throw new AwsError('IncorrectInstanceState', `The instance '${id}' is not in the 'running' state.`);
      if (!type.autoRecovery || instance.spotRequestId !== null)
        throw new AwsError('UnsupportedOperation', `The instance '${id}' does not support recovery.`);
      if (instance.system.now) throw new AwsError('IncorrectInstanceState', `The instance '${id}' is not impaired.`);
      if (instance.events.some((event) => !event.completed))
        throw new AwsError('UnsupportedOperation', `The instance '${id}' has a scheduled event.`);
      lifecycle.later(instance, 'recovery', draw(ec2Parameters.recovery.byAlarm), () => {
        if (instance.host === host && !instance.system.now) attempt(instance, 'by-alarm');
      });
    },
  };
};

export type Recovery = ReturnType<typeof createRecovery>;
