import type { Call } from '#local-aws';

/** What an incident came to, as it was announced or recorded. Times are in milliseconds since the epoch. */
export type Told = {
  status: string;
  reason: string;
  quiet: boolean;
  endedAt: string;
  resource: { type: string; id: string };
  at: number;
};

/** As much of a reason as every record keeps. */
const kept = 100;
const contentOf = ({ status, reason, quiet, endedAt }: Omit<Told, 'at' | 'resource'>): string =>
  JSON.stringify([status, reason.slice(0, kept), quiet, endedAt]);

type Item = { ExpressionAttributeValues?: Record<string, { S?: string } | undefined>; Item?: Record<string, { S?: string } | undefined> };

/** Every JSON text of a write to DynamoDB that is the outcome of an incident. */
const outcomesIn = ({ ExpressionAttributeValues = {}, Item = {} }: Item): { incident: string; status: string }[] =>
  [...Object.values(ExpressionAttributeValues), ...Object.values(Item)].flatMap((value) => {
    const text = value?.S;
    if (!text?.startsWith('{') || !text.includes('"incident"') || !text.includes('"endedAt"')) return [];
    try {
      const { incident, status, endedAt } = JSON.parse(text) as Record<string, unknown>;
      return typeof incident === 'string' && typeof status === 'string' && typeof endedAt === 'string' ? [{ incident, status }] : [];
    } catch {
      return [];
    }
  });

/** The outcomes of incidents by their content: what was put on the bus, what was recorded, and when either was first tried. */
export const createOutcomesTold = () => {
  const told = new Map<string, Map<string, Told>>();
  const recorded = new Map<string, Set<string>>();
  /** What was told again by somebody who could not know what had been said: the record then may have that. */
  const again = new Map<string, Set<string>>();
  /** Incidents whose end is being recorded or announced. */
  const ending = new Map<string, number>();
  const isWrite = ({ service, operation }: Call) => service === 'dynamodb' && (operation === 'UpdateItem' || operation === 'PutItem');
  return {
    before: (call: Call, at: number): void => {
      if (isWrite(call)) for (const { incident } of outcomesIn(call.input as Item)) ending.set(incident, ending.get(incident) ?? at);
    },
    after: (call: Call): void => {
      if (!isWrite(call)) return;
      for (const { incident, status } of outcomesIn(call.input as Item))
        recorded.set(incident, (recorded.get(incident) ?? new Set()).add(status));
    },
    /** `blind`: while the record may be unreadable, who tells it again can't know what was said, nor that it had ended. */
    announced: (incident: string, one: Told, blind: boolean): void => {
      ending.set(incident, ending.get(incident) ?? one.at);
      const own = told.get(incident) ?? new Map<string, Told>();
      if (blind && [...own.values()].some(({ status }) => one.status === 'failed' || status === one.status)) {
        again.set(incident, (again.get(incident) ?? new Set()).add(one.status));
        return;
      }
      const content = contentOf(one);
      if (!own.has(content)) own.set(content, one);
      told.set(incident, own);
    },
    endingSince: (incident: string): number | undefined => ending.get(incident),
    of: (incident: string): Told[] => [...(told.get(incident)?.values() ?? [])],
    all: (): IterableIterator<[string, Map<string, Told>]> => told.entries(),
    /** With that status: where the record can't be read, people are told at once, and its reason and time are those of a later try. */
    isRecorded: (incident: string, { status }: Told): boolean =>
      [status, ...(again.get(incident) ?? [])].some((one) => recorded.get(incident)?.has(one)),
  };
};
