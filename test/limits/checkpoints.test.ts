import { describe, expect, test } from '@jest/globals';
import { hold, pass } from '../../shared/guards/guard.ts';
import { guards } from '../../shared/guards/index.ts';
import { watch } from '../../shared/playbooks/playbook.ts';
import { withoutIdleTags } from '../../shared/policy/effective-policy.ts';
import { describeGroup } from '../../shared/resources/group.ts';
import { observeResource } from '../../shared/resources/observe-resource.ts';
import { type Answer, empty, recordingClients } from '../aws/recorder.ts';
import { drive, type Scene } from '../remediation/drive.ts';
import { alarm, incident, instance, instanceId, memberFacts, noon, policy } from '../remediation/examples.ts';
import { bytesOf, limits } from './figures.ts';
import { alarmName, groupName, longestIncident, longestOutcome, wide } from './longest.ts';

const id = (n: number) => `i-${n.toString(16).padStart(17, '0')}`;
const { children: _, ...told } = longestIncident;

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html: 50 tags, with keys of 128 and values of 256 characters. */
const tags = (key: (n: number) => string) => Array.from({ length: 50 }, (_, n) => ({ Key: key(n), Value: wide(256) }));
const idle = tags((n) => `${n}${wide(120)}`);

/** An account with one group of that many members, all of them behind one target group, on ports without number. */
const account = (members: number, Tags = idle) => {
  const answers: Record<string, Answer> = {
    'ec2:DescribeInstances': {
      output: {
        Reservations: [
          {
            Instances: [
              {
                ...{
                  InstanceId: id(7),
                  State: { Name: 'running' },
                  InstanceType: 'm7i.large',
                  Placement: { AvailabilityZone: 'us-east-1a' },
                },
                Tags: [{ Key: 'selfheal', Value: 'on' }, { Key: 'aws:autoscaling:groupName', Value: groupName }, ...Tags],
                BlockDeviceMappings: Array.from({ length: 128 }, (_, n) => ({
                  Ebs: { VolumeId: `vol-${n.toString(16).padStart(17, '0')}` },
                })),
              },
            ],
          },
        ],
      },
    },
    'ec2:DescribeInstanceStatus': { output: { InstanceStatuses: [{ InstanceId: id(7), InstanceState: { Name: 'running' } }] } },
    'autoscaling:DescribeAutoScalingGroups': {
      output: {
        AutoScalingGroups: [
          {
            ...{ MinSize: 1, MaxSize: members, DesiredCapacity: members, Tags: [{ Key: 'selfheal', Value: 'on' }, ...Tags] },
            Instances: Array.from({ length: members }, (_, n) => ({
              ...{ InstanceId: id(n), LifecycleState: n < 2 ? 'Pending:Wait' : 'InService', HealthStatus: n < 3 ? 'Unhealthy' : 'Healthy' },
            })),
          },
        ],
      },
    },
    'cloudwatch:DescribeAlarms': {
      output: { MetricAlarms: [{ StateValue: 'ALARM', AlarmActions: Array.from({ length: 5 }, () => `arn:${'a'.repeat(200)}`) }] },
    },
    'elasticloadbalancing:DescribeTargetHealth': {
      output: {
        TargetHealthDescriptions: Array.from({ length: 2 * members }, (_, n) => ({
          Target: { Id: id(n % members), Port: 8080 + n },
          TargetHealth: { State: n % members === 7 ? 'unhealthy' : 'healthy', Reason: 'Target.Timeout' },
        })),
      },
    },
  };
  return recordingClients((permission) => answers[permission] ?? empty);
};
const targetGroup = { ...incident(), resource: { type: 'target-group' as const, id: 'targetgroup/web/0123456789abcdef' } };

describe('a look', () => {
  test('of 500 members takes less than 10 KB, and of 5,000 no more', async () => {
    const sizes: number[] = [];
    for (const members of [500, 5000]) {
      const seen = withoutIdleTags(await observeResource(account(members).clients, targetGroup, noon), policy());
      expect(seen).toMatchObject({
        instance: { id: id(7), tags: { selfheal: 'on' } },
        group: {
          count: { all: members, inService: members - 2, working: members - 3, joining: 2 },
          members: [{ instanceId: id(7) }],
          tags: { selfheal: 'on' },
        },
        targets: { all: 2 * members, healthy: 2 * members - 2, unhealthy: 2, hosts: members, unhealthyHosts: 1, own: [{ id: id(7) }] },
      });
      sizes.push(bytesOf(seen));
    }
    expect(Math.max(...sizes)).toBeLessThan(10_000);
    expect(Math.abs((sizes[0] ?? 0) - (sizes[1] ?? 0))).toBeLessThan(50);
  });

  test('keeps the tags by which something is decided, and the name, and of those as many as there may be', async () => {
    const deciding = policy({
      modes: [{ when: { tag: { key: 'env' } }, mode: 'dry-run' }],
      approval: { required: [{ tag: { key: 'tier' } }] },
    });
    const keys = ['env', 'tier', 'Selfheal:Mode', 'eks:nodegroup-name', 'aws:ec2:fleet-id', 'k8s.io/cluster-autoscaler/enabled'];
    const owned = { ...Object.fromEntries(keys.map((key) => [key, 'x'])), selfheal: 'on', Name: 'web', 'environment-of': 'x' };
    const seen = withoutIdleTags(memberFacts({ instance: instance({ tags: owned }) }), deciding);
    expect(Object.keys(seen.instance?.tags ?? {}).sort()).toEqual([...keys, 'selfheal', 'Name'].sort());
    const most = tags((n) => `selfheal:${n}${wide(110)}`);
    expect(bytesOf(withoutIdleTags(await observeResource(account(10, most).clients, targetGroup, noon), policy()))).toBeLessThan(
      limits.checkpoint,
    );
  });

  test('at a group alone keeps the members that are asked for', async () => {
    const { clients } = account(500);
    expect((await describeGroup(clients, 'web'))?.members).toEqual([]);
    expect((await describeGroup(clients, 'web', [id(1), id(4), id(600)]))?.members.map(({ instanceId: one }) => one)).toEqual([
      id(1),
      id(4),
    ]);
  });
});

describe('what a step came to', () => {
  /** The largest by its name, of an incident that is played to its end. */
  const largest = async (scene: Scene) => {
    const sizes: Record<string, number> = {};
    const run = await drive({
      ...scene,
      kept: (name, result) => {
        sizes[name] = Math.max(sizes[name] ?? 0, bytesOf(result));
      },
    });
    return { sizes, outcome: run.outcome };
  };
  const rings = { alarm: alarm() };

  test('fits where guards have the most to say, and the ledger the most to tell', async () => {
    const { sizes } = await largest({
      incident: { ...told, resource: { type: 'instance', id: instanceId } },
      look: () =>
        memberFacts({
          ...rings,
          instance: instance({
            groupName,
            tags: { selfheal: 'on', ...Object.fromEntries(tags((n) => `selfheal:${n}${wide(100)}`).map(({ Key, Value }) => [Key, Value])) },
          }),
        }),
      guards: [
        ...guards.map(({ id: own }) => ({ id: own, check: () => ({ ...pass, dryRunOnly: wide(1000) }) })),
        {
          id: 'last',
          check: async ({ lease, replacements }) => {
            await lease();
            await replacements();
            return hold(wide(50_000));
          },
        },
      ],
      ledger: (ledger) => ({
        acquire: async () => ({
          acquired: true,
          attempts: Array.from({ length: 200 }, () => ({ at: noon, action: 'stop-start-instance', incident: 'k'.repeat(64) })),
        }),
        replacements: async (of) => ({
          of,
          earlier: Array.from({ length: 1000 }, () => ({ at: noon, key: 'k'.repeat(12), young: false })),
          version: 1,
        }),
        open: ledger.open,
      }),
    });
    expect(sizes.guard).toBeGreaterThan(50_000);
    expect(Math.max(...Object.values(sizes))).toBeLessThan(limits.checkpoint);
  });

  test('fits where a hundred children of a composite alarm tell of what they can', async () => {
    const { sizes, outcome } = await largest({
      incident: told,
      look: () => ({ ...rings, alarm: alarm({ composite: true }) }),
      answer: (call) =>
        call === 'cloudwatch:DescribeAlarms'
          ? {
              output: {
                MetricAlarms: Array.from({ length: 100 }, (_, n) => ({
                  ...{ AlarmName: `${n}${alarmName}`.slice(0, 255), StateValue: 'ALARM', StateReason: wide(1023), Namespace: 'AWS/EC2' },
                  ...{ MetricName: 'StatusCheckFailed_Instance', Dimensions: [{ Name: 'InstanceId', Value: id(n) }], Statistic: 'Maximum' },
                  ...{ Period: 60, EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold' },
                })),
              },
            }
          : undefined,
    });
    expect(outcome.reason).toContain('composite alarm');
    expect(sizes.children).toBeLessThan(10_000);
    expect(Math.max(...Object.values(sizes))).toBeLessThan(limits.checkpoint);
  });

  test('fits where it ended before, and where it comes to an end after the longest of stories', async () => {
    const opened = await largest({
      look: () => rings,
      before: async (ledger, own) => {
        await ledger.open(own, noon);
        await ledger.close({ ...longestOutcome(), incident: own.key });
      },
    });
    expect(opened.sizes.open).toBeGreaterThan(10_000);
    expect(opened.sizes.open).toBeLessThan(limits.checkpoint);
    // As many lines as there are operations for, each another one.
    let looks = 0;
    const saysMuch = { id: 'says-much', check: () => ({ state: 'unknown' as const, because: `${++looks}${wide(600)}` }) };
    const { sizes, outcome } = await largest({
      incident: { ...told, resource: { type: 'instance', id: instanceId } },
      look: () => rings,
      playbook: { failing: [saysMuch], healthy: [saysMuch], ladder: [watch({ because: 'somebody may come', atMost: 60 * 86_400 })] },
    });
    expect(outcome.status).toBe('failed');
    expect(bytesOf(outcome)).toBeGreaterThan(100_000);
    expect(bytesOf(outcome)).toBeLessThan(limits.checkpoint);
    expect(Math.max(...Object.values(sizes))).toBeLessThan(limits.checkpoint);
  });
});
