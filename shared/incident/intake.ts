import { sortError } from '../aws/call.ts';
import type { Log } from '../aws/log.ts';
import type { Started } from '../aws/starter.ts';
import { readEach } from '../failures/read.ts';
import type { ClassificationRules } from '../failures/rules.ts';
import type { Rejection } from '../signals/decode.ts';
import { type Incident, openIncident } from './incident.ts';

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
  log: Log;
};

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

/**
 * Decodes and classifies an event and starts one execution for each incident in it; each once, in the order of the records, and as soon
 * as it is read: whatever a later record does to this function, what came before it is under way.
 */
export const takeIn = async (event: unknown, { home, rules, start, log }: IntakeDeps): Promise<IntakeResult> => {
  const result: IntakeResult = { incidents: [], ignored: 0, rejected: [], batchItemFailures: [] };
  const problems: string[] = [];
  const seen = new Set<string>();

  const open = async (incident: Incident): Promise<void> => {
    const { key, failure, resource, disposition, reason } = incident;
    if (seen.has(key)) return;
    seen.add(key);
    try {
      const started = await start(incident);
      result.incidents.push({ incident: key, failure, resource, start: started });
      log({ level: 'INFO', message: `incident ${started}`, incident: key, failure, resource, disposition, reason });
    } catch (error) {
      const { code, message } = sortError(error);
      problems.push(`incident ${key} was not started: ${code}: ${message}`);
      log({ level: 'ERROR', message: 'incident not started', incident: key, failure, resource, error: `${code}: ${message}` });
    }
  };

  const giveBack = (rejection: Rejection): void => {
    const { record, error, id } = rejection;
    result.rejected.push(rejection);
    log({ level: 'ERROR', message: 'record rejected', record, error });
    if (id === undefined) problems.push(`record ${record} was rejected: ${error}`);
    else if (result.batchItemFailures.at(-1)?.itemIdentifier !== id) result.batchItemFailures.push({ itemIdentifier: id });
  };

  for (const part of readEach(event, rules)) {
    if ('rejection' in part) {
      giveBack(part.rejection);
      continue;
    }
    const incident = openIncident(part.verdict, home);
    if (incident) await open(incident);
    else {
      result.ignored += 1;
      const { failure, resource, account, region, kind, reason } = part.verdict;
      log({ level: 'INFO', message: 'signal ignored', failure, resource, account, region, kind, reason });
    }
  }
  if (problems.length > 0) throw new IntakeIncomplete(problems, result);
  return result;
};
