import { readFileSync } from 'node:fs';
import type { CreateTableCommandInput, TimeToLiveSpecification } from '@aws-sdk/client-dynamodb';
import { parse } from 'yaml';
import { dayMs, hourMs, minuteMs } from '../../shared/model/duration.ts';
import { once } from '../../shared/model/once.ts';

/** What the template defines around its functions, so that the test bed matches the deployment. */

/** Every name of the template's is that of the stage `local`: `${self:custom.names.ledger}` is `selfheal-local-ledger`. */
export const nameOf = (part: string): string => `selfheal-local-${part}`;

/** The namespace of the deployment's metrics. */
export const metricsNamespace = 'selfheal/local';

const read = <Resource>(file: string): Record<string, Resource> => {
  const text = readFileSync(new URL(`../../infrastructure/${file}`, import.meta.url), 'utf8');
  const named = text.replace(/\$\{self:custom\.names\.(\w+)\}/g, (_, part: string) => nameOf(part));
  return (parse(named) as { Resources: Record<string, Resource> }).Resources;
};

type Rule = {
  Type: string;
  Properties: {
    Name?: string;
    EventPattern?: unknown;
    ScheduleExpression?: string;
    Targets?: { Arn?: { 'Fn::GetAtt'?: string[] }; Input?: string }[];
  };
};

/** What invokes a function, by the name of its rule: an event pattern as JSON, or a period in milliseconds with the event to invoke it with. */
type Trigger = { rule: string; functionName: string } & ({ pattern: string } | { every: number; event: unknown });

const scheduledEvent = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };

const functions: Readonly<Record<string, string>> = {
  IntakeLambdaFunction: nameOf('intake'),
  WatchLambdaFunction: nameOf('watch'),
  BeatLambdaFunction: nameOf('beat'),
};
const units = { minute: minuteMs, hour: hourMs, day: dayMs } as const;

/** `rate(15 minutes)` in milliseconds. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */
const periodOf = (expression: string): number => {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count === undefined) throw new Error(`a schedule of another form than is known here: ${expression}`);
  return Number(count) * units[unit as keyof typeof units];
};

const readTriggers = (): Trigger[] =>
  Object.values(read<Rule>('rules.yml')).flatMap(({ Properties: { Name = '', EventPattern, ScheduleExpression, Targets = [] } }) =>
    Targets.flatMap(({ Arn, Input }): Trigger[] => {
      const functionName = functions[Arn?.['Fn::GetAtt']?.[0] ?? ''];
      if (functionName === undefined) return [];
      const rule = Name.replace(/^.*\}-/, nameOf(''));
      if (EventPattern) return [{ rule, functionName, pattern: JSON.stringify(EventPattern) }];
      return ScheduleExpression === undefined
        ? []
        : [{ rule, functionName, every: periodOf(ScheduleExpression), event: Input ? JSON.parse(Input) : scheduledEvent }];
    }),
  );

type Table = { Properties: CreateTableCommandInput & { TimeToLiveSpecification: TimeToLiveSpecification } };

const readLedger = () => {
  const { Ledger } = read<Table>('ledger.yml');
  if (!Ledger) throw new Error('infrastructure/ledger.yml has no Ledger');
  const { TableName, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, TimeToLiveSpecification } = Ledger.Properties;
  return {
    table: { TableName, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } satisfies CreateTableCommandInput,
    timeToLive: TimeToLiveSpecification,
  };
};

/** What invokes the deployed functions. */
export const deployedTriggers = once(readTriggers);

/** The table that the ledger is. */
export const deployedLedger = once(readLedger);
