import type { Resource, ResourceType } from '../model/resource.ts';
import { wellFormed } from '../model/resource-id.ts';
import type { AlarmSignal, Metric } from '../model/signal.ts';
import { dimensionTypes } from '../signals/dimensions.ts';

/** What a metric's dimensions name, by type. A type that is named twice, differently, is ambiguous. */
type Named = { resources: Map<ResourceType, string>; ambiguous: boolean };

/** A function's alias or version is what was deployed: where `Resource` names it beside the function, it is `checkout:live`. */
const qualified = (name: string, { namespace, dimensions }: Metric): string => {
  const resource = namespace === 'AWS/Lambda' ? dimensions.find(([key]) => key === 'Resource')?.[1] : undefined;
  return resource?.startsWith(`${name}:`) && resource !== `${name}:$LATEST` ? resource : name;
};

const named = (metric: Metric): Named => {
  const resources = new Map<ResourceType, string>();
  let ambiguous = false;
  const add = (type: ResourceType, id: string) => {
    const before = resources.get(type);
    if (before !== undefined && before !== id) ambiguous = true;
    resources.set(type, id);
  };
  let cluster: string | undefined;
  let service: string | undefined;
  for (const [name, value] of metric.dimensions) {
    const type = dimensionTypes.get(name);
    if (type !== undefined) add(type, name === 'FunctionName' ? qualified(value, metric) : value);
    if (name === 'ClusterName') cluster = value;
    if (name === 'ServiceName') service = value;
  }
  if (service !== undefined) add('service', cluster === undefined ? service : `${cluster}/${service}`);
  return { resources, ambiguous };
};

/** The resource of the wanted types that a metric names; null where it names none, `ambiguous` where it names two. */
export const subjectOf = (metric: Metric, types: readonly ResourceType[]): Resource | null | 'ambiguous' => {
  const { resources, ambiguous } = named(metric);
  if (ambiguous) return 'ambiguous';
  for (const type of types) {
    const id = resources.get(type);
    if (id !== undefined && wellFormed({ type, id })) return { type, id };
  }
  return null;
};

/** The most telling types first: an instance's own metric often also names its group. */
const anyType: readonly ResourceType[] = [
  'instance',
  'volume',
  'target-group',
  'load-balancer',
  'group',
  'database',
  'queue',
  'canary',
  'certificate',
  'service',
];

/** The alarm itself, for where it names nothing else. */
export const theAlarm = ({ alarm }: AlarmSignal): Resource => ({ type: 'alarm', id: alarm.name });

/** What an alarm that says nothing bad is about, for the record. */
export const anySubjectOf = (signal: AlarmSignal): Resource => {
  const subjects = signal.metrics.map((metric) => subjectOf(metric, anyType));
  const [first] = subjects;
  const single = subjects.every((subject) => JSON.stringify(subject) === JSON.stringify(first));
  return single && first !== null && first !== undefined && first !== 'ambiguous' ? first : theAlarm(signal);
};
