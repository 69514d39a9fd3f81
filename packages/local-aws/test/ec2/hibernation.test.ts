import { DescribeInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { ec2World, minute } from './world.ts';

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Hibernate.html
describe('hibernation', () => {
  const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true } }];

  test("is somebody's wish, and told as such", async () => {
    const aws = ec2World();
    const [id = ''] = await aws.run({ HibernationOptions: { Configured: true }, BlockDeviceMappings });
    aws.advance(5 * minute);
    await aws.client.send(new StopInstancesCommand({ InstanceIds: [id], Hibernate: true }));
    aws.until(() => aws.local.get(id)?.state === 'stopped');
    aws.advance(5000);
    const { Reservations } = await aws.client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
      HibernationOptions: { Configured: true },
      StateReason: { Code: 'Client.UserInitiatedHibernate' },
    });
  });

  test('is refused where it was not configured, and not configured without encryption', async () => {
    const aws = ec2World();
    expect(await refusal(aws.run({ HibernationOptions: { Configured: true } }))).toMatchObject({
      code: 'UnsupportedHibernationConfiguration',
    });
    const [id = ''] = await aws.run();
    aws.advance(5 * minute);
    const hibernate = aws.client.send(new StopInstancesCommand({ InstanceIds: [id], Hibernate: true }));
    expect(await refusal(hibernate)).toMatchObject({ code: 'UnsupportedHibernationConfiguration', status: 400 });
    expect(aws.local.get(id)?.state).toBe('running');
  });
});
