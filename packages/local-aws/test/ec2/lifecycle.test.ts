import {
  DescribeInstancesCommand,
  ModifyInstanceAttributeCommand,
  RebootInstancesCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { ec2World, image, minute } from './world.ts';

type Ec2World = ReturnType<typeof ec2World>;

const describeOne = async ({ client }: Ec2World, id: string) => {
  const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  const instance = Reservations[0]?.Instances?.[0];
  if (!instance) throw new Error(`no ${id}`);
  return instance;
};

const reach = (aws: Ec2World, id: string, state: string) => aws.until(() => aws.local.get(id)?.state === state);
const healthy = (aws: Ec2World, id: string) => aws.until(() => aws.local.get(id)?.instanceStatus === 'ok');
const states = (aws: Ec2World, id: string) =>
  aws
    .events('EC2 Instance State-change Notification')
    .filter(({ detail }) => detail['instance-id'] === id)
    .map(({ detail }) => detail.state);

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
describe('an instance', () => {
  test('is pending at first, runs after seconds, and is initializing before its checks pass', async () => {
    const aws = ec2World();
    const { Instances = [] } = await aws.client.send(
      new RunInstancesCommand({ ImageId: image, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }),
    );
    const id = Instances[0]?.InstanceId ?? '';
    expect(id).toMatch(/^i-0[0-9a-f]{16}$/);
    expect(Instances[0]?.State).toEqual({ Code: 0, Name: 'pending' });
    expect(aws.local.get(id)?.systemStatus).toBe('not-applicable');
    expect(reach(aws, id, 'running')).toBeLessThanOrEqual(20_000);
    expect(aws.local.get(id)?.instanceStatus).toBe('initializing');
    expect(aws.local.get(id)?.reachable).toBe(false);
    aws.advance(5 * minute);
    expect(aws.local.get(id)).toMatchObject({ instanceStatus: 'ok', systemStatus: 'ok', reachable: true });
    expect(states(aws, id)).toEqual(['pending', 'running']);
  });

  test('changes its public address by a stop and start, and keeps its private one', async () => {
    const aws = ec2World();
    const [id = ''] = await aws.run();
    healthy(aws, id);
    const before = await describeOne(aws, id);
    const { StoppingInstances } = await aws.client.send(new StopInstancesCommand({ InstanceIds: [id] }));
    expect(StoppingInstances).toEqual([
      { InstanceId: id, PreviousState: { Code: 16, Name: 'running' }, CurrentState: { Code: 64, Name: 'stopping' } },
    ]);
    aws.advance(minute);
    const stopped = await describeOne(aws, id);
    expect(stopped.State?.Name).toBe('stopped');
    expect(stopped.PublicIpAddress).toBeUndefined();
    expect(stopped.StateReason).toEqual({
      Code: 'Client.UserInitiatedShutdown',
      Message: 'Client.UserInitiatedShutdown: User initiated shutdown',
    });
    expect(stopped.StateTransitionReason).toMatch(/^User initiated \(2026-11-20 12:\d\d:\d\d GMT\)$/);
    await aws.client.send(new StartInstancesCommand({ InstanceIds: [id] }));
    healthy(aws, id);
    const after = await describeOne(aws, id);
    expect(after.PrivateIpAddress).toBe(before.PrivateIpAddress);
    expect(after.PublicIpAddress).not.toBe(before.PublicIpAddress);
    expect(after.StateTransitionReason).toBe('');
    expect(after.LaunchTime?.getTime()).toBeGreaterThan(before.LaunchTime?.getTime() ?? 0);
    expect(states(aws, id)).toEqual(['pending', 'running', 'stopping', 'stopped', 'pending', 'running']);
  });

  test('that is terminated is seen for an hour, without network and volumes, and then is gone', async () => {
    const aws = ec2World();
    const [id = ''] = await aws.run();
    reach(aws, id, 'running');
    await aws.client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    aws.advance(minute);
    const gone = await describeOne(aws, id);
    expect(gone).toMatchObject({ State: { Code: 48, Name: 'terminated' }, BlockDeviceMappings: [] });
    expect(gone.PrivateIpAddress).toBeUndefined();
    aws.advance(58 * minute);
    expect((await describeOne(aws, id)).State?.Name).toBe('terminated');
    aws.advance(2 * minute);
    expect(await refusal(describeOne(aws, id))).toMatchObject({ code: 'InvalidInstanceID.NotFound', status: 400 });
    expect([...aws.local.list()]).toEqual([]);
  });

  test('tells EventBridge of each state in the form that AWS documents', async () => {
    const aws = ec2World();
    const [id = ''] = await aws.run();
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html
    expect(aws.events('EC2 Instance State-change Notification')[0]).toMatchObject({
      version: '0',
      source: 'aws.ec2',
      account: '123456789012',
      region: 'us-east-1',
      resources: [`arn:aws:ec2:us-east-1:123456789012:instance/${id}`],
      detail: { 'instance-id': id, state: 'pending' },
    });
  });

  test('says who shut it down where nobody called', () => {
    const aws = ec2World();
    const [guest, service] = [aws.launch().id, aws.launch().id];
    reach(aws, guest, 'running');
    reach(aws, service, 'running');
    aws.local.shutDown(guest, 'guest');
    aws.local.shutDown(service, 'service');
    aws.advance(2 * minute);
    return Promise.all([
      expect(describeOne(aws, guest)).resolves.toMatchObject({
        State: { Name: 'stopped' },
        StateReason: { Code: 'Client.InstanceInitiatedShutdown' },
        StateTransitionReason: '',
      }),
      expect(describeOne(aws, service)).resolves.toMatchObject({
        State: { Name: 'stopped' },
        StateReason: { Code: 'Server.InternalError' },
      }),
    ]);
  });
});

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
describe('a call that the state forbids', () => {
  test('is refused: stopping what has never run, starting what is stopping, stopping or starting what is terminated', async () => {
    const aws = ec2World();
    const { id } = aws.launch();
    aws.advance(4_000);
    const stop = () => refusal(aws.client.send(new StopInstancesCommand({ InstanceIds: [id] })));
    const start = () => refusal(aws.client.send(new StartInstancesCommand({ InstanceIds: [id] })));
    expect(await stop()).toEqual({
      code: 'IncorrectInstanceState',
      status: 400,
      message: `Instance '${id}' cannot be stopped as it has never reached the 'running' state.`,
    });
    reach(aws, id, 'running');
    aws.local.shutDown(id, 'guest');
    expect(await start()).toMatchObject({ code: 'IncorrectInstanceState', status: 400 });
    reach(aws, id, 'stopped');
    expect(await refusal(aws.client.send(new RebootInstancesCommand({ InstanceIds: [id] })))).toMatchObject({
      code: 'IncorrectInstanceState',
    });
    aws.local.terminate(id, 'user');
    reach(aws, id, 'terminated');
    expect(await stop()).toMatchObject({ code: 'IncorrectInstanceState' });
    expect(await start()).toMatchObject({ code: 'IncorrectInstanceState' });
  });

  test('is ignored where AWS ignores it: starting what runs, stopping what is stopped, rebooting or terminating what is terminated', async () => {
    const aws = ec2World();
    const [id = ''] = await aws.run();
    reach(aws, id, 'running');
    const { StartingInstances } = await aws.client.send(new StartInstancesCommand({ InstanceIds: [id] }));
    expect(StartingInstances?.[0]?.CurrentState?.Name).toBe('running');
    await aws.client.send(new StopInstancesCommand({ InstanceIds: [id] }));
    reach(aws, id, 'stopped');
    const { StoppingInstances } = await aws.client.send(new StopInstancesCommand({ InstanceIds: [id] }));
    expect(StoppingInstances?.[0]).toMatchObject({ PreviousState: { Name: 'stopped' }, CurrentState: { Name: 'stopped' } });
    await aws.client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    reach(aws, id, 'terminated');
    const { TerminatingInstances } = await aws.client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    expect(TerminatingInstances?.[0]).toMatchObject({ PreviousState: { Name: 'terminated' }, CurrentState: { Name: 'terminated' } });
    await aws.client.send(new RebootInstancesCommand({ InstanceIds: [id] }));
    expect(states(aws, id)).toEqual(['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated']);
  });

  test('touches none of a batch when one id is unknown or malformed', async () => {
    const aws = ec2World();
    const [id = ''] = await aws.run();
    reach(aws, id, 'running');
    const unknown = 'i-0ffffffffffffffff';
    const stop = (...ids: string[]) => refusal(aws.client.send(new StopInstancesCommand({ InstanceIds: ids })));
    expect(await stop(id, unknown)).toEqual({
      code: 'InvalidInstanceID.NotFound',
      status: 400,
      message: `The instance ID '${unknown}' does not exist`,
    });
    expect((await stop(unknown, 'i-00000000')).message).toBe(`The instance IDs '${unknown}, i-00000000' do not exist`);
    expect(await stop(id, 'web-1')).toMatchObject({ code: 'InvalidInstanceID.Malformed', status: 400 });
    expect(await stop(id, 'i-0FFFFFFFFFFFFFFFF')).toMatchObject({ code: 'InvalidInstanceID.Malformed' });
    expect(aws.local.get(id)?.state).toBe('running');
  });

  test('needs an instance to be named', async () => {
    const aws = ec2World();
    expect(await refusal(aws.client.send(new RebootInstancesCommand({ InstanceIds: undefined })))).toMatchObject({
      code: 'MissingParameter',
    });
    expect(await refusal(aws.client.send(new RebootInstancesCommand({ InstanceIds: [] })))).toMatchObject({ code: 'MissingParameter' });
  });

  test('is a dry run before it is anything else, but not for an instance that does not exist', async () => {
    const aws = ec2World();
    const [id = ''] = await aws.run();
    reach(aws, id, 'running');
    const input = { InstanceIds: [id], DryRun: true };
    for (const call of [
      aws.client.send(new RebootInstancesCommand(input)),
      aws.client.send(new StopInstancesCommand(input)),
      aws.client.send(new StartInstancesCommand(input)),
      aws.client.send(new TerminateInstancesCommand(input)),
    ])
      expect(await refusal(call)).toEqual({
        code: 'DryRunOperation',
        status: 412,
        message: 'Request would have succeeded, but DryRun flag is set.',
      });
    expect(aws.local.get(id)?.state).toBe('running');
    const missing = new StopInstancesCommand({ InstanceIds: ['i-0ffffffffffffffff'], DryRun: true });
    expect(await refusal(aws.client.send(missing))).toMatchObject({ code: 'InvalidInstanceID.NotFound' });
  });

  test('is refused for a spot instance that belongs to a one-time request', async () => {
    const aws = ec2World();
    const [id = ''] = await aws.run({ InstanceMarketOptions: { MarketType: 'spot' } });
    reach(aws, id, 'running');
    expect(await refusal(aws.client.send(new StopInstancesCommand({ InstanceIds: [id] })))).toMatchObject({ code: 'UnsupportedOperation' });
  });
});

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_ChangingDisableAPITermination.html and …/ec2-stop-protection.html
describe('protection', () => {
  test('from termination refuses a user, spares its zone, and lets the other zones go', async () => {
    const aws = ec2World();
    const [kept, neighbour, elsewhere] = [aws.launch().id, aws.launch().id, aws.launch({ availabilityZone: 'us-east-1b' }).id];
    aws.advance(minute);
    await aws.client.send(new ModifyInstanceAttributeCommand({ InstanceId: kept, DisableApiTermination: { Value: true } }));
    const refused = await refusal(aws.client.send(new TerminateInstancesCommand({ InstanceIds: [elsewhere, neighbour, kept] })));
    expect(refused).toEqual({
      code: 'OperationNotPermitted',
      status: 400,
      message: `The instance '${kept}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    });
    expect([kept, neighbour, elsewhere].map((id) => aws.local.get(id)?.state)).toEqual(['running', 'running', 'shutting-down']);
    expect(() => aws.local.terminate(kept, 'user')).toThrow('may not be terminated');
    aws.local.terminate(kept, 'service');
    expect(aws.local.get(kept)?.state).toBe('shutting-down');
  });

  test('from stopping refuses stops and terminations', async () => {
    const aws = ec2World();
    const [id = ''] = await aws.run({ DisableApiStop: true });
    reach(aws, id, 'running');
    const stop = aws.client.send(new StopInstancesCommand({ InstanceIds: [id], Force: true }));
    expect(await refusal(stop)).toMatchObject({ code: 'OperationNotPermitted' });
    const terminate = aws.client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    expect(await refusal(terminate)).toMatchObject({ code: 'OperationNotPermitted' });
    expect(aws.local.get(id)?.state).toBe('running');
    await aws.client.send(new ModifyInstanceAttributeCommand({ InstanceId: id, Attribute: 'disableApiStop', Value: 'false' }));
    await aws.client.send(new StopInstancesCommand({ InstanceIds: [id] }));
    expect(aws.local.get(id)?.state).toBe('stopping');
  });
});

describe('stopping a hung kernel', () => {
  const hungAndStopped = async (options: { Force?: boolean }) => {
    const aws = ec2World();
    const [id = ''] = await aws.run();
    healthy(aws, id);
    aws.local.faults['hang-kernel'](id);
    await aws.client.send(new StopInstancesCommand({ InstanceIds: [id], ...options }));
    return { aws, id };
  };

  test('takes many minutes, and little more than one by force', async () => {
    const patient = await hungAndStopped({});
    expect(reach(patient.aws, patient.id, 'stopped')).toBeGreaterThan(5 * minute);
    const forced = await hungAndStopped({ Force: true });
    expect(reach(forced.aws, forced.id, 'stopped')).toBeLessThan(2 * minute);
  });

  test('is not slowed down by force where the shutdown is clean', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const [patient, forced] = [ec2World(seed), ec2World(seed)];
      for (const aws of [patient, forced]) {
        const { id } = aws.launch();
        aws.advance(5 * minute);
        await aws.client.send(new StopInstancesCommand({ InstanceIds: [id] }));
      }
      const [id = ''] = [...patient.local.list()].map((instance) => instance.id);
      forced.advance(5000);
      await forced.client.send(new StopInstancesCommand({ InstanceIds: [id], Force: true }));
      expect(5000 + reach(forced, id, 'stopped')).toBeLessThanOrEqual(reach(patient, id, 'stopped'));
    }
  });

  test('can be hurried by force once it has begun', async () => {
    const { aws, id } = await hungAndStopped({});
    aws.advance(minute);
    await aws.client.send(new StopInstancesCommand({ InstanceIds: [id], Force: true }));
    expect(reach(aws, id, 'stopped')).toBeLessThan(2 * minute);
  });
});
