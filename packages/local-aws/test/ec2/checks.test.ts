import { DescribeInstanceStatusCommand, RebootInstancesCommand, StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { ec2World, minute } from './world.ts';

type Ec2World = ReturnType<typeof ec2World>;

const start = (spec: Parameters<Ec2World['launch']>[0] = {}, seed = 1) => {
  const aws = ec2World(seed);
  const { id } = aws.launch(spec);
  aws.until(() => aws.local.get(id)?.instanceStatus === 'ok');
  return { aws, id };
};

const statusOf = async ({ client }: Ec2World, id: string) => {
  const { InstanceStatuses = [] } = await client.send(new DescribeInstanceStatusCommand({ InstanceIds: [id], IncludeAllInstances: true }));
  return InstanceStatuses[0];
};

const view = ({ local }: Ec2World, id: string) => {
  const found = local.get(id);
  if (!found) throw new Error(`no ${id}`);
  return found;
};

const metric = ({ local, world }: Ec2World, id: string, name: string, at = world.clock.now()) =>
  local.metrics(name, { InstanceId: id }, at);

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-system-instance-status-check.html
describe('status checks', () => {
  test('find a hung kernel at the next minute, and call it impaired when it fails again', async () => {
    const { aws, id } = start();
    aws.local.faults['hang-kernel'](id);
    const failed = aws.until(() => metric(aws, id, 'StatusCheckFailed_Instance') === 1);
    expect(failed).toBeLessThanOrEqual(minute);
    expect(view(aws, id).instanceStatus).toBe('ok');
    const impaired = failed + aws.until(() => view(aws, id).instanceStatus === 'impaired');
    expect(impaired).toBeGreaterThan(minute);
    expect(impaired).toBeLessThanOrEqual(2 * minute);
    expect(view(aws, id)).toMatchObject({ systemStatus: 'ok', reachable: false });
    const status = await statusOf(aws, id);
    expect(status?.InstanceStatus).toMatchObject({ Status: 'impaired', Details: [{ Name: 'reachability', Status: 'failed' }] });
    const since = status?.InstanceStatus?.Details?.[0]?.ImpairedSince?.getTime() ?? 0;
    expect(aws.world.clock.now() - since).toBeGreaterThanOrEqual(minute);
    expect(aws.world.clock.now() - since).toBeLessThan(2 * minute);
    expect(status?.SystemStatus).toEqual({ Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] });
  });

  test('fail both where the host fails', async () => {
    const { aws, id } = start({ instanceType: 'm5d.large' });
    aws.local.faults['fail-host'](id);
    aws.advance(2 * minute + 1000);
    expect(view(aws, id)).toMatchObject({ systemStatus: 'impaired', instanceStatus: 'impaired', reachable: false });
    for (const name of ['StatusCheckFailed', 'StatusCheckFailed_System', 'StatusCheckFailed_Instance'])
      expect(metric(aws, id, name)).toBe(1);
    expect(metric(aws, id, 'StatusCheckFailed_AttachedEBS')).toBe(0);
  });

  test('are not applicable to what is not running, and initializing again after a start', async () => {
    const { aws, id } = start();
    await aws.client.send(new StopInstancesCommand({ InstanceIds: [id] }));
    aws.advance(2 * minute);
    expect((await statusOf(aws, id))?.SystemStatus).toEqual({ Status: 'not-applicable', Details: [] });
    expect(metric(aws, id, 'StatusCheckFailed')).toBeUndefined();
    await aws.client.send(new StartInstancesCommand({ InstanceIds: [id] }));
    aws.until(() => view(aws, id).state === 'running');
    aws.advance(5000);
    expect((await statusOf(aws, id))?.InstanceStatus).toMatchObject({ Status: 'initializing', Details: [{ Status: 'initializing' }] });
    aws.advance(3 * minute);
    expect((await statusOf(aws, id))?.InstanceStatus?.Status).toBe('ok');
  });

  test('of an instance that never came up are initializing until the second fails', () => {
    const aws = ec2World();
    const { id } = aws.launch();
    aws.until(() => view(aws, id).state === 'running');
    aws.local.faults['hang-kernel'](id);
    aws.until(() => metric(aws, id, 'StatusCheckFailed_Instance') === 1);
    expect(view(aws, id).instanceStatus).toBe('initializing');
    aws.advance(minute);
    expect(view(aws, id)).toMatchObject({ instanceStatus: 'impaired', systemStatus: 'ok' });
  });

  test('are one a minute: no minute without a datapoint, and the past keeps its values', () => {
    const { aws, id } = start();
    const from = Math.ceil(aws.world.clock.now() / minute) * minute;
    aws.advance(3 * minute);
    const end = aws.local.faults['hang-kernel'](id);
    aws.advance(4 * minute);
    end();
    aws.advance(3 * minute);
    const values = Array.from({ length: 10 }, (_, i) => metric(aws, id, 'StatusCheckFailed_Instance', from + i * minute));
    expect(values).not.toContain(undefined);
    expect(values.join('')).toMatch(/^0{2,4}1{4}0+$/);
    expect(metric(aws, id, 'StatusCheckFailed_Instance', 0)).toBeUndefined();
  });

  test('of the volumes fail apart from the others', async () => {
    const { aws, id } = start();
    const end = aws.local.faults['impair-volume'](id);
    aws.advance(3 * minute);
    expect((await statusOf(aws, id))?.AttachedEbsStatus?.Status).toBe('impaired');
    expect(metric(aws, id, 'StatusCheckFailed_AttachedEBS')).toBe(1);
    expect(view(aws, id)).toMatchObject({ instanceStatus: 'ok', systemStatus: 'ok' });
    end();
    aws.advance(minute);
    expect(metric(aws, id, 'StatusCheckFailed_AttachedEBS')).toBe(0);
  });
});

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RebootInstances.html
describe('a reboot', () => {
  const reboot = (aws: Ec2World, id: string) => aws.client.send(new RebootInstancesCommand({ InstanceIds: [id] }));

  test('of a healthy instance is over within two minutes, and never makes it impaired', async () => {
    const { aws, id } = start();
    await reboot(aws, id);
    expect(view(aws, id)).toMatchObject({ state: 'running', reachable: true });
    expect(aws.until(() => !view(aws, id).reachable)).toBeLessThan(30_000);
    for (let second = 0; second < 180; second++) {
      aws.advance(1000);
      expect(view(aws, id).instanceStatus).not.toBe('impaired');
    }
    expect(view(aws, id).reachable).toBe(true);
    expect(view(aws, id).state).toBe('running');
  });

  test('heals a hung kernel, but only after the minutes that EC2 waits for a clean shutdown', async () => {
    const { aws, id } = start();
    aws.local.faults['hang-kernel'](id);
    await reboot(aws, id);
    expect(aws.until(() => view(aws, id).reachable)).toBeGreaterThan(3 * minute);
    aws.advance(minute);
    expect(view(aws, id).instanceStatus).toBe('ok');
  });

  test('that is asked for again while it waits does not start over', async () => {
    const once = start();
    once.aws.local.faults['hang-kernel'](once.id);
    await reboot(once.aws, once.id);
    const alone = once.aws.until(() => view(once.aws, once.id).reachable);
    const often = start();
    often.aws.local.faults['hang-kernel'](often.id);
    await reboot(often.aws, often.id);
    often.aws.advance(2 * minute);
    await reboot(often.aws, often.id);
    expect(2 * minute + often.aws.until(() => view(often.aws, often.id).reachable)).toBe(alone);
  });

  test('never heals a failed host', async () => {
    const { aws, id } = start({ instanceType: 'm5d.large' });
    aws.local.faults['fail-host'](id);
    await reboot(aws, id);
    aws.advance(30 * minute);
    expect(view(aws, id)).toMatchObject({ systemStatus: 'impaired', instanceStatus: 'impaired', reachable: false });
  });
});

describe('a stop and start', () => {
  test.each(['hang-kernel', 'fail-host'] as const)('heals %s', async (fault) => {
    const { aws, id } = start({ instanceType: 'm5d.large' });
    const end = aws.local.faults[fault](id);
    aws.advance(3 * minute);
    await aws.client.send(new StopInstancesCommand({ InstanceIds: [id], Force: true }));
    aws.until(() => view(aws, id).state === 'stopped');
    await aws.client.send(new StartInstancesCommand({ InstanceIds: [id] }));
    aws.advance(5 * minute);
    expect(view(aws, id)).toMatchObject({ systemStatus: 'ok', instanceStatus: 'ok', reachable: true });
    end();
    expect(view(aws, id).reachable).toBe(true);
  });

  test('loses what is on an instance store', async () => {
    const { aws, id } = start({ instanceType: 'm5d.large' });
    const notes: string[] = [];
    aws.world.subscribe((worldEvent) => {
      if (worldEvent.type === 'note') notes.push(worldEvent.text);
    });
    await aws.client.send(new StopInstancesCommand({ InstanceIds: [id] }));
    aws.advance(minute);
    expect(notes).toEqual([`${id} lost what was on its instance store`]);
  });
});

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-configuration-recovery.html
describe('simplified automatic recovery', () => {
  const afterHostFailure = (spec: Parameters<Ec2World['launch']>[0], seed: number) => {
    const { aws, id } = start(spec, seed);
    aws.local.faults['fail-host'](id);
    aws.advance(15 * minute);
    const outcome = aws.events('AWS Health Event').map(({ detail }) => detail.eventTypeCode);
    return { aws, id, healed: view(aws, id).reachable, outcome };
  };

  test('moves most instances off a failed host by itself, keeps their addresses, and tells AWS Health how it went', () => {
    let healed = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const run = afterHostFailure({}, seed);
      if (run.healed) healed++;
      expect(run.outcome).toEqual([`AWS_EC2_SIMPLIFIED_AUTO_RECOVERY_${run.healed ? 'SUCCESS' : 'FAILURE'}`]);
      expect(view(run.aws, run.id).state).toBe('running');
    }
    expect(healed).toBeGreaterThan(10);
    expect(healed).toBeLessThan(20);
  });

  test.each([
    ['an instance store', { instanceType: 'm5d.large' }],
    ['bare metal', { instanceType: 'm5.metal' }],
    ['a member of a group', { groupName: 'web' }],
    ['a spot instance', { spot: true }],
  ])('leaves %s alone', (_, spec) => {
    for (let seed = 1; seed <= 5; seed++) expect(afterHostFailure(spec, seed)).toMatchObject({ healed: false, outcome: [] });
  });

  test('does nothing while the zone is dark, or while the instance has a scheduled event', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const dark = start({}, seed);
      dark.aws.local.faults['fail-host'](dark.id);
      dark.aws.local.faults['dark-zone']('us-east-1a');
      dark.aws.advance(15 * minute);
      expect(dark.aws.events('AWS Health Event')).toEqual([]);
      const retiring = start({}, seed);
      retiring.aws.local.scheduleRetirement(retiring.id, retiring.aws.world.clock.now() + 60 * minute);
      retiring.aws.local.faults['fail-host'](retiring.id);
      retiring.aws.advance(15 * minute);
      expect(retiring.aws.events('AWS Health Event')).toHaveLength(1);
      expect(view(retiring.aws, retiring.id).reachable).toBe(false);
    }
  });

  test('is tried three times a day, and again the day after', () => {
    const { aws, id } = start();
    const succeeded: boolean[] = [];
    for (let i = 0; i < 30; i++) {
      const end = aws.local.faults['fail-host'](id);
      aws.advance(15 * minute);
      succeeded.push(view(aws, id).reachable);
      end();
      aws.advance(5 * minute);
    }
    expect(succeeded.slice(3)).not.toContain(true);
    aws.advance(24 * 60 * minute);
    aws.local.faults['fail-host'](id);
    aws.advance(15 * minute);
    expect(view(aws, id).reachable).toBe(true);
  });

  test('does nothing when the host came back by itself', () => {
    const { aws, id } = start();
    const end = aws.local.faults['fail-host'](id);
    aws.advance(minute);
    end();
    aws.advance(15 * minute);
    expect(view(aws, id).reachable).toBe(true);
    expect(aws.events('AWS Health Event')).toEqual([]);
  });
});
