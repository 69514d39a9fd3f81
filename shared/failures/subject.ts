import type { Resource, ResourceType } from '../model/resource.ts';
import { isValidResourceId, typeOfDimension, typesInMetrics } from '../model/resources/index.ts';
import type { AlarmSignal, Metric } from '../model/signal.ts';

/** The resources in a metric's dimensions, by type. Two different ids of one type are ambiguous. */
type Named = { resources: Map<ResourceType, string>; ambiguous: boolean };

/** The deployed unit is an alias or version: if `Resource` names it next to the function, it is `checkout:live`. */
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
    const type = typeOfDimension(name);
    if (type !== undefined) add(type, name === 'FunctionName' ? qualified(value, metric) : value);
    if (name === 'ClusterName') cluster = value;
    if (name === 'ServiceName') service = value;
  }
  if (service !== undefined) add('service', cluster === undefined ? service : `${cluster}/${service}`);
  return { resources, ambiguous };
};

/** The resource of the given types that a metric names; null if there is none, `ambiguous` if there are two. */
export const subjectOf = (metric: Metric, types: readonly ResourceType[]): Resource | null | 'ambiguous' => {
  const { resources, ambiguous } = named(metric);
  if (ambiguous) return 'ambiguous';
  for (const type of types) {
    const id = resources.get(type);
    if (id !== undefined && isValidResourceId({ type, id })) return { type, id };
  }
  return null;
};

/** The alarm itself as the resource, if it names no other. */
export const theAlarm = ({ alarm }: AlarmSignal): Resource => ({ type: 'alarm', id: alarm.name });

/** The subject of an alarm without a failure, for the record. */
export const anySubjectOf = (signal: AlarmSignal): Resource => {
  const subjects = signal.metrics.map((metric) => subjectOf(metric, typesInMetrics));
  const [first] = subjects;
  const single = subjects.every((subject) => JSON.stringify(subject) === JSON.stringify(first));
  return single && first !== null && first !== undefined && first !== 'ambiguous' ? first : theAlarm(signal);
};
