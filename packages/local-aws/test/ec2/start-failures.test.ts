import {
  AttachVolumeCommand,
  CreateVolumeCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CreateKeyCommand, DisableKeyCommand, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createLocalAws, type LocalAws } from '../../src/local-aws.ts';
import { localClients, refusal, worldOptions } from '../harness.ts';
import { image, minute } from './world.ts';

let local: LocalAws | undefined;
afterEach(() => local?.close());

/** An account with an instance whose second volume is under a key of the customer's, stopped by a person. */
const encryptedWorld = async () => {
  const aws = createLocalAws({ ...worldOptions, exempt: ['ana', 'selfheal'], withoutGrants: ['selfheal'] });
  local = aws;
  const as = (accessKeyId: string) => localClients(aws.handle, { accessKeyId });
  const { ec2, kms } = as('ana');
  const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? '';
  const mapping = { DeviceName: '/dev/sdb', Ebs: { VolumeSize: 10, Encrypted: true, KmsKeyId: KeyId } };
  const run = async (accessKey: string, input: object = {}) => {
    const command = new RunInstancesCommand({ ImageId: image, InstanceType: 'm5.large', MinCount: 1, MaxCount: 1, ...input });
    return (await as(accessKey).ec2.send(command)).Instances?.[0]?.InstanceId ?? '';
  };
  const advance = (milliseconds: number) => aws.advanceTo(aws.world.clock.now() + milliseconds);
  const look = async (id: string) => {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    const { State, StateReason } = Reservations?.[0]?.Instances?.[0] ?? {};
    return { state: State?.Name, reason: StateReason };
  };
  const stop = async (id: string) => {
    await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    await advance(2 * minute);
  };
  const start = (accessKey: string, id: string) => as(accessKey).ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
  const states: [string | null, string][] = [];
  aws.world.subscribe((worldEvent) => worldEvent.type === 'instance-state' && states.push([worldEvent.from, worldEvent.to]));
  return { aws, kms, ec2, KeyId, mapping, run, advance, look, stop, start, states };
};

const launchError = { Code: 'Client.InternalError', Message: 'Client.InternalError: Client error on launch' };

// https://repost.aws/knowledge-center/kms-iam-ec2-permission
describe('a start by a caller who may not create grants on the key of a volume', () => {
  test('is accepted, and leaves the instance stopped some seconds later', async () => {
    const { run, stop, start, advance, look, mapping, states } = await encryptedWorld();
    const id = await run('ana', { BlockDeviceMappings: [mapping] });
    await advance(2 * minute);
    await stop(id);
    states.length = 0;
    const { StartingInstances } = await start('selfheal', id);
    expect(StartingInstances?.[0]?.CurrentState?.Name).toBe('pending');
    await advance(minute);
    expect(await look(id)).toEqual({ state: 'stopped', reason: launchError });
    expect(states).toEqual([
      ['stopped', 'pending'],
      ['pending', 'stopped'],
    ]);
    await start('ana', id);
    await advance(minute);
    expect(await look(id)).toEqual({ state: 'running', reason: undefined });
  });

  test('succeeds once a policy of his names the key', async () => {
    const { aws, run, stop, start, advance, look, mapping, KeyId } = await encryptedWorld();
    const id = await run('ana', { BlockDeviceMappings: [mapping] });
    await advance(2 * minute);
    await stop(id);
    aws.kms.permitGrants('selfheal', KeyId);
    await start('selfheal', id);
    await advance(minute);
    expect(await look(id)).toMatchObject({ state: 'running' });
  });

  test("succeeds with a volume under AWS's own key", async () => {
    const { run, stop, start, advance, look, mapping } = await encryptedWorld();
    const id = await run('ana', { BlockDeviceMappings: [{ ...mapping, Ebs: { VolumeSize: 10, Encrypted: true } }] });
    await advance(2 * minute);
    await stop(id);
    await start('selfheal', id);
    await advance(minute);
    expect(await look(id)).toMatchObject({ state: 'running' });
  });

  test('is a launch that ends terminated', async () => {
    const { run, advance, look, mapping, states } = await encryptedWorld();
    const id = await run('selfheal', { BlockDeviceMappings: [mapping] });
    expect(await refusal(look('i-0ffffffffffffffff'))).toMatchObject({ code: 'InvalidInstanceID.NotFound' });
    await advance(minute);
    expect(await look(id)).toEqual({ state: 'terminated', reason: launchError });
    expect(states.map(([, to]) => to)).toEqual(['pending', 'shutting-down', 'terminated']);
  });
});

describe('a start fails after it was accepted', () => {
  test.each<[string, (world: Awaited<ReturnType<typeof encryptedWorld>>, id: string) => unknown]>([
    ['with a disabled key', ({ kms, KeyId }) => kms.send(new DisableKeyCommand({ KeyId }))],
    ['with a key that is to be deleted', ({ kms, KeyId }) => kms.send(new ScheduleKeyDeletionCommand({ KeyId }))],
    ['with a volume that is lost', ({ aws }, id) => aws.faults.inject({ fault: 'break-volume', target: id })],
  ])('%s, whoever asks', async (_, spoil) => {
    const world = await encryptedWorld();
    const id = await world.run('ana', { BlockDeviceMappings: [world.mapping] });
    await world.advance(2 * minute);
    await world.stop(id);
    await spoil(world, id);
    await world.start('ana', id);
    await world.advance(minute);
    expect(await world.look(id)).toEqual({ state: 'stopped', reason: launchError });
  });

  test('of a launch with a key that there is not', async () => {
    const { run, advance, look, mapping } = await encryptedWorld();
    const KmsKeyId = 'arn:aws:kms:us-east-1:999999999999:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const id = await run('ana', { BlockDeviceMappings: [{ ...mapping, Ebs: { ...mapping.Ebs, KmsKeyId } }] });
    await advance(minute);
    expect(await look(id)).toEqual({ state: 'terminated', reason: launchError });
  });

  test('for the reason that it was told, so many times, and then the fault is over', async () => {
    const { aws, run, stop, start, advance, look } = await encryptedWorld();
    const id = await run('ana');
    await advance(2 * minute);
    await stop(id);
    aws.faults.inject({ fault: 'fail-start', target: id, reason: 'Client.VolumeLimitExceeded', count: 2 });
    for (let i = 0; i < 2; i++) {
      expect(aws.faults.active()).toHaveLength(1);
      await start('ana', id);
      await advance(minute);
      expect(await look(id)).toMatchObject({ state: 'stopped', reason: { Code: 'Client.VolumeLimitExceeded' } });
    }
    expect(aws.faults.active()).toEqual([]);
    await start('ana', id);
    await advance(minute);
    expect(await look(id)).toMatchObject({ state: 'running' });
  });

  test('unless the fault is ended before', async () => {
    const { aws, run, stop, start, advance, look } = await encryptedWorld();
    const id = await run('ana');
    await advance(2 * minute);
    await stop(id);
    aws.faults.end(aws.faults.inject({ fault: 'fail-start', target: id, reason: 'Client.NotSeenYet' }));
    await start('ana', id);
    await advance(minute);
    expect(await look(id)).toMatchObject({ state: 'running' });
    expect(() => aws.faults.inject({ fault: 'fail-start', target: 'i-0ffffffffffffffff' })).toThrow(RangeError);
    expect(() => aws.faults.inject({ fault: 'fail-start', target: id, reason: 'whatever' })).toThrow('state reason');
  });

  test('but where the zone has no capacity, or no power, it is refused at once, with 500', async () => {
    const { aws, run, stop, start, advance, look } = await encryptedWorld();
    const id = await run('ana', { Placement: { AvailabilityZone: 'us-east-1a' } });
    await advance(2 * minute);
    await stop(id);
    for (const fault of ['exhaust-zone', 'dark-zone'] as const) {
      const held = aws.faults.inject({ fault, target: 'us-east-1a' });
      expect(await refusal(start('ana', id))).toMatchObject({ code: 'InsufficientInstanceCapacity', status: 500 });
      aws.faults.end(held);
    }
    expect(await look(id)).toMatchObject({ state: 'stopped', reason: { Code: 'Client.UserInitiatedShutdown' } });
    await start('ana', id);
  });
});

test('a volume that comes to a running instance under a key that the caller may not use does not stay', async () => {
  const { aws, run, advance, KeyId } = await encryptedWorld();
  const InstanceId = await run('ana', { Placement: { AvailabilityZone: 'us-east-1a' } });
  const create = new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1, Encrypted: true, KmsKeyId: KeyId });
  const { ec2 } = localClients(aws.handle, { accessKeyId: 'selfheal' });
  const { VolumeId } = await ec2.send(create);
  await advance(minute);
  await ec2.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device: '/dev/sdf' }));
  await advance(minute);
  const { Volumes } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId ?? ''] }));
  expect(Volumes).toMatchObject([{ State: 'available', Attachments: [] }]);
});
