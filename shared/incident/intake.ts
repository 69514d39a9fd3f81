import { sortError } from '../aws/call.ts';
import type { Log } from '../aws/log.ts';
import type { Started } from '../aws/starter.ts';
import { readEvent } from '../failures/read.ts';
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

/** Decodes and classifies an event and starts one execution for each incident in it; each once, in the order of the records. */
export const takeIn = async (event: unknown, { home, rules, start, log }: IntakeDeps): Promise<IntakeResult> => {
  const { verdicts, rejected } = readEvent(event, rules);
  const incidents = new Map<string, Incident>();
  let ignored = 0;
  for (const verdict of verdicts) {
    const incident = openIncident(verdict, home);
    if (incident) incidents.set(incident.key, incidents.get(incident.key) ?? incident);
    else {
      ignored++;
      const { failure, resource, account, region, kind, reason } = verdict;
      log({ level: 'INFO', message: 'signal ignored', failure, resource, account, region, kind, reason });
    }
  }
  const result: IntakeResult = { incidents: [], ignored, rejected, batchItemFailures: [] };
  const problems: string[] = [];
  for (const incident of incidents.values()) {
    const { key, failure, resource, disposition, reason } = incident;
    try {
      const started = await start(incident);
      result.incidents.push({ incident: key, failure, resource, start: started });
      log({ level: 'INFO', message: `incident ${started}`, incident: key, failure, resource, disposition, reason });
    } catch (error) {
      const { code, message } = sortError(error);
      problems.push(`incident ${key} was not started: ${code}: ${message}`);
      log({ level: 'ERROR', message: 'incident not started', incident: key, failure, resource, error: `${code}: ${message}` });
    }
  }
  for (const { record, error, id } of rejected) {
    log({ level: 'ERROR', message: 'record rejected', record, error });
    if (id === undefined) problems.push(`record ${record} was rejected: ${error}`);
    else result.batchItemFailures.push({ itemIdentifier: id });
  }
  if (problems.length > 0) throw new IntakeIncomplete(problems, result);
  return result;
};
