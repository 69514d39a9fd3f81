import type { World } from '../../../core/world.ts';
import type { Invocation } from '../model/command.ts';

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/monitoring-eventbridge-events.html */
export const putInvocationChange = (world: World, { command, instanceId }: Invocation, status: string): void =>
  world.putEvent({
    source: 'aws.ssm',
    detailType: 'EC2 Command Invocation Status-change Notification',
    resources: [world.arn('ec2', `instance/${instanceId}`)],
    detail: {
      'command-id': command.id,
      'document-name': command.document.name,
      'instance-id': instanceId,
      'requested-date-time': new Date(command.requestedAt).toISOString(),
      status,
    },
  });
