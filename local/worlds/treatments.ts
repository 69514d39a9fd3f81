import type { Call } from '#local-aws';

/** As long as a lease that is not renewed; in milliseconds. */
type Limits = { leaseMs: number };
/** An end is under way by then, if the other began just before it; in milliseconds. */
const settling = 30_000;

/** Who treats what: a treatment is open from its first call with an effect until its incident ends, or its execution has died. */
export const createTreatments = (
  now: () => number,
  { leaseMs }: Limits,
  endingSince: (execution: string) => number | undefined,
  object: (resource: string, text: string) => void,
) => {
  const treating = new Map<string, Map<string, string>>();
  /** When each execution last wrote to DynamoDB, as it must to keep its lease. */
  const alive = new Map<string, number>();
  let doubtful: { at: number; resource: string; by: string; other: string; operation: string }[] = [];
  return {
    after: ({ service, operation }: Call, execution: string): void => {
      if (service === 'dynamodb' && operation === 'UpdateItem') alive.set(execution, now());
    },
    acts: (resource: string, by: string, operation: string): void => {
      const at = now();
      const own = treating.get(resource) ?? new Map<string, string>();
      for (const other of own.keys())
        if (other !== by && endingSince(other) === undefined && at - (alive.get(other) ?? 0) < leaseMs)
          doubtful.push({ at, resource, by, other, operation });
      own.set(by, operation);
      treating.set(resource, own);
    },
    look: (): void => {
      if (doubtful.length === 0) return;
      const due = doubtful.filter(({ at }) => now() - at > settling);
      doubtful = doubtful.filter((one) => !due.includes(one));
      for (const { at, resource, by, other, operation } of due) {
        const ends = endingSince(other);
        // A dead execution writes nothing more.
        const lived = (alive.get(other) ?? 0) > at;
        if (lived && (ends === undefined || ends > at + settling)) object(resource, `${by} does ${operation} while ${other} treats it`);
      }
    },
  };
};
