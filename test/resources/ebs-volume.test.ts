import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { alarmOn, createObserved, type Observed } from './observing.ts';

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
});
afterEach(() => world.close());

const launch = async () => {
  const { aws } = world;
  const { id } = aws.ec2.launch({ imageId: 'ami-0123456789abcdef0', instanceType: 'm7i.large', availabilityZone: 'us-east-1a', tags: [] });
  const { faults } = aws.ec2;
  return { id, faults };
};

describe('a look at an EBS volume', () => {
  test('tells what it is attached to, and what its checks say', async () => {
    const { id, faults } = await launch();
    faults['impair-volume'](id);
    const { DescribeVolumesCommand } = await import('@aws-sdk/client-ec2');
    const { Volumes } = await world.operator.ec2.send(new DescribeVolumesCommand({}));
    const seen = await world.look(alarmOn('AWS/EBS', { type: 'volume', id: Volumes?.[0]?.VolumeId ?? '' }));
    expect(seen.line).toMatch(/: in-use; created .*; status impaired; .*attached to i-[0-9a-f]+ as \/dev\/xvda; 8 GiB gp3 in us-east-1a$/);
    expect(seen.line).toContain(id);
  });

  test('goes on without the checks where those may not be read', async () => {
    const about = alarmOn('AWS/EBS', { type: 'volume', id: 'vol-0123456789abcdef0' });
    await world.place(about);
    world.refuse('ec2', 'DescribeVolumeStatus', 'UnauthorizedOperation');
    const { result, line } = await world.look(about);
    expect(result).toBe('found');
    expect(line).toMatch(/its status could not be read: selfheal isn't allowed to \(ec2:DescribeVolumeStatus\)$/);
  });
});
