import { sortError } from '../aws/call.ts';
import { readEach } from '../failures/read.ts';
import type { ClassificationRules } from '../model/classification-rules.ts';
import { type Incident, incidentSchema, openIncident } from '../model/incident.ts';
import type { Log } from '../ports/log.ts';
import type { Started } from '../ports/starter.ts';
import type { InRecord, Rejection } from '../signals/decode.ts';

export type IntakeResult = {
  incidents: { incident: string; failure: string; resource: Incident['resource']; start: Started }[];
  ignored: number;
  rejected: Rejection[];
  /** What SQS is to deliver again; empty for every other source. */
  batchItemFailures: { itemIdentifier: string }[];
};

export type IntakeDeps = {
  /** Where we run: for events that don't say where they come from. */
  home: { account: string; region: string };
  rules: ClassificationRules;
  start: (incident: Incident) => Promise<Started>;
  /** Milliseconds until this invocation is cut off. */
  timeLeft: () => number;
  log: Log;
};

/** So many starts are under way at once: an event of AWS Health may name a thousand instances. */
const atOnce = 20;
/** Of so many records the first incident is under way before anything later is read; of large batches that would take too long. */
const oneByOne = 20;
/** Milliseconds before the end from which on nothing more is begun: one start may take eight seconds. */
const reserve = 10_000;

/**
 * Something of the event could not be taken in. All the rest of it has been; delivered again, that joins what is under way. Thrown
 * so that Lambda delivers the event again and keeps it in the dead-letter queue in the end: nothing is lost in silence.
 */
export class IntakeIncomplete extends Error {
  override readonly name = 'IntakeIncomplete';
  readonly result: IntakeResult;

  constructor(problems: readonly string[], result: IntakeResult) {
    super(problems.join('; ').slice(0, 2000));
    this.result = result;
  }
}

/** Runs tasks side by side, so many at once. */
const createPool = (size: number) => {
  const running = new Set<Promise<void>>();
  return {
    /** Comes back once the task has begun. */
    add: async (task: () => Promise<void>): Promise<void> => {
      while (running.size >= size) await Promise.race(running);
      const run = task().finally(() => running.delete(run));
      running.add(run);
    },
    drain: async (): Promise<void> => {
      await Promise.all(running);
    },
  };
};

/** What remediation would refuse is refused here, where the event that it came in is kept. */
const problemOf = (incident: Incident): string | null => {
  const [issue] = incidentSchema.safeParse(incident).error?.issues ?? [];
  return issue ? `its incident has no usable ${issue.path.join('.')}: ${issue.message}` : null;
};

/**
 * Decodes and classifies an event and starts one execution for each incident in it, each once, and as soon as it is read: whatever a later
 * record does to this function, what came before it is under way. What there is no time left for is handed back.
 */
export const takeIn = async (event: unknown, { home, rules, start, timeLeft, log }: IntakeDeps): Promise<IntakeResult> => {
  /** In the order in which they were read; a gap for one that was not started. */
  const incidents: (IntakeResult['incidents'][number] | undefined)[] = [];
  const result: IntakeResult = { incidents: [], ignored: 0, rejected: [], batchItemFailures: [] };
  const problems: string[] = [];
  const handedBack = new Set<string>();
  const seen = new Set<string>();
  const pool = createPool(atOnce);
  let late = 0;

  /** To its queue where it came by one, which delivers that record alone again; else with all of the event. */
  const handBack = ({ id }: InRecord, problem: string): void => {
    if (id === undefined) problems.push(problem);
    else if (!handedBack.has(id)) {
      handedBack.add(id);
      result.batchItemFailures.push({ itemIdentifier: id });
    }
  };

  const open = async (incident: Incident, where: InRecord, order: number): Promise<void> => {
    const { key, failure, resource, disposition, reason } = incident;
    try {
      const started = await start(incident);
      incidents[order] = { incident: key, failure, resource, start: started };
      log({ level: 'INFO', message: `incident ${started}`, incident: key, failure, resource, disposition, reason });
    } catch (error) {
      const { code, message } = sortError(error);
      handBack(where, `incident ${key} was not started: ${code}: ${message}`);
      log({ level: 'ERROR', message: 'incident not started', incident: key, failure, resource, error: `${code}: ${message}` });
    }
  };

  const reject = (rejection: Rejection): void => {
    const { record, error } = rejection;
    result.rejected.push(rejection);
    log({ level: 'ERROR', message: 'record rejected', record, error });
    handBack(rejection, `record ${record} was rejected: ${error}`);
  };

  let last = -1;
  for (const part of readEach(event, rules)) {
    if ('rejection' in part) {
      reject(part.rejection);
      continue;
    }
    const { verdict, ...where } = part;
    const incident = openIncident(verdict, home);
    if (!incident) {
      result.ignored += 1;
      const { failure, resource, account, region, kind, reason } = verdict;
      log({ level: 'INFO', message: 'signal ignored', failure, resource, account, region, kind, reason });
      continue;
    }
    const problem = problemOf(incident);
    if (problem !== null) {
      reject({ ...where, error: problem });
      continue;
    }
    // Another copy of the same may tell more: only what is told in the same words is known already.
    const copy = JSON.stringify(incident);
    if (seen.has(copy)) continue;
    seen.add(copy);
    if (timeLeft() < reserve) {
      late += 1;
      handBack(where, `incident ${incident.key} was not started: the invocation ran out of time`);
      continue;
    }
    const order = seen.size;
    const begin = () => open(incident, where, order);
    if (where.record !== last && where.record < oneByOne) await begin();
    else await pool.add(begin);
    last = where.record;
  }
  await pool.drain();
  result.incidents = incidents.filter((one) => one !== undefined);
  if (late > 0) log({ level: 'ERROR', message: 'out of time', incidents: late });
  if (problems.length > 0) throw new IntakeIncomplete(problems, result);
  return result;
};
