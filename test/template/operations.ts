import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { byDay } from '../../shared/aws/day-index.ts';
import { budgets } from '../../shared/compose/budgets.ts';
import { metrics } from '../../shared/notifications/metrics.ts';
import { list, planted, type Resource, referred, resourcesOf, type Template } from './service.ts';

type Metric = { namespace: string; name: string; dimensions: Record<string, unknown> };

const statSchema = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).default([]),
});
const dimensionsOf = (pairs: z.infer<typeof statSchema>['Dimensions']) => Object.fromEntries(pairs.map(({ Name, Value }) => [Name, Value]));

const alarmMetrics = ({ Properties }: Resource): Metric[] => {
  const stats = Properties.Metrics
    ? list(Properties.Metrics as { MetricStat?: { Metric: unknown } }[]).flatMap(({ MetricStat }) =>
        MetricStat ? [MetricStat.Metric] : [],
      )
    : [Properties];
  return stats.map((stat) => {
    const { Namespace, MetricName, Dimensions } = statSchema.parse(stat);
    return { namespace: Namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) };
  });
};

const widgetSchema = z.object({
  type: z.enum(['metric', 'alarm', 'custom']),
  x: z.int().min(0),
  y: z.int().min(0),
  width: z.int().min(1).max(24),
  height: z.int().min(1).max(1000),
  properties: z.looseObject({ title: z.string().min(1), region: z.string().optional() }),
});
const dashboardSchema = z.object({ start: z.string(), periodOverride: z.enum(['auto', 'inherit']), widgets: z.array(widgetSchema) });

/** Where the functions count, as they are told. */
const namespaceOf = (template: Template): string => {
  const told = resourcesOf(template, 'AWS::Lambda::Function').flatMap(([, { Properties }]) => {
    const { Variables } = z.object({ Variables: z.record(z.string(), z.unknown()) }).parse(Properties.Environment);
    return 'METRICS_NAMESPACE' in Variables ? [Variables.METRICS_NAMESPACE] : [];
  });
  expect(told).toEqual(['selfheal/prod', 'selfheal/prod']);
  return String(told[0]);
};

/** The dashboard as CloudWatch gets it, but for the references in it. */
const dashboardOf = (template: Template) => {
  const { 'Fn::Sub': body } = z.object({ 'Fn::Sub': z.string() }).parse(template.Resources.Dashboard?.Properties.DashboardBody);
  return dashboardSchema.parse(JSON.parse(body.replaceAll('${!', '${')));
};

/**
 * A widget's metrics, with the shorthands written out: `.` for the same as in the line above, `...` for all but the last of it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
const metricsOf = (rows: readonly unknown[][]): Metric[] => {
  let above: string[] = [];
  return rows.map((row) => {
    const [first] = row;
    if (typeof first === 'object' && first !== null) {
      const [, dimensions = '', name = ''] =
        /SEARCH\('\{([^}]+)\} MetricName="(\w+)"'/.exec(String((first as { expression?: string }).expression)) ?? [];
      const [from = '', ...names] = dimensions.replaceAll('"', '').split(',');
      return { namespace: from, name, dimensions: Object.fromEntries(names.map((key) => [key, '*'])) };
    }
    const texts = row.filter((part): part is string => typeof part === 'string');
    const whole =
      texts[0] === '...'
        ? [...above.slice(0, -texts.slice(1).length), ...texts.slice(1)]
        : texts.map((part, i) => (part === '.' ? (above[i] ?? '') : part));
    above = whole;
    const [from = '', name = '', ...pairs] = whole;
    const dimensions: Record<string, string> = {};
    for (let i = 0; i < pairs.length; i += 2) dimensions[pairs[i] ?? ''] = pairs[i + 1] ?? '';
    return { namespace: from, name, dimensions };
  });
};

const dashboardMetrics = (template: Template): Metric[] =>
  dashboardOf(template).widgets.flatMap(({ properties }) => metricsOf((properties.metrics ?? []) as unknown[][]));

/** Metrics of AWS's own that are used, with their dimension. Lambda's are listed on the pages monitoring-metrics-types, durable-monitoring and urls-monitoring. */
const ofAws: Record<string, readonly [dimension: string, ...names: string[]]> = {
  'AWS/Lambda': [
    'FunctionName',
    ...['Invocations', 'Duration', 'Errors', 'Throttles', 'ApproximateRunningDurableExecutions', 'DurableExecutionStarted'],
    'Url5xxCount',
    ...['DurableExecutionFailed', 'DurableExecutionTimedOut', 'DurableExecutionStopped', 'DurableExecutionOperations'],
    'DurableExecutionStorageWrittenBytes',
  ],
  'AWS/SQS': ['QueueName', 'ApproximateNumberOfMessagesVisible'],
  'AWS/DynamoDB': ['TableName', 'ConsumedReadCapacityUnits', 'ConsumedWriteCapacityUnits'],
  'AWS/Events': ['RuleName', 'Invocations'],
  CloudWatchSynthetics: ['CanaryName', 'SuccessPercent'],
};

const functionNames = (template: Template) =>
  resourcesOf(template, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties.FunctionName);

/** Metrics that nobody writes: a graph of one stays empty, and an alarm on one silent, whatever happens. */
const metricProblems = (template: Template, used: readonly Metric[]): string[] =>
  used.flatMap(({ namespace: from, name, dimensions }) => {
    const names = Object.keys(dimensions).sort();
    if (from === namespaceOf(template)) {
      const own = metrics[name as keyof typeof metrics];
      if (!own) return [`${from}/${name}: selfheal counts nothing by that name`];
      return own.dimensions.some((set) => [...set].sort().join() === names.join()) ? [] : [`${from}/${name}: is not counted by ${names}`];
    }
    const [dimension = '', ...known] = ofAws[from] ?? [];
    if (!known.includes(name)) return [`${from}/${name}: not a metric that is known`];
    if (names.join() !== dimension) return [`${from}/${name}: is not counted by ${names}`];
    const value = dimensions[dimension];
    if (dimension === 'FunctionName' && !functionNames(template).includes(value))
      return [`${from}/${name}: there is no function ${String(value)}`];
    const rules = resourcesOf(template, 'AWS::Events::Rule').map(([, { Properties }]) => Properties.Name);
    if (dimension === 'RuleName' && !rules.includes(value)) return [`${from}/${name}: there is no rule ${String(value)}`];
    return [];
  });

/** Alarms on selfheal itself; the canary's is on what it asks for. */
const ownAlarms = (template: Template) => resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(([id]) => id !== 'CanaryAlarm');

const alarmProblems = (template: Template): string[] => {
  const queues = resourcesOf(template, 'AWS::SQS::Queue').filter(([id]) => id.endsWith('DeadLetters'));
  const watched = new Set(
    ownAlarms(template).flatMap(([, alarm]) => alarmMetrics(alarm).map(({ dimensions }) => referred(dimensions.QueueName))),
  );
  return [
    ...queues.filter(([id]) => !watched.has(id)).map(([id]) => `${id}: fills without anybody hearing of it`),
    ...ownAlarms(template).flatMap(([id, { Properties: p }]) => [
      ...(String(p.AlarmName).startsWith('selfheal-') ? [] : [`${id}: its name lets it into intake`]),
      ...(list(p.AlarmActions).map(referred).join() === 'OperationsTopic' ? [] : [`${id}: does not go to people alone`]),
      ...(String(p.AlarmDescription ?? '').length > 20 ? [] : [`${id}: does not say what it means`]),
    ]),
  ];
};

/** A piece of work that may take as long as its function has would be cut off without a word. */
const budgetProblems = (template: Template): string[] =>
  Object.entries(budgets).flatMap(([name, budget]) => {
    const id = `${name.charAt(0).toUpperCase()}${name.slice(1)}LambdaFunction`;
    const seconds = Number(template.Resources[id]?.Properties.Timeout);
    // What is left is for the answer to be worked out and written down.
    return budget + 2000 <= seconds * 1000 ? [] : [`${id}: ${budget} ms of its ${seconds} s`];
  });

export const operations = (packaged: () => Template): void => {
  describe('its functions', () => {
    test('have the time that a piece of their work may take', () => {
      expect(budgetProblems(packaged())).toEqual([]);
    });

    test('show one whose work would be cut off', () => {
      const odd = planted(packaged(), ({ ApproveLambdaFunction }) => {
        if (ApproveLambdaFunction) ApproveLambdaFunction.Properties.Timeout = 9;
      });
      expect(budgetProblems(odd)).toEqual(['ApproveLambdaFunction: 8000 ms of its 9 s']);
    });
  });

  describe('its alarms on itself', () => {
    test('watch every dead-letter queue, have names that intake leaves alone, and go to people only', () => {
      expect(alarmProblems(packaged())).toEqual([]);
    });

    test('show one that would come back to selfheal, and a queue that nobody watches', () => {
      const odd = planted(packaged(), ({ IntakeErrorsAlarm, WatchDeadLettersAlarm }) => {
        if (IntakeErrorsAlarm) Object.assign(IntakeErrorsAlarm.Properties, { AlarmName: 'errors', AlarmActions: [{ Ref: 'AlarmTopic' }] });
        if (WatchDeadLettersAlarm) WatchDeadLettersAlarm.Properties.Dimensions = [{ Name: 'QueueName', Value: 'other' }];
      });
      expect(alarmProblems(odd)).toEqual([
        'WatchDeadLetters: fills without anybody hearing of it',
        'IntakeErrorsAlarm: its name lets it into intake',
        'IntakeErrorsAlarm: does not go to people alone',
      ]);
    });

    test('are on metrics that are written', () => {
      expect(
        metricProblems(
          packaged(),
          resourcesOf(packaged(), 'AWS::CloudWatch::Alarm').flatMap(([, alarm]) => alarmMetrics(alarm)),
        ),
      ).toEqual([]);
    });

    test('cover executions that die, errors, throttles, and a sweep that does not run', () => {
      const names = ownAlarms(packaged()).flatMap(([, alarm]) => alarmMetrics(alarm).map(({ name }) => name));
      for (const name of [
        'DurableExecutionFailed',
        'DurableExecutionTimedOut',
        'Url5xxCount',
        'Errors',
        'Throttles',
        'Heartbeat',
        'Untold',
      ])
        expect(names).toContain(name);
      expect(packaged().Resources.HeartbeatAlarm?.Properties.TreatMissingData).toBe('missing');
    });

    test('have no subscription but of people', () => {
      const protocols = resourcesOf(packaged(), 'AWS::SNS::Subscription')
        .filter(([, { Properties }]) => referred(Properties.TopicArn) === 'OperationsTopic')
        .map(([, { Properties }]) => Properties.Protocol);
      expect(protocols).toEqual(['email']);
    });
  });

  describe('its dashboard', () => {
    test('is one, and no widget lies over another or over the edge', () => {
      const { widgets } = dashboardOf(packaged());
      expect(widgets.length).toBeGreaterThan(10);
      const taken = new Set<string>();
      for (const { x, y, width, height, properties } of widgets) {
        expect([properties.title, x + width <= 24]).toEqual([properties.title, true]);
        for (let column = x; column < x + width; column++) {
          for (let row = y; row < y + height; row++) {
            expect(taken.has(`${column}/${row}`)).toBe(false);
            taken.add(`${column}/${row}`);
          }
        }
      }
    });

    test('shows metrics that are written, every one that selfheal counts but its heartbeat and what only has a former name', () => {
      const used = dashboardMetrics(packaged());
      expect(metricProblems(packaged(), used)).toEqual([]);
      const own = used.filter((metric) => metric.namespace === namespaceOf(packaged())).map(({ name }) => name);
      expect([...new Set(own), 'Heartbeat', 'SeenTo'].sort()).toEqual(Object.keys(metrics).sort());
    });

    test('shows one that nobody writes', () => {
      const metric = (from: string, name: string, dimensions = {}) => ({ namespace: from, name, dimensions });
      expect(
        metricProblems(packaged(), [
          metric('selfheal/prod', 'Incident'),
          metric('selfheal', 'Incidents'),
          metric('selfheal/prod', 'Incidents', { Resource: '*' }),
          metric('AWS/Lambda', 'Errors', { FunctionName: 'selfheal-prod-intakes' }),
          metric('AWS/Lambda', 'Error', { FunctionName: 'selfheal-prod-intake' }),
        ]),
      ).toEqual([
        'selfheal/prod/Incident: selfheal counts nothing by that name',
        'selfheal/Incidents: not a metric that is known',
        'selfheal/prod/Incidents: is not counted by Resource',
        'AWS/Lambda/Errors: there is no function selfheal-prod-intakes',
        'AWS/Lambda/Error: not a metric that is known',
      ]);
    });

    test('has the list of incidents, from the index that the widget reads', () => {
      const [custom] = dashboardOf(packaged()).widgets.filter(({ type }) => type === 'custom');
      expect(custom?.properties.endpoint).toBe('$' + '{DashboardWidgetLambdaFunction.Arn}');
      expect(JSON.stringify(packaged().Resources.WidgetRole)).toContain(`/index/${byDay}`);
    });

    test('names every alarm on selfheal that is always there', () => {
      const shown = JSON.stringify(dashboardOf(packaged()).widgets.filter(({ type }) => type === 'alarm'));
      for (const [id, { Condition }] of ownAlarms(packaged())) if (!Condition) expect(shown).toContain(`{${id}.Arn}`);
    });
  });
};
