import type { AlarmEc2Action } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { Operation } from '../../../wire/protocol/service.ts';

/**
 * "CloudWatch Events invokes the terminate, stop, or reboot instance actions when called upon by the alarm", by this role:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-service-linked-roles.html. That recovery is called by it as well is
 * assumed.
 */
const by = { service: 'events.amazonaws.com', role: 'AWSServiceRoleForCloudWatchEvents' };

const calls: Readonly<Record<AlarmEc2Action, string>> = {
  stop: 'StopInstances',
  terminate: 'TerminateInstances',
  reboot: 'RebootInstances',
  // Not in the public API; IAM knows it: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
  recover: 'RecoverInstances',
};

/** What an alarm does to an instance: the same as anybody's call, with the same refusals, and told of by CloudTrail. */
export const createAlarmAction = (world: World, operations: Readonly<Record<string, Operation>>, recover: (instanceId: string) => void) => {
  const requestIds = world.random.fork('ec2-alarm-actions');
  return (verb: AlarmEc2Action, instanceId: string): void => {
    const { account, region, calls: history } = world;
    const context = { now: world.clock.now(), requestId: requestIds.uuid(), account, region, accessKey: '', userAgent: by.service };
    const { requestId, accessKey, userAgent } = context;
    const input = { InstanceIds: [instanceId] };
    const log = (error: string | null): void => {
      const call = { at: context.now, requestId, service: 'ec2', operation: calls[verb], input, error, accessKey, userAgent };
      history.push({ ...call, answerLost: false, by });
    };
    try {
      if (verb === 'recover') recover(instanceId);
      else operations[calls[verb]]?.run(input, context);
      log(null);
    } catch (error) {
      if (error instanceof AwsError) log(error.code);
      throw error;
    }
  };
};
