import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { CloudWatchLogsClient, DescribeMetricFiltersCommand } from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { createHost } from '../local/testbed/host.ts';
import { classify } from '../shared/failures/classify.ts';
import { parseClassification, readClassification } from '../shared/failures/rules.ts';
import { rulesOf } from '../shared/model/classification-rules.ts';
import { minutes } from '../shared/model/duration.ts';
import { logMetric } from '../shared/model/log-pattern.ts';
import { policySchema } from '../shared/model/policy.ts';
import { playbooks } from '../shared/playbooks/index.ts';
import { longestTreated } from '../shared/policy/log-alarm-problems.ts';
import { parsePolicy } from '../shared/policy/read-policy.ts';
import { prefixOf } from '../shared/recommended-alarms/name.ts';
import { decode } from '../shared/signals/decode.ts';
import { logAlarms } from '../tools/deployment/log-alarms.ts';
import { alarm, message } from './signals/fixtures.ts';

const subject = { type: 'instance', id: 'i-0aa11bb22cc33dd44' };
const outOfMemory = { group: '/shop/api', pattern: '"OutOfMemoryError"', failure: 'application-down', subject };
const restart = {
  commands: { again: { document: 'Shop-Again', version: '1' } },
  run: [{ when: { failure: 'application-down' }, command: 'again' }],
};
const policyWith = (...entries: object[]) => ({ ...restart, logs: entries });
const read = (policy: object) => parsePolicy(JSON.stringify(policy));

describe('a pattern in logs', () => {
  test('is a failure at the first event within five minutes, unless the policy says otherwise', () => {
    expect(read({ logs: [outOfMemory] }).logs).toEqual([{ ...outOfMemory, threshold: 1, within: '5m' }]);
  });

  test.each<[string, object, RegExp]>([
    ['without a pattern', { pattern: ' ' }, /^policy: logs\.0\.pattern: must not be empty/],
    ['with a pattern that is too long', { pattern: 'x'.repeat(1025) }, /^policy: logs\.0\.pattern: /],
    ['in a log group that can not be', { group: 'shop api' }, /^policy: logs\.0\.group: must be the name of a log group/],
    ['about no resource', { subject: { type: 'instance', id: 'web' } }, /^policy: logs\.0\.subject\.id: not an id of that type/],
    ['never', { threshold: 0 }, /^policy: logs\.0\.threshold: /],
    ['within part of a minute', { within: '90s' }, /^policy: logs\.0\.within: must be whole minutes/],
    ['within days', { within: '2d' }, /^policy: logs\.0\.within: must be a duration from 1m to 1d/],
    ['with a playbook that there is not', { playbook: 'restart-aplication' }, /^policy: logs\.0\.playbook: .*restart-application/],
    ['with a playbook for others', { playbook: 'heal-targets' }, /^policy: logs\.0\.playbook: .*type of subject/],
    [
      'with a playbook that is off',
      { playbook: 'reboot-database', subject: { type: 'database', id: 'db' } },
      /only runs if databases\.reboot/,
    ],
    ['for longer than a step may take', { within: '11m' }, /^policy: logs\.0\.within: must be at most 10m .* restart-application/],
  ])('can not be %s', (_, parts, problem) => {
    expect(() => read(policyWith({ ...outOfMemory, ...parts }))).toThrow(problem);
  });

  test('that is only reported may be one of a whole day', () => {
    expect(read({ logs: [{ ...outOfMemory, within: '1d' }] }).logs).toHaveLength(1);
  });

  test('is over before a step that has helped is given up', () => {
    // The others ask the resource alone, and don't wait for an alarm.
    const steps = Object.values(playbooks).flatMap(({ healthy, ladder }) =>
      ladder.flatMap((step) => {
        if (step.kind !== 'act' || step.action.onlyReads) return [];
        return (step.healthy ?? healthy).some(({ id }) => id.startsWith('alarm-')) ? [step.within] : [];
      }),
    );
    expect(longestTreated + minutes(5)).toBeLessThanOrEqual(Math.min(...steps));
  });

  test('can be written as the documents have it', () => {
    const [, text = ''] =
      /## Failures that only[\s\S]*?```yaml\n([\s\S]*?)```/.exec(readFileSync(new URL('../docs/policy.md', import.meta.url), 'utf8')) ?? [];
    const { logs, run } = read(parse(text));
    expect([logs.length, run.length]).toEqual([1, 1]);
  });

  test('stands in one entry only, whatever that says', () => {
    const twice = policyWith(outOfMemory, { ...outOfMemory, group: '/shop/web' }, { ...outOfMemory, threshold: 9, failure: 'disk-full' });
    expect(() => read(twice)).toThrow('policy: logs.2: has the group and the pattern of logs.0');
  });
});

const named = { ...outOfMemory, failure: 'application-down' as const };

describe('the stack', () => {
  type Make = (input: { resolveVariable: (name: string) => Promise<unknown> }) => Promise<{ Resources?: Record<string, unknown> }>;
  const make = createRequire(import.meta.url)('../infrastructure/log-alarms.cjs') as Make;
  const given: Record<string, unknown> = { 'self:custom.names.metrics': 'selfheal/prod' };
  const stackOf = (policy: unknown) => make({ resolveVariable: async (name) => ({ ...given, 'param:policy': policy })[name] });

  test.each(['', '{}', '{"logs":[]}', undefined, '{"logs":[{}]}'])('has nothing for logs where the policy is %j', async (policy) => {
    expect(await stackOf(policy)).toEqual({});
  });

  test('has a metric filter and an alarm for each pattern', async () => {
    const { Resources = {} } = await stackOf(
      JSON.stringify(policyWith({ ...outOfMemory, threshold: 5 }, { ...outOfMemory, pattern: 'fatal' })),
    );
    // What is deployed keeps its names.
    const metric = 'shop-api-c2957f897b5d3982';
    const Metric = { Namespace: 'selfheal/prod/logs', MetricName: metric };
    expect(Object.keys(Resources)).toHaveLength(4);
    expect(Resources.LogPatternc2957f897b5d3982).toEqual({
      Type: 'AWS::Logs::MetricFilter',
      Properties: {
        FilterName: `selfheal/prod/${metric}`,
        LogGroupName: '/shop/api',
        FilterPattern: '"OutOfMemoryError"',
        MetricTransformations: [{ MetricNamespace: Metric.Namespace, MetricName: metric, MetricValue: '1', DefaultValue: 0 }],
      },
    });
    expect(Resources.LogPatternAlarmc2957f897b5d3982).toEqual({
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: `log-pattern/selfheal/prod/${metric}`,
        AlarmDescription: 'At least 5 within 5m in /shop/api: "OutOfMemoryError"',
        Metrics: [
          { Id: 'events', MetricStat: { Metric, Period: 300, Stat: 'Sum' }, ReturnData: false },
          { Id: 'filled', Expression: 'FILL(events, 0)' },
        ],
        EvaluationPeriods: 1,
        Threshold: 4.5,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
        AlarmActions: [{ Ref: 'AlarmTopic' }],
      },
    });
    const topics = parse(readFileSync(new URL('../infrastructure/topics.yml', import.meta.url), 'utf8'));
    expect(topics.Resources.AlarmTopic.Type).toBe('AWS::SNS::Topic');
    expect(readFileSync(new URL('../serverless.yml', import.meta.url), 'utf8')).toContain('{file(infrastructure/log-alarms.cjs)}');
  });

  test("has names that AWS takes, that no other pattern has, and that are neither early warning's nor those of alarms on selfheal", () => {
    const group = fc.stringMatching(/^[\w./#-]{1,512}$/);
    const pattern = fc.string({ minLength: 1, maxLength: 1024 }).filter((text) => text.trim() !== '');
    const entry = fc.record({ group, pattern });
    fc.assert(
      fc.property(fc.uniqueArray(entry, { maxLength: 5, selector: (one) => `${one.group} ${one.pattern}` }), (entries) => {
        const { logs } = policySchema.parse({ logs: entries.map((one) => ({ ...outOfMemory, ...one })) });
        const made = logAlarms({ logs }, `selfheal/${'s'.repeat(100)}`);
        expect(Object.keys(made)).toHaveLength(2 * entries.length);
        for (const [id, { Properties }] of Object.entries(made) as [string, { Properties: Record<string, string> }][]) {
          expect(id).toMatch(/^[A-Za-z0-9]{1,255}$/);
          if (Properties.FilterName !== undefined) expect(Properties.FilterName).toMatch(/^[^:*]{1,512}$/);
          else {
            expect(Properties.AlarmName).toMatch(/^[\w./-]{1,255}$/);
            expect(Properties.AlarmName).not.toMatch(/^selfheal-/);
            expect(Properties.AlarmName?.startsWith(prefixOf('').split('/')[0] ?? '')).toBe(false);
            expect(Properties.AlarmDescription?.length).toBeLessThanOrEqual(1024);
          }
        }
        for (const one of entries) expect(logMetric(one)).toMatch(/^[\w.-]{1,255}$/);
      }),
    );
  });
});

describe('what the alarm on a pattern means', () => {
  const told = message(
    alarm({ namespace: 'selfheal/prod/logs', metric: logMetric(outOfMemory), dimensions: {}, statistic: 'SUM' } as Parameters<
      typeof alarm
    >[0]),
  );
  const verdict = (policy: object) => {
    const [signal] = decode(told).signals;
    if (signal === undefined) throw new Error('no signal');
    return classify(signal, rulesOf(read(policy)));
  };

  test("is what its entry says, treated by the policy's remedy", () => {
    expect(verdict(policyWith(outOfMemory))).toMatchObject({
      failure: 'application-down',
      resource: subject,
      disposition: 'remediate',
      playbook: 'restart-application',
    });
  });

  test('is treated by the playbook of its entry', () => {
    const entry = { ...outOfMemory, playbook: 'restart-application' };
    expect(verdict({ logs: [entry] })).toMatchObject({ disposition: 'remediate', playbook: 'restart-application' });
  });

  test('is for a person where nothing names a playbook', () => {
    expect(verdict({ logs: [outOfMemory] })).toMatchObject({ failure: 'application-down', resource: subject, disposition: 'escalate' });
  });

  test('is its entry and no rule for any alarm', () => {
    const rule = { alarm: '*', failure: 'disk-full', direction: 'above', subject };
    const policy = { ...policyWith(outOfMemory), classification: { alarms: [rule] } };
    expect(verdict(policy)).toMatchObject({ failure: 'application-down', disposition: 'remediate' });
  });

  test('is known to intake, with remedies that can be used and without', () => {
    const policy = policyWith(outOfMemory);
    expect(parseClassification(JSON.stringify(policy))).toEqual(rulesOf(read(policy)));
    const { rules, problem } = readClassification(JSON.stringify({ ...policy, playbooks: { 'disk-ful': 'none' } }));
    expect(problem).toContain('disk-ful');
    expect(rules.alarms).toMatchObject([{ metric: logMetric(outOfMemory), failure: named.failure }]);
  });
});

describe('the test bed', () => {
  const options = { seed: 1, start: Date.parse('2026-01-05T09:00:00Z'), account: '111122223333', region: 'us-east-1' };

  test('has what the stack has, in log groups of its own', async () => {
    const host = await createHost({ ...options, policy: read(policyWith(outOfMemory, { ...outOfMemory, pattern: 'fatal' })) });
    const { metricFilters = [] } = await host.operator
      .of(CloudWatchLogsClient)
      .send(new DescribeMetricFiltersCommand({ logGroupName: '/shop/api' }));
    expect(metricFilters.map(({ filterPattern }) => filterPattern)).toEqual(['"OutOfMemoryError"', 'fatal']);
    await host.close();
  });

  test('refuses a pattern that CloudWatch Logs would refuse', async () => {
    const policy = read(policyWith({ ...outOfMemory, pattern: '"not closed' }));
    await expect(createHost({ ...options, policy })).rejects.toThrow(/^policy: logs\.0\.pattern: /);
  });
});
