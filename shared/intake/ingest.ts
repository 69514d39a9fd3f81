import { classifyError } from '../aws/call.ts';
import { readEach } from '../failures/read.ts';
import type { Rules } from '../model/classification-rules.ts';
import { SelfhealError } from '../model/errors.ts';
import { type Incident, incidentSchema, openIncident } from '../model/incident.ts';
import type { Place } from '../model/place.ts';
import type { Log } from '../ports/log.ts';
import type { Started } from '../ports/starter.ts';
import type { InRecord, Rejection } from '../signals/decode.ts';

/** What intake did with an event. */
export type IntakeResult = {
  incidents: { incident: string; failure: string; resource: Incident['resource']; start: Started }[];
  ignored: number;
  rejected: Rejection[];
  /** The records that SQS must redeliver; empty for every other source. */
  batchItemFailures: { itemIdentifier: string }[];
};

export type IntakeDeps = {
  /** Our own account and region, for events without them. */
  home: Place;
  rules: Rules;
  /** The members whose topics a hub listens to; null for a stack that is no hub. */
  topics: readonly Place[] | null;
  start: (incident: Incident) => Promise<Started>;
  /** Milliseconds until this invocation times out. */
  timeLeft: () => number;
  log: Log;
};

/** The number of concurrent starts: an AWS Health event may name a thousand instances. */
const maxConcurrentStarts = 20;
/**
 * In this many records, each record's first incident is started before the next record is read. For a large batch that would take too long.
 */
const maxSequentialRecords = 20;
/** Milliseconds before the timeout after which no start begins: one may take eight seconds. */
const timeReserve = 10_000;

/**
 * Part of the event could not be processed. The rest has been, and a redelivery joins what was started. It is thrown so that Lambda retries
 * the event and finally sends it to the dead-letter queue.
 */
export class PartialIntakeError extends SelfhealError {
  override readonly name = 'PartialIntake';
  readonly result: IntakeResult;

  constructor(problems: readonly string[], result: IntakeResult) {
    super(problems.join('; ').slice(0, 2000));
    this.result = result;
  }
}

/** Runs at most `size` tasks concurrently. */
const createPool = (size: number) => {
  const running = new Set<Promise<void>>();
  return {
    /** Resolves once the task has started. */
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

/** Rejects what remediation would reject, because here the original event is kept. */
const problemOf = (incident: Incident): string | null => {
  const [issue] = incidentSchema.safeParse(incident).error?.issues ?? [];
  return issue ? `its incident has no usable ${issue.path.join('.')}: ${issue.message}` : null;
};

/**
 * Decodes and classifies an event and starts one execution per incident, as soon as it is read, so that a failure in a later record doesn't
 * affect earlier ones. Records for which no time is left are returned for redelivery.
 * @throws {PartialIntakeError} if the event is not from a queue and part of it could not be processed
 */
export const ingest = async (event: unknown, { home, rules, topics, start, timeLeft, log }: IntakeDeps): Promise<IntakeResult> => {
  /** In reading order, with a gap for each that was not started. */
  const incidents: (IntakeResult['incidents'][number] | undefined)[] = [];
  const result: IntakeResult = { incidents: [], ignored: 0, rejected: [], batchItemFailures: [] };
  const problems: string[] = [];
  const redelivered = new Set<string>();
  const seen = new Set<string>();
  const pool = createPool(maxConcurrentStarts);
  let outOfTime = 0;

  /** Returns a record to its queue, which redelivers it alone; without a queue the whole event is retried. */
  const redeliver = ({ id }: InRecord, problem: string): void => {
    if (id === undefined) problems.push(problem);
    else if (!redelivered.has(id)) {
      redelivered.add(id);
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
      const { code, message } = classifyError(error);
      redeliver(where, `incident ${key} was not started: ${code}: ${message}`);
      log({ level: 'ERROR', message: 'incident not started', incident: key, failure, resource, error: `${code}: ${message}` });
    }
  };

  const reject = (rejection: Rejection): void => {
    const { record, error } = rejection;
    result.rejected.push(rejection);
    log({ level: 'ERROR', message: 'record rejected', record, error });
    redeliver(rejection, `record ${record} was rejected: ${error}`);
  };

  let last = -1;
  for (const part of readEach(event, rules, undefined, { ...rules.scope, home: home.account, topics })) {
    if ('rejection' in part) {
      reject(part.rejection);
      continue;
    }
    const { verdict, where } = part;
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
    // Another copy of the incident may contain more; only an identical one is skipped.
    const copy = JSON.stringify(incident);
    if (seen.has(copy)) continue;
    seen.add(copy);
    if (timeLeft() < timeReserve) {
      outOfTime += 1;
      redeliver(where, `incident ${incident.key} was not started: the invocation ran out of time`);
      continue;
    }
    const order = seen.size;
    const begin = () => open(incident, where, order);
    if (where.record !== last && where.record < maxSequentialRecords) await begin();
    else await pool.add(begin);
    last = where.record;
  }
  await pool.drain();
  result.incidents = incidents.filter((one) => one !== undefined);
  if (outOfTime > 0) log({ level: 'ERROR', message: 'out of time', incidents: outOfTime });
  if (problems.length > 0) throw new PartialIntakeError(problems, result);
  return result;
};
