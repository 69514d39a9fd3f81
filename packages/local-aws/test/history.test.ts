import { CreateAutoScalingGroupCommand, SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling';
import { PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { CreateLaunchTemplateCommand, DescribeInstancesCommand, RebootInstancesCommand } from '@aws-sdk/client-ec2';
import { expect, test } from '@jest/globals';
import type { Delivery } from '../src/core/world.ts';
import { createLocalAws, type LocalAws } from '../src/local-aws.ts';
import { localClients, statusCheck, worldOptions } from './harness.ts';

/** Two hours of a group under load whose members and calls fail, with everything that left the world, as text. */
const history = async (seed: number): Promise<string> => {
  const delivered: [number, Delivery][] = [];
  const happened: unknown[] = [];
  const aws: LocalAws = createLocalAws({ ...worldOptions, seed });
  aws.world.subscribe((worldEvent) => happened.push(worldEvent));
  const { ec2, autoScaling, cloudWatch } = localClients(aws.handle);
  const pass = (seconds: number) => {
    const until = aws.world.clock.now() + seconds * 1000;
    for (let next = aws.world.clock.next(); next !== undefined && next <= until; next = aws.world.clock.next()) {
      aws.world.clock.advanceTo(next);
      for (const delivery of aws.faults.deliveries()) delivered.push([next, delivery]);
    }
    aws.world.clock.advanceTo(until);
  };
  await ec2.send(
    new CreateLaunchTemplateCommand({
      ClientToken: 'one',
      LaunchTemplateName: 'web',
      LaunchTemplateData: { ImageId: 'ami-0123456789abcdef0', InstanceType: 't3.micro' },
    }),
  );
  await autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: 'web',
      LaunchTemplate: { LaunchTemplateName: 'web', Version: '$Latest' },
      MinSize: 1,
      MaxSize: 6,
      DesiredCapacity: 3,
      AvailabilityZones: ['us-east-1a', 'us-east-1b'],
    }),
  );
  pass(900);
  const [first = '', second = ''] = aws.autoScaling.get('web')?.memberIds ?? [];
  for (const id of [first, second]) {
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: `check-${id === first ? 1 : 2}`,
        ...statusCheck(id),
        AlarmActions: ['arn:aws:sns:us-east-1:123456789012:alarms'],
      }),
    );
  }
  aws.faults.inject({ fault: 'deliver', how: 'duplicate', rate: 0.5 });
  aws.faults.inject({ fault: 'deliver', how: 'reorder', rate: 0.5 });
  aws.faults.inject({
    fault: 'fail-call',
    service: 'ec2',
    operation: 'RebootInstances',
    code: 'RequestLimitExceeded',
    status: 503,
    rate: 0.5,
  });
  aws.faults.inject({ fault: 'hang-kernel', target: first });
  aws.faults.inject({ fault: 'fail-host', target: second });
  aws.faults.inject({ fault: 'add-load', target: 'web', percent: 150 });
  for (let i = 0; i < 12; i++) {
    pass(300);
    await ec2.send(new RebootInstancesCommand({ InstanceIds: [first] })).catch(() => {});
    await ec2.send(new DescribeInstancesCommand({})).catch(() => {});
  }
  aws.faults.inject({ fault: 'exhaust-zone', target: 'us-east-1a' });
  await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'web', DesiredCapacity: 5 }));
  pass(3600);
  // The user agent tells of the machine that a call comes from.
  const calls = aws.world.calls.map((call) => ({ ...call, userAgent: '' }));
  const members = [...aws.ec2.list()].map(({ tags, ...view }) => ({ ...view, tags: [...tags] }));
  return JSON.stringify({ delivered, happened, calls, members }, null, 1);
};

test('the same seed gives the same history, byte for byte, and another seed another one', async () => {
  const one = await history(11);
  expect(await history(11)).toBe(one);
  expect(await history(12)).not.toBe(one);
  // Worth comparing only because much happened.
  expect(JSON.parse(one).delivered.length).toBeGreaterThan(20);
  expect(one).toContain('CloudWatch Alarm State Change');
  expect(one).toContain('EC2 Instance Launch');
});
