import { describe, expect, test } from '@jest/globals';
import { noRules, rulesOf } from '../../shared/model/classification-rules.ts';
import { byAlarmTags, causeOf, classifyChildren } from '../../shared/remediation/children.ts';
import { recordingClients } from '../aws/recorder.ts';
import { incident, instanceId, noon, policy } from './examples.ts';

const at = { Namespace: 'AWS/EC2', MetricName: 'StatusCheckFailed_Instance', Dimensions: [{ Name: 'InstanceId', Value: instanceId }] };
const fires = {
  ...{ AlarmName: 'child', AlarmArn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:child', StateValue: 'ALARM', StateReason: 'words' },
  ...{ ...at, Period: 60, Statistic: 'Maximum', StateUpdatedTimestamp: new Date(noon) },
};

describe('the children of a composite alarm', () => {
  const childrenIn = async (states: string[]) => {
    const { clients, calls } = recordingClients((_, input) => ({
      output: { MetricAlarms: input.ChildrenOfAlarmName ? states.map((StateValue, i) => ({ AlarmName: `child-${i}`, StateValue })) : [] },
    }));
    const found = await classifyChildren(clients, incident(), noRules);
    return { found, asked: calls.map(({ input }) => input) };
  };

  test('are asked for by name, those in ALARM alone, as many as CloudWatch tells of at once', async () => {
    const { asked } = await childrenIn(['OK', 'ALARM', 'INSUFFICIENT_DATA', 'ALARM']);
    expect(asked).toEqual([
      { ChildrenOfAlarmName: incident().alarm?.name, MaxRecords: 100 },
      { AlarmNames: ['child-1', 'child-3'], AlarmTypes: ['MetricAlarm'], MaxRecords: 100 },
    ]);
  });

  // Without a name CloudWatch would answer with all alarms.
  test('are not asked for where none is in ALARM', async () => {
    expect(await childrenIn(['OK'])).toMatchObject({ found: [], asked: [{ ChildrenOfAlarmName: expect.any(String) }] });
    expect((await childrenIn(['OK'])).asked).toHaveLength(1);
  });
});

describe('what the children of a composite alarm tell of', () => {
  const told = async (...alarms: object[]) => {
    const { clients } = recordingClients((_, input) => ({
      output: { MetricAlarms: input.ChildrenOfAlarmName ? [{ AlarmName: 'child', StateValue: 'ALARM' }] : alarms },
    }));
    return classifyChildren(clients, incident(), noRules);
  };
  const stat = { Metric: at, Period: 60, Stat: 'Maximum' };

  test('is the failure of each resource, once', async () => {
    expect(await told(fires, { ...fires, AlarmName: 'another' })).toMatchObject([
      { failure: 'instance-unreachable', resource: { type: 'instance', id: instanceId }, account: '123456789012', region: 'us-east-1' },
    ]);
  });

  test('is nothing where one is well again by then, or means no failure', async () => {
    expect(await told({ ...fires, StateValue: 'OK' }, { ...fires, Namespace: 'Shop', MetricName: 'Orders' })).toEqual([]);
    const { clients, calls } = recordingClients();
    expect(await classifyChildren(clients, incident({ alarm: null }), noRules)).toEqual([]);
    expect(calls).toEqual([]);
  });

  test('is seen through an expression too, and in the account whose metric it is', async () => {
    const { Namespace: _, MetricName: __, Dimensions: ___, Period: ____, Statistic: _____, ...plain } = fires;
    const metrics = [
      { Id: 'e1', Expression: 'm1 * 1', ReturnData: true },
      { Id: 'm1', MetricStat: stat, ReturnData: false },
    ];
    expect(await told({ ...plain, Metrics: metrics })).toMatchObject([{ failure: 'instance-unreachable' }]);
    const abroad = [{ Id: 'm1', MetricStat: stat, AccountId: '210987654321' }];
    expect(await told({ ...plain, Metrics: abroad })).toMatchObject([{ failure: 'instance-unreachable', account: '210987654321' }]);
  });

  test('is the cause where it is one, in the same account and region', async () => {
    const [one] = await told(fires);
    if (!one) throw new Error('nothing was told');
    const { key, account, region } = incident();
    expect(causeOf(incident(), [one])).toMatchObject({
      ...{ key, account, region, failure: 'instance-unreachable', resource: { type: 'instance', id: instanceId } },
      ...{ disposition: 'remediate', playbook: 'restart-instance', alarm: { name: 'child' } },
      reason: `web-status: ${one.reason}`,
    });
    expect(causeOf(incident(), [{ ...one, reason: 'x'.repeat(1000) }])?.reason).toHaveLength(1000);
    expect(causeOf(incident(), [{ ...one, account: null, region: null }])).not.toBeNull();
    for (const change of [
      { resource: null },
      { failure: null },
      { disposition: 'ignore' as const },
      { account: '210987654321' },
      { region: 'eu-west-1' },
    ])
      expect(causeOf(incident(), [{ ...one, ...change }])).toBeNull();
    expect([causeOf(incident(), []), causeOf(incident(), [one, one])]).toEqual([null, null]);
  });
});

describe('what the tags of an alarm say it means', () => {
  const usual = { 'selfheal:failure': 'application-down', 'selfheal:subject': instanceId, 'selfheal:playbook': 'restart-instance' };
  const rules = rulesOf(policy({ classification: { alarmTags: 'on' } }));
  const said = async (tags: Record<string, string> = usual, alarm: object | null = {}, about = incident()) => {
    const own = { ...fires, Namespace: 'Shop', MetricName: 'Alive', Dimensions: [], Threshold: 1, ComparisonOperator: 'LessThanThreshold' };
    const { clients, calls } = recordingClients((permission) =>
      permission === 'cloudwatch:ListTagsForResource'
        ? { output: { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) } }
        : { output: { MetricAlarms: alarm === null ? [] : [{ ...own, ...alarm }] } },
    );
    return { became: await byAlarmTags(clients, about, rules), asked: calls.map(({ permission }) => permission) };
  };

  test('is what the incident becomes, under its own key', async () => {
    const { key, alarm, at } = incident();
    expect((await said()).became).toMatchObject({
      ...{ key, alarm, at, failure: 'application-down', resource: { type: 'instance', id: instanceId } },
    });
    const { 'selfheal:playbook': _, ...two } = usual;
    expect((await said(two)).became).toMatchObject({ failure: 'application-down' });
  });

  test.each<[string, Parameters<typeof said>, number]>([
    ['it has none of them', [{ team: 'shop' }], 2],
    ['there is no such alarm any more', [usual, null], 1],
    ['it tells no ARN', [usual, { AlarmArn: undefined }], 1],
    ['no alarm reported it', [usual, {}, incident({ alarm: null })], 0],
    ['it is over', [usual, { StateValue: 'OK' }], 2],
    [
      'its metric is of another account',
      [usual, { Metrics: [{ Id: 'm1', MetricStat: { Metric: at, Period: 60, Stat: 'Sum' }, AccountId: '210987654321' }] }],
      2,
    ],
  ])('is nothing where %s', async (_, given, calls) => {
    const { became, asked } = await said(...given);
    expect([became, asked.length]).toEqual([null, calls]);
  });
});
