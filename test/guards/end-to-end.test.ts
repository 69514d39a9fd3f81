import { SetDesiredCapacityCommand, StartInstanceRefreshCommand, SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling';
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateTagsCommand,
  ModifyInstanceAttributeCommand,
  ModifyInstanceMaintenanceOptionsCommand,
  RebootInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import type { Fault } from '#local-aws';
import { createFleet } from '../../local/testbed/fleet.ts';
import { createHost, type Host } from '../../local/testbed/host.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { policySchema } from '../../shared/model/policy.ts';

const start = Date.parse('2026-03-02T09:00:00Z');
const minute = 60_000;
const account = '111122223333';
const region = 'us-east-1';

type World = { host: Host; fleet: ReturnType<typeof createFleet>; at: (minutes: number) => Promise<boolean> };
type Scenario<T> = {
  policy?: Record<string, unknown>;
  /** What stands otherwise in the environment: a policy there may be any text. */
  variables?: Record<string, string>;
  /** Builds what is to break; the world is 20 minutes old then. */
  build: (world: World) => Promise<T>;
  /** Sets the guard's reason up, or breaks its look-up. */
  arrange?: (world: World, built: T) => unknown;
  /** Breaks it; half an hour has gone by. */
  breaks: (world: World, built: T) => unknown;
  outcomes?: number;
};

/** Plays a scenario to its end. */
const play = async <T>({ policy = {}, variables = {}, build, arrange, breaks, outcomes = 1 }: Scenario<T>): Promise<Host> => {
  const host = await createHost({ seed: 11, start, account, region, policy: policySchema.parse(policy), variables });
  try {
    const at = (minutes: number) => host.run(() => false, start + minutes * minute);
    const world = { host, fleet: createFleet(host), at };
    const built = await build(world);
    await at(20);
    await arrange?.(world, built);
    await at(30);
    await breaks(world, built);
    await host.run(() => host.outcomes.length >= outcomes && !host.busy(), start + 12 * 60 * minute);
    return host;
  } finally {
    await host.close();
  }
};

/** What selfheal changed, or tried to change, in EC2 and Auto Scaling; what was only a dry run is none of it. */
const changes = ({ aws }: Host): string[] =>
  aws.world.calls
    .filter(({ accessKey, service }) => accessKey === 'selfheal' && (service === 'ec2' || service === 'autoscaling'))
    .filter(({ operation, input }) => !operation.startsWith('Describe') && !(input as { DryRun?: boolean }).DryRun)
    .map(({ operation }) => operation);

const deny = (service: Extract<Fault, { fault: 'fail-call' }>['service'], operation: string) => (world: World) =>
  world.host.aws.faults.inject({ fault: 'fail-call', service, operation, code: 'AccessDeniedException', status: 400 });

/** A lone instance whose kernel hangs: it would be rebooted. */
const hungInstance = {
  build: async ({ fleet }: World) => {
    const id = await fleet.instance({ name: 'web' });
    await fleet.statusAlarm(id, 'Instance');
    return id;
  },
  breaks: ({ host }: World, id: string) => host.aws.faults.inject({ fault: 'hang-kernel', target: id }),
};

/** A lone instance whose host fails, and which EC2 doesn't recover: it would be stopped and started. */
const failedHost = {
  build: async ({ host, fleet }: World) => {
    const id = await fleet.instance({ name: 'web' });
    await host.operator.ec2.send(new ModifyInstanceMaintenanceOptionsCommand({ InstanceId: id, AutoRecovery: 'disabled' }));
    await fleet.statusAlarm(id, 'System');
    return id;
  },
  breaks: ({ host }: World, id: string) => host.aws.faults.inject({ fault: 'fail-host', target: id }),
};

/** A member whose host fails, in a group that doesn't notice: it would be replaced. */
const failedMember = {
  build: async ({ host, fleet }: World) => {
    await fleet.group({ name: 'shop', min: 2, max: 4, desired: 2 });
    await host.operator.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: 'shop', ScalingProcesses: ['HealthCheck'] }));
    await host.run(() => host.aws.autoScaling.get('shop')?.inServiceIds.length === 2, start + 15 * minute);
    const id = host.aws.autoScaling.get('shop')?.inServiceIds[0] as string;
    await fleet.statusAlarm(id, 'System');
    return id;
  },
  breaks: ({ host }: World, id: string) => host.aws.faults.inject({ fault: 'fail-host', target: id }),
};

/** A group with more load than it can carry: it would be scaled out. */
const overload = {
  build: async ({ fleet }: World) => {
    await fleet.group({ name: 'api', min: 2, max: 6, desired: 2 });
    await fleet.cpuAlarm('api');
    return 'api';
  },
  breaks: ({ host }: World, name: string) => host.aws.faults.inject({ fault: 'add-load', target: name, percent: 180 }),
};

/** How the incident ended. A stop of our own comes back as an event, and what becomes of that is nobody's business. */
const ended = ({ outcomes }: Host): Pick<Outcome, 'status' | 'reason'> => {
  const { status, reason } = (outcomes.find(({ quiet }) => !quiet) ?? outcomes[0]) as Outcome;
  return { status, reason };
};

describe('where nothing speaks against it', () => {
  test.each<[string, Scenario<string>, string[]]>([
    ['a hung instance is rebooted', hungInstance, ['RebootInstances']],
    ['an instance on a failed host is stopped and started', failedHost, ['StopInstances', 'StartInstances']],
    ['a failed member is replaced', failedMember, ['TerminateInstanceInAutoScalingGroup']],
    ['an overloaded group is scaled out', overload, ['SetDesiredCapacity']],
  ])('%s', async (_, scenario, expected) => {
    const host = await play(scenario);
    expect(ended(host)).toMatchObject({ status: 'healed' });
    expect(changes(host)).toEqual(expected);
  });
});

/** What an alarm says that has fired. */
const fired = JSON.stringify({ version: '1.0', queryDate: '2026-03-02T09:30:00Z', threshold: 1, recentDatapoints: [1, 1, 1] });

/** Reasons are those that the outcome gives; nothing may have been changed. */
const stays = (name: string, scenario: Scenario<string>, status: Outcome['status'], reason: RegExp) =>
  test(name, async () => {
    const host = await play(scenario);
    expect(ended(host)).toEqual({ status, reason: expect.stringMatching(reason) });
    expect(changes(host)).toEqual([]);
  });

describe('nothing is done', () => {
  stays(
    'to what has not opted in',
    {
      ...hungInstance,
      build: async (world) =>
        hungInstance.build({ ...world, fleet: { ...world.fleet, instance: (of) => world.fleet.instance({ ...of, optedIn: false }) } }),
    },
    'held',
    /not opted in/,
  );
  stays('where the look is denied', { ...hungInstance, arrange: deny('ec2', 'DescribeInstances') }, 'held', /could not look/);
  stays(
    'where a tag on it would loosen the policy',
    {
      ...hungInstance,
      arrange: ({ host }, id) =>
        host.operator.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'selfheal:max-actions', Value: '50' }] })),
    },
    'held',
    /would loosen the budget/,
  );
  for (const [name, scenario] of Object.entries({ hungInstance, failedHost, failedMember, overload }))
    stays(
      `under a policy that names an action that there is not: ${name}`,
      { ...(scenario as Scenario<string>), variables: { SELFHEAL_POLICY: '{"approval": {"required": [{"action": "stop-start"}]}}' } },
      'escalated',
      /^the policy can't be used, so selfheal takes no action: policy: approval.*did you mean stop-start-instance\?/,
    );
  stays(
    'under a policy that is no JSON',
    { ...hungInstance, variables: { SELFHEAL_POLICY: '{"mode": "enforce"' } },
    'escalated',
    /^the policy can't be used, so selfheal takes no action: policy: not JSON/,
  );
  test('under a policy that cannot be used, by which events are still classified and every function says so, once', async () => {
    const variables = { SELFHEAL_POLICY: '{"moods": "off", "classification": {"alarm": []}}' };
    const host = await play({ ...hungInstance, variables });
    expect(host.outcomes.map(({ failure, status }) => [failure, status])).toEqual([['instance-unreachable', 'escalated']]);
    expect(host.messages.join()).toContain('did you mean mode?');
    const said = host.log.filter((line) => line.includes('policy not usable')).map((line) => JSON.parse(line) as { problem: string });
    expect(said.map(({ problem }) => problem.replace(/: policy: .*/, '')).sort()).toEqual([
      "the policy can't be used, so selfheal takes no action",
      "the policy can't be used, so selfheal takes no action",
      "the policy can't be used, so the default classification applies",
    ]);
  });
  stays(
    'where the policy is off for the failure',
    { ...hungInstance, policy: { modes: [{ when: { failure: 'instance-unreachable' }, mode: 'off' }] } },
    'held',
    /the policy switches action off; selfheal would have rebooted/,
  );
  stays(
    'where the policy is a dry run in the account',
    { ...hungInstance, policy: { modes: [{ when: { account }, mode: 'dry-run' }] } },
    'dry-run',
    /^would have rebooted/,
  );
  stays(
    'where a tag asks for a dry run',
    {
      ...hungInstance,
      arrange: ({ host }, id) =>
        host.operator.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'selfheal:mode', Value: 'dry-run' }] })),
    },
    'dry-run',
    /^would have rebooted/,
  );
  stays(
    'while the kill switch is off',
    { ...hungInstance, arrange: ({ host }) => host.setSwitch('off') },
    'held',
    /the kill switch is set to off/,
  );
  stays(
    'while the kill switch is on dry run',
    { ...hungInstance, arrange: ({ host }) => host.setSwitch('dry-run') },
    'dry-run',
    /^would have rebooted/,
  );
  stays(
    'while the kill switch holds something else',
    { ...hungInstance, arrange: ({ host }) => host.setSwitch('offf' as 'off') },
    'held',
    /must be one of on, dry-run, off/,
  );
  stays(
    'where the kill switch may not be read',
    { ...hungInstance, arrange: deny('ssm', 'GetParameter') },
    'held',
    /kill-switch could not check/,
  );
  stays(
    'to what a person stopped',
    { build: hungInstance.build, breaks: ({ host }, id) => host.operator.ec2.send(new StopInstancesCommand({ InstanceIds: [id] })) },
    'held',
    /on purpose \(Client\.UserInitiatedShutdown\)/,
  );
  stays(
    'to a member that its group would not replace',
    {
      ...failedMember,
      arrange: ({ host }) =>
        host.operator.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: 'shop', ScalingProcesses: ['Launch'] })),
    },
    'escalated',
    /would not replace a member: Launch suspended/,
  );
  stays(
    'to a member whose group may not be seen',
    { ...failedMember, arrange: deny('autoscaling', 'DescribeAutoScalingGroups') },
    'held',
    /could not look/,
  );
  stays(
    'where only the alarm was set by hand',
    {
      build: hungInstance.build,
      breaks: ({ host }, id) =>
        host.operator.cloudWatch.send(
          new SetAlarmStateCommand({
            AlarmName: `${id}-status-check-instance`,
            StateValue: 'ALARM',
            StateReason: 'a test',
            StateReasonData: fired,
          }),
        ),
    },
    'healed-itself',
    /no action was needed/,
  );
  stays(
    'to a member while an instance refresh runs',
    {
      ...failedMember,
      breaks: async (world, id) => {
        failedMember.breaks(world, id);
        await world.at(40);
        await world.host.operator.autoScaling.send(new StartInstanceRefreshCommand({ AutoScalingGroupName: 'shop' }));
      },
    },
    'healed-itself',
    /./,
  );
  stays(
    'to a member where instance refreshes may not be seen',
    { ...failedMember, arrange: deny('autoscaling', 'DescribeInstanceRefreshes') },
    'held',
    /concurrent-remediation could not check/,
  );
  stays(
    'to a group where its activities may not be seen',
    { ...overload, arrange: deny('autoscaling', 'DescribeScalingActivities') },
    'held',
    /capacity could not check/,
  );
  stays(
    'to a group that a person has just resized, and may resize again',
    {
      ...overload,
      policy: { healers: { person: 3 * 3600 }, lease: { seconds: 2700, patience: 60 } },
      arrange: ({ host }) =>
        host.operator.autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'api', DesiredCapacity: 2 })),
    },
    'held',
    /operator called SetDesiredCapacity on it/,
  );
  stays(
    'to an instance that a person is at work on',
    {
      ...failedHost,
      policy: { healers: { person: 3 * 3600 } },
      arrange: ({ host }, id) => host.operator.ec2.send(new RebootInstancesCommand({ InstanceIds: [id] })),
    },
    'held',
    /operator called RebootInstances on it/,
  );
  stays(
    'while a change calendar is closed',
    {
      ...hungInstance,
      policy: { calendars: ['releases'] },
      arrange: ({ host }) => host.aws.ssm.putCalendar('releases', { openByDefault: false, events: [] }),
    },
    'held',
    /change calendar releases is CLOSED/,
  );
  stays(
    'where a change calendar may not be read',
    {
      ...hungInstance,
      policy: { calendars: ['releases'] },
      arrange: (world) => {
        world.host.aws.ssm.putCalendar('releases', { openByDefault: true, events: [] });
        deny('ssm', 'GetCalendarState')(world);
      },
    },
    'held',
    /calendar could not check/,
  );
  stays(
    'to an instance that is protected from being stopped',
    {
      ...failedHost,
      arrange: ({ host }, id) =>
        host.operator.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiStop: { Value: true } })),
    },
    'escalated',
    /nothing took effect \(.*protected from being stopped/,
  );
  stays(
    'where protection may not be looked up',
    { ...failedHost, arrange: deny('ec2', 'DescribeInstanceAttribute') },
    'held',
    /protection could not check/,
  );
  stays(
    'to a protected member, unless a person says yes',
    {
      ...failedMember,
      arrange: ({ host }, id) =>
        host.operator.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiTermination: { Value: true } })),
    },
    'held',
    /nobody decided within 4 h 00 min/,
  );
  stays(
    'where the policy wants an approval that nobody gives',
    { ...hungInstance, policy: { approval: { required: [{ action: 'reboot-instance' }], timeout: 600 } } },
    'held',
    /nobody decided within 10 min/,
  );
  stays(
    'while another incident treats it',
    {
      ...hungInstance,
      arrange: ({ host }, id) => host.ledger.acquire({ account, region, type: 'instance', id }, 'another', start, start + 600 * minute),
    },
    'held',
    /incident another is treating instance/,
  );
  stays('where the ledger may not be written', { ...hungInstance, arrange: deny('dynamodb', 'UpdateItem') }, 'held', /could not check/);
  stays(
    'once the budget is used up',
    {
      ...hungInstance,
      policy: { budget: { actions: 1, window: 3600 } },
      arrange: async ({ host }, id) => {
        const resource = { account, region, type: 'instance', id };
        await host.ledger.acquire(resource, 'earlier', start, start + minute);
        await host.ledger.recordAttempt(resource, { at: start + 1, action: 'stop-start-instance', incident: 'earlier' }, []);
      },
    },
    'escalated',
    /the budget is used up/,
  );
  stays(
    'that did not last before: the last rung is a person',
    {
      ...hungInstance,
      policy: { flapping: { times: 1, window: 3600 } },
      arrange: async ({ host }, id) => {
        const resource = { account, region, type: 'instance', id };
        await host.ledger.acquire(resource, 'earlier', start, start + minute);
        const earlier = { at: start + 1, action: 'reboot-instance', incident: 'earlier' };
        await host.ledger.recordAttempt(resource, { ...earlier, action: 'stop-start-instance' }, [earlier]);
      },
    },
    'escalated',
    /nothing took effect \(.*didn't last/,
  );
  stays(
    'while as many members as may be are under treatment',
    {
      ...failedMember,
      arrange: ({ host }) =>
        host.ledger.acquire({ account, region, type: 'group-place', id: 'shop/0' }, 'another', start, start + 600 * minute),
    },
    'held',
    /1 of 2 members of group shop are under treatment/,
  );
  stays(
    'in a zone that AWS has told is impaired',
    {
      ...hungInstance,
      breaks: async (world, id) => {
        const { host } = world;
        const zone = host.aws.ec2.zones.find(({ name }) => name === `${region}a`);
        host.deliver({
          version: '0',
          id: '5f0e0f6e-0000-4000-8000-000000000001',
          'detail-type': 'Autoshift In Progress',
          source: 'aws.arc-zonal-shift',
          account,
          time: new Date(host.aws.world.clock.now()).toISOString(),
          region,
          resources: [],
          detail: { version: '0.0.1', data: '', metadata: { awayFrom: zone?.id, notes: '' } },
        });
        await host.run(() => host.outcomes.length === 1, start + 31 * minute);
        expect(host.outcomes.splice(0).map(({ failure, status }) => `${failure} ${status}`)).toEqual(['zone-impaired escalated']);
        hungInstance.breaks(world, id);
      },
    },
    'held',
    /AWS has reported that .* is impaired/,
  );
});

describe('CloudTrail', () => {
  const arrange = deny('cloudtrail', 'LookupEvents');

  test('holds everything up but a reboot where it is denied', async () => {
    const host = await play({ ...failedHost, arrange });
    expect(ended(host)).toMatchObject({ status: 'held', reason: expect.stringContaining('recent-manual-change could not check') });
    expect(changes(host)).toEqual([]);
  });

  test('is not asked by a policy that does without', async () => {
    const host = await play({ ...failedHost, arrange, policy: { healers: { person: 0 } } });
    expect(ended(host)).toMatchObject({ status: 'healed' });
    expect(changes(host)).toEqual(['StopInstances', 'StartInstances']);
  });
});

describe('when many fail together', () => {
  test('single actions stop, and one message tells of all', async () => {
    const count = 8;
    const host = await play<string[]>({
      policy: { massFailure: { account: 4 } },
      build: async ({ fleet }) => {
        const ids: string[] = [];
        for (let i = 0; i < count; i++) {
          const id = await fleet.instance({ name: `web-${i}` });
          await fleet.statusAlarm(id, 'Instance');
          ids.push(id);
        }
        return ids;
      },
      breaks: ({ host: { aws } }, ids) => {
        for (const target of ids) aws.faults.inject({ fault: 'hang-kernel', target });
      },
      outcomes: count,
    });
    // Those that came before there were too many.
    expect(changes(host)).toEqual(['RebootInstances', 'RebootInstances', 'RebootInstances']);
    const massive = host.outcomes.filter(({ reason }) => reason.startsWith('mass failure'));
    expect(massive).toHaveLength(count - 3);
    expect(massive.filter(({ quiet }) => !quiet)).toHaveLength(1);
    const told = host.messages.filter((message) => message.includes('mass failure')).map((message) => JSON.parse(message));
    expect(told.map(({ kind = 'outcome', reason }) => [kind, /(\d+) resources/.exec(reason)?.[1]])).toEqual([
      // All that it stands for, and not what was known of it at first.
      ['outcome', String(count)],
    ]);
  });
});

describe('the calls that it takes', () => {
  test('to reboot a lone instance, the guards add one look-up, and one note and two looks at the ledger', async () => {
    const host = await play(hungInstance);
    const act = host.aws.world.calls.findIndex(({ operation }) => operation === 'RebootInstances');
    const before = host.aws.world.calls.slice(0, act).filter(({ accessKey, at }) => accessKey === 'selfheal' && at >= start + 30 * minute);
    expect(before.map(({ service, operation }) => `${service}:${operation}`).filter((call) => !call.startsWith('lambda:'))).toEqual([
      // Both copies of the event are put into its inbox, which is read.
      'dynamodb:UpdateItem',
      'dynamodb:UpdateItem',
      'dynamodb:GetItem',
      // The first incident of a table makes sure that nothing else is in it.
      'dynamodb:GetItem',
      'dynamodb:Scan',
      'dynamodb:PutItem',
      // The incident opens, and is looked at.
      'dynamodb:PutItem',
      'monitoring:DescribeAlarms',
      'ec2:DescribeInstances',
      'ec2:DescribeInstanceStatus',
      'ec2:DescribeInstanceTypes',
      // What is paused.
      'dynamodb:GetItem',
      // What else fails; the kill switch.
      'dynamodb:UpdateItem',
      'dynamodb:BatchGetItem',
      'ssm:GetParameter',
      // The lease is taken; the attempt is noted on the resource, and on the incident with its story.
      'dynamodb:UpdateItem',
      'dynamodb:UpdateItem',
      'dynamodb:UpdateItem',
    ]);
  });
});
