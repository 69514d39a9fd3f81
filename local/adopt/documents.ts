import type { CompositeAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { Volume } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import type { Key } from '../../shared/guards/can-start-again.ts';
import { errorMessage } from '../../shared/model/errors.ts';
import type { AlarmFacts } from '../../shared/model/snapshot.ts';
import { toAlarm } from '../../shared/resources/alarm.ts';
import { type Definition, definitionSchema } from '../backtest/history.ts';
import { isPrinted, type Listed, listPrinted } from '../backtest/inventory.ts';
import type { Item } from '../input/items.ts';

/** An alarm as CloudWatch describes it: what an event has of it, and what only the description has. */
export type AlarmDocument = {
  definition: Definition;
  comparison: string | null;
  threshold: number | null;
  /** Its threshold is a band. */
  band: boolean;
  facts: AlarmFacts;
};

/** What was read of an account and region. */
export type Documents = {
  alarms: AlarmDocument[];
  listed: Listed;
  /** Null where nothing told of volumes. */
  volumes: ReadonlyMap<string, Volume> | null;
  keys: ReadonlyMap<string, Key>;
  /** Tags of resources that nothing else describes. */
  tags: ReadonlyMap<string, Record<string, string>>;
  /** Definitions of alarms, and what a history has. */
  definitions: Item[];
  history: Item[];
  problems: { where: string; problem: string }[];
};

const own = z.object({
  ActionsEnabled: z.boolean().nullish(),
  AlarmActions: z.array(z.string()).nullish(),
  EvaluationPeriods: z.number().nullish(),
  ComparisonOperator: z.string().nullish(),
  Threshold: z.number().nullish(),
  ThresholdMetricId: z.string().nullish(),
  StateValue: z.string().nullish(),
});

const volumeSchema = z.object({
  Volumes: z.array(
    z.object({
      VolumeId: z.string(),
      State: z.string().nullish(),
      Encrypted: z.boolean().nullish(),
      KmsKeyId: z.string().nullish(),
    }),
  ),
});

const keySchema = z.object({
  KeyMetadata: z.object({ Arn: z.string(), KeyManager: z.string().nullish(), KeyState: z.string().nullish() }),
});

const tag = z.object({ Key: z.string(), Value: z.string().nullish() });
/** As `aws ec2 describe-tags` and `aws autoscaling describe-tags` print them. */
const tagsSchema = z.object({ Tags: z.array(tag.extend({ ResourceId: z.string() })) });

const isFields = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Takes what the AWS CLI prints, or the SDK answers, in any order. */
export const createDocuments = () => {
  const alarms = new Map<string, AlarmDocument>();
  const printed: { where: string; value: unknown }[] = [];
  const keys = new Map<string, Key>();
  const tags = new Map<string, Record<string, string>>();
  const definitions: Item[] = [];
  const history: Item[] = [];
  const problems: Documents['problems'] = [];
  let volumes: Map<string, Volume> | null = null;

  const complain = (where: string, problem: string): void => void problems.push({ where, problem });
  const parsed = <S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> | null => {
    const read = schema.safeParse(value);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    complain(where, `${issue?.path.join('.')}: ${issue?.message}`);
    return null;
  };

  const addAlarm = (value: unknown, composite: boolean, where: string): void => {
    const definition = parsed(definitionSchema, value, where);
    const more = definition && parsed(own, value, where);
    if (!definition || !more) return;
    // The SDK leaves out what the AWS CLI, with a query, prints as null.
    const given = Object.entries({ ...definition, ...more }).filter(([, field]) => field !== null);
    const described = Object.fromEntries(given) as unknown as MetricAlarm & CompositeAlarm;
    const facts = toAlarm(definition.AlarmName, composite ? { composite: described } : { metric: described });
    if (!facts) return;
    alarms.set(definition.AlarmArn, {
      definition,
      comparison: more.ComparisonOperator ?? null,
      threshold: more.Threshold ?? null,
      band: typeof more.ThresholdMetricId === 'string',
      facts,
    });
  };

  const tagged = (id: string, { Key, Value }: z.infer<typeof tag>): void => {
    const known = tags.get(id);
    if (known) known[Key] = Value ?? '';
    else tags.set(id, { [Key]: Value ?? '' });
  };

  const take = (value: unknown, where: string): void => {
    if (!isFields(value)) return void history.push({ where, value });
    const lists = { MetricAlarms: value.MetricAlarms, CompositeAlarms: value.CompositeAlarms };
    if (Array.isArray(lists.MetricAlarms) || Array.isArray(lists.CompositeAlarms)) {
      definitions.push({ where, value });
      for (const [name, list] of Object.entries(lists))
        if (Array.isArray(list)) for (const [i, one] of list.entries()) addAlarm(one, name === 'CompositeAlarms', `${where}: ${name}.${i}`);
    } else if ('AlarmArn' in value && ('ComparisonOperator' in value || 'AlarmRule' in value)) {
      take('AlarmRule' in value ? { CompositeAlarms: [value] } : { MetricAlarms: [value] }, where);
    } else if (isPrinted(value)) printed.push({ where, value });
    else if (Array.isArray(value.Volumes)) {
      volumes ??= new Map();
      for (const one of parsed(volumeSchema, value, where)?.Volumes ?? []) volumes.set(one.VolumeId, one as Volume);
    } else if (isFields(value.KeyMetadata)) {
      const found = parsed(keySchema, value, where)?.KeyMetadata;
      if (found) keys.set(found.Arn, { arn: found.Arn, manager: found.KeyManager ?? null, state: found.KeyState ?? null });
    } else if (Array.isArray(value.Tags)) {
      for (const { ResourceId, ...one } of parsed(tagsSchema, value, where)?.Tags ?? []) tagged(ResourceId, one);
    } else history.push({ where, value });
  };

  const list = (): Listed => {
    const usable = printed.filter(({ where, value }) => {
      try {
        listPrinted([{ where, value }], '');
        return true;
      } catch (error) {
        const { message } = { message: errorMessage(error) };
        complain(where, message.startsWith(`${where}: `) ? message.slice(where.length + 2) : message);
        return false;
      }
    });
    return listPrinted(usable, 'the account');
  };

  return {
    add: (item: Item): void => {
      if ('problem' in item) complain(item.where, item.problem);
      else take(item.value, item.where);
    },
    addKey: (key: Key): void => void keys.set(key.arn, key),
    volumes: (): ReadonlyMap<string, Volume> | null => volumes,
    done: (): Documents => ({ alarms: [...alarms.values()], listed: list(), volumes, keys, tags, definitions, history, problems }),
  };
};

export type Collector = ReturnType<typeof createDocuments>;
