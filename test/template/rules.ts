import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { checkPattern, matches, type Pattern } from '#local-aws/event-pattern';
import { readEvent } from '../../shared/failures/read.ts';
import { chatSchema } from '../../shared/notifications/chat-schema.ts';
import { signalModules } from '../../shared/signals/index.ts';
import type { Fields } from '../../shared/signals/module.ts';
import { variants } from '../signals/variants.ts';
import { list, planted, referred, resourcesOf, type Template } from './service.ts';

const root = new URL('../../events/', import.meta.url).pathname;
const json = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'));

/** Sample events, and those that differ from one of them, as far as EventBridge delivers them, with what becomes of them. */
const samples = [
  ...readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json') && !file.endsWith('.expected.json'))
    .map((file) => ({ file, event: json(file) })),
  ...variants.flatMap(({ name, variants: differing }) =>
    differing.map(({ why, event }) => ({ file: `${name}: ${why}`, event: event as Fields })),
  ),
]
  .filter(({ event }) => typeof event?.source === 'string' && typeof event['detail-type'] === 'string')
  .map(({ file, event }) => {
    const { verdicts, rejected } = readEvent(event);
    return { file, event, heard: verdicts.some(({ disposition }) => disposition !== 'ignore'), rejected: rejected.length > 0 };
  });

/** Sample events that call for something, and that no rule lets in. */
const leftOut: Record<string, string> = {
  'ec2/instance-stopped: The beginning of a termination, through a queue.': 'the end of the termination tells the same',
  'ec2/instance-stopping.json': 'the end of the stop tells the same, when there is something to start',
};

/** Sample events that are ignored, and yet get in: what tells them apart is beyond a pattern, or is judged in one place alone. */
const letIn: Record<string, string> = {
  'cloudwatch-alarm/muted.json': 'whether actions are suppressed is read with care, by intake',
  'cloudwatch-alarm/scaler-target-tracking.json': 'a pattern would take similar names of people along',
  'cloudwatch-alarm/scaler-of-beanstalk.json': 'a pattern would take similar names of people along',
  'health/region-issue-closed.json': 'the end of an issue is news to whom it has held back',
  'health/zone-issue-closed.json': 'the end of an issue is news to whom it has held back',
  'ec2/spot-rebalance.json': 'a policy may ask for it',
  'ecs/batch-task-done.json': 'no pattern can say that all containers ended with zero',
};

/** Detail types of what is served that no failure class ever claims. */
const quiet = new Set([
  'ACM Certificate Available',
  'CloudWatch Alarm Configuration Change',
  'EC2 Instance Launch Successful',
  'EC2 Instance Terminate Successful',
  'EC2 Instance-launch Lifecycle Action',
  'EC2 Instance-terminate Lifecycle Action',
  ...['EC2 Fleet', 'EC2 Spot Fleet'].flatMap((fleet) =>
    ['State Change', 'Instance Change', 'Spot Instance Request Change'].map((type) => `${fleet} ${type}`),
  ),
  'Lambda Function Invocation Result - Success',
  'Synthetics Canary TestRun Successful',
  'selfheal beat',
  'Autoshift Completed',
  ...['Started', 'Interrupted', 'Failed', 'Succeeded'].map((what) => `Practice Run ${what}`),
  ...['In Progress', 'Completed', 'Canceled'].map((what) => `FIS Experiment Autoshift ${what}`),
  ...['Started', 'Updated', 'Canceled'].map((what) => `Manual Shift ${what}`),
]);

type Rule = { id: string; pattern: Pattern };
type Transformer = { InputPathsMap: Record<string, string>; InputTemplate: string };

const rulesTo = (template: Template, target: string): Rule[] =>
  resourcesOf(template, 'AWS::Events::Rule').flatMap(([id, { Properties }]) =>
    Properties.EventPattern && list(Properties.Targets as { Arn: unknown }[]).some(({ Arn }) => referred(Arn) === target)
      ? [{ id, pattern: Properties.EventPattern as Pattern }]
      : [],
  );

const matching = (rules: readonly Rule[], event: unknown): string[] =>
  rules.filter(({ pattern }) => matches(pattern, event)).map(({ id }) => id);

const sampleProblems = (rules: readonly Rule[]): string[] =>
  samples.flatMap(({ file, event, heard, rejected }) => {
    const found = matching(rules, event).length;
    if (found > 1) return [`${file}: ${found} rules let it in, so it is told twice`];
    if (heard && found === 0) return leftOut[file] ? [] : [`${file}: no rule lets it in`];
    if (!heard && !rejected && found > 0) return letIn[file] ? [] : [`${file}: is ignored, and costs an invocation`];
    return [];
  });

const event = (source: string, type: string, detail: object, more: object = {}) => ({
  source,
  'detail-type': type,
  account: '111122223333',
  region: 'us-west-2',
  time: '2026-11-20T13:35:12Z',
  resources: [],
  detail,
  ...more,
});

export const rules = (packaged: () => Template): void => {
  const toIntake = () => rulesTo(packaged(), 'IntakeLambdaFunction');

  describe('its rules', () => {
    test('are valid, and no longer than EventBridge takes', () => {
      const all = resourcesOf(packaged(), 'AWS::Events::Rule').flatMap(
        ([
          id,
          {
            Properties: { EventPattern },
          },
        ]) => (EventPattern ? [{ id, pattern: EventPattern }] : []),
      );
      expect(all.length).toBeGreaterThan(12);
      for (const { id, pattern } of all) {
        expect([id, checkPattern(pattern)]).toEqual([id, undefined]);
        // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
        expect([id, JSON.stringify(pattern).length]).toEqual([id, expect.any(Number)]);
        expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(2048);
      }
    });

    test('let in every sample that calls for something, once, and few of those that do not', () => {
      expect(samples.filter(({ heard }) => heard).length).toBeGreaterThan(60);
      expect(samples.filter(({ heard }) => !heard).length).toBeGreaterThan(30);
      expect(sampleProblems(toIntake())).toEqual([]);
    });

    test('show a kind of event that nobody lets in, or that is let in twice', () => {
      const without = planted(packaged(), (resources) => {
        delete resources.HealthRule;
      });
      const problems = sampleProblems(rulesTo(without, 'IntakeLambdaFunction'));
      expect(problems).toContain('health/retirement.json: no rule lets it in');
      expect(problems.every((problem) => problem.startsWith('health/'))).toBe(true);
      const wide = planted(packaged(), ({ CanaryRule }) => {
        if (CanaryRule) CanaryRule.Properties.EventPattern = { source: ['aws.synthetics', 'aws.acm'] };
      });
      expect(sampleProblems(rulesTo(wide, 'IntakeLambdaFunction')).sort()).toEqual([
        'acm/approaching-expiration.json: 2 rules let it in, so it is told twice',
        'acm/available.json: is ignored, and costs an invocation',
        'acm/expired.json: 2 rules let it in, so it is told twice',
        'acm/renewal-action-required.json: 2 rules let it in, so it is told twice',
        'synthetics/running.json: is ignored, and costs an invocation',
        'synthetics/successful.json: is ignored, and costs an invocation',
      ]);
    });

    test('make no exception that is none', () => {
      const found = (file: string) => matching(toIntake(), samples.find((sample) => sample.file === file)?.event).length;
      expect(Object.keys(leftOut).map((file) => [file, found(file)])).toEqual(Object.keys(leftOut).map((file) => [file, 0]));
      expect(Object.keys(letIn).map((file) => [file, found(file)])).toEqual(Object.keys(letIn).map((file) => [file, 1]));
    });

    test('name every kind of event that is served, but for those that no failure class claims', () => {
      const text = toIntake().map(({ pattern }) => JSON.stringify(pattern));
      const served = signalModules.flatMap(({ events }) => events?.detailTypes.map((type) => ({ source: events.source, type })) ?? []);
      const named = ({ source, type }: { source: string; type: string }) =>
        text.some((pattern) => pattern.includes(`"${source}"`) && pattern.includes(`"${type}"`));
      expect(
        served
          .filter((kind) => !named(kind))
          .map(({ type }) => type)
          .sort(),
      ).toEqual([...quiet].sort());
    });

    test('know the same troubles of a database as its signal does, by category and by number', () => {
      const disagreeing: string[] = [];
      for (const type of ['RDS DB Instance Event', 'RDS DB Cluster Event', 'RDS DB Proxy Event']) {
        for (const EventCategories of [['failure'], ['low storage'], ['availability'], ['backup', 'notification']]) {
          for (let number = 0; number < 700; number++) {
            const EventID = number === 0 ? {} : { EventID: `RDS-EVENT-${String(number).padStart(4, '0')}` };
            const told = event('aws.rds', type, { EventCategories, SourceIdentifier: 'orders', Message: 'x', ...EventID });
            const heard = readEvent(told).verdicts.some(({ disposition }) => disposition !== 'ignore');
            if (matching(toIntake(), told).length > 0 !== heard) disagreeing.push(`${type} ${EventCategories} ${number}`);
          }
        }
      }
      expect(disagreeing).toEqual([]);
    });

    test.each([
      [
        'an alarm on selfheal',
        event(
          'aws.cloudwatch',
          'CloudWatch Alarm State Change',
          { state: { value: 'ALARM' } },
          {
            resources: ['arn:aws:cloudwatch:us-west-2:111122223333:alarm:selfheal-prod-no-heartbeat'],
          },
        ),
      ],
      [
        'a contributor of one',
        event(
          'aws.cloudwatch',
          'CloudWatch Alarm Contributor State Change',
          { state: { value: 'ALARM' } },
          {
            resources: ['arn:aws:cloudwatch:us-west-2:111122223333:alarm:selfheal-prod-errors'],
          },
        ),
      ],
      [
        "a failed invocation of selfheal's",
        event('lambda', 'Lambda Function Invocation Result - Failure', {
          requestContext: {
            functionArn: 'arn:aws:lambda:us-west-2:111122223333:function:selfheal-prod-intake:$LATEST',
            condition: 'RetriesExhausted',
          },
        }),
      ],
      ["the end of an execution of selfheal's", event('aws.lambda', 'Durable Execution Status Change', { status: 'FAILED' })],
      ["an outcome of selfheal's", event('selfheal', 'Incident Outcome', { status: 'failed' })],
    ])('keep %s from intake', (_, told) => {
      expect(matching(toIntake(), told)).toEqual([]);
    });

    test('let early warning alarms in', () => {
      const resources = [
        'arn:aws:cloudwatch:us-west-2:111122223333:alarm:early-warning/selfheal-prod-alarms/i-0a1b2c3d4e5f60718/system-check',
      ];
      expect(
        matching(toIntake(), event('aws.cloudwatch', 'CloudWatch Alarm State Change', { state: { value: 'ALARM' } }, { resources })),
      ).toEqual(['AlarmRule']);
    });

    test('tell the watch of executions of this stage that died, and of no others', () => {
      const toWatch = rulesTo(packaged(), 'WatchLambdaFunction');
      const ended = (status: string, name: string) =>
        matching(
          toWatch,
          event('aws.lambda', 'Durable Execution Status Change', {
            status,
            functionArn: `arn:aws:lambda:us-west-2:111122223333:function:${name}:7`,
          }),
        );
      for (const status of ['FAILED', 'TIMED_OUT', 'STOPPED']) expect(ended(status, 'selfheal-prod-remediate')).toEqual(['ExecutionRule']);
      expect(ended('SUCCEEDED', 'selfheal-prod-remediate')).toEqual([]);
      expect(ended('FAILED', 'selfheal-dev-remediate')).toEqual([]);
      expect(ended('FAILED', 'orders')).toEqual([]);
    });

    test('tell people of every turn of the kill switch of this stage, in words that a chat shows too', () => {
      const toPeople = rulesTo(packaged(), 'OperationsTopic');
      const changed = (name: string, operation: string) =>
        matching(toPeople, event('aws.ssm', 'Parameter Store Change', { operation, name, type: 'String' }));
      for (const operation of ['Create', 'Update', 'Delete']) expect(changed('/selfheal/prod/switch', operation)).toEqual(['SwitchRule']);
      expect(changed('/selfheal/prod/switch', 'LabelParameterVersion')).toEqual([]);
      expect(changed('/selfheal/dev/switch', 'Update')).toEqual([]);
      const [target] = list(packaged().Resources.SwitchRule?.Properties.Targets as { RoleArn: unknown; InputTransformer: Transformer }[]);
      expect(referred(target?.RoleArn)).toBe('SwitchRole');
      const { InputPathsMap = {}, InputTemplate = '' } = target?.InputTransformer ?? {};
      const filled = InputTemplate.replace(/<(\w+)>/g, (all, name: string) => (InputPathsMap[name] ? 'Update' : all));
      const { content, ...rest } = JSON.parse(filled);
      expect(rest).toEqual({ version: '1.0', source: 'custom' });
      expect(chatSchema.shape.content.pick({ textType: true, title: true, description: true }).safeParse(content).error).toBeUndefined();
      expect(content.description).toContain('/selfheal/prod/switch');
      expect(filled).not.toMatch(/[<>]/);
    });

    test('set early warning off when the opt-in tag is set or removed', () => {
      const toQueue = rulesTo(packaged(), 'OptIns');
      const tagged = (keys: string[], service: string) =>
        matching(
          toQueue,
          event('aws.tag', 'Tag Change on Resource', { 'changed-tag-keys': keys, service, 'resource-type': 'instance', tags: {} }),
        );
      expect(tagged(['Name', 'selfheal'], 'ec2')).toEqual(['OptInRule']);
      expect(tagged(['Name'], 'ec2')).toEqual([]);
      expect(tagged(['selfheal'], 's3')).toEqual([]);
    });
  });
};
