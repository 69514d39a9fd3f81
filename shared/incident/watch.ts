import * as z from 'zod';
import type { IncidentRecord, Ledger } from '../aws/ledger.ts';
import { type FailureId, failureIds } from '../failures/ids.ts';
import { type ActionRecord, concludeIncident, type Outcome } from './outcome.ts';
import type { Reporter } from './reporter.ts';

/**
 * A durable execution's end as Lambda puts it on the default bus.
 * https://docs.aws.amazon.com/lambda/latest/dg/durable-monitoring.html
 */
export const executionEndSchema = z.object({
  source: z.literal('aws.lambda'),
  'detail-type': z.literal('Durable Execution Status Change'),
  account: z.string(),
  region: z.string(),
  detail: z.object({
    durableExecutionName: z.string().min(1).max(64),
    status: z.string(),
    startTimestamp: z.string(),
    endTimestamp: z.string().optional(),
  }),
});
/** An execution that is over; its name is its incident's key. Times in milliseconds since the epoch. */
export type Ended = { key: string; status: string; account: string; region: string; startedAt: number };

export const endedOf = ({ account, region, detail }: z.infer<typeof executionEndSchema>): Ended => ({
  key: detail.durableExecutionName,
  status: detail.status,
  account,
  region,
  startedAt: Date.parse(detail.startTimestamp),
});

export type WatchDeps = {
  ledger: Ledger;
  reporter: Reporter;
  /** Milliseconds since the epoch. */
  now: () => number;
};

/** How an execution may end without having come to its own end. */
export const badEnds = ['FAILED', 'TIMED_OUT', 'STOPPED'] as const;
const died = new Set<string>(badEnds);

/** A key begins with its failure class; that is all there is to know of an execution that died before it wrote anything down. */
const failureOf = (key: string): FailureId => failureIds.find((id) => key.startsWith(`${id}-`)) ?? 'unclassified';

/** What an execution had begun when it died: whether it worked nobody has seen. */
const begunBy = (record: IncidentRecord | null): ActionRecord[] =>
  (record?.begun ?? []).map(({ action, target, attempt, at }) => ({
    action,
    target: target.id,
    attempt,
    at: new Date(at).toISOString(),
    result: 'uncertain: Interrupted',
  }));

const reasonOf = (status: string, actions: readonly ActionRecord[], out: IncidentRecord['out'], record: IncidentRecord | null): string => {
  const died = `selfheal's execution ended ${status} before the incident was over`;
  if (out) {
    const did =
      out.group === null ? `STOPPED by selfheal: ${out.instance}` : `TERMINATED by selfheal: ${out.instance} of group ${out.group}`;
    return `${did}. ${died}, and nobody has seen it back: look at it now`;
  }
  if (actions.length > 0)
    return `${died}, after it had begun ${[...new Set(actions.map(({ action }) => action))].join(', ')}: look at the resource`;
  // What isn't recorded may have been done all the same: the record of an action is made before it, but not before there is one.
  return record ? `${died}, and before any action was recorded` : `${died}, and there is no record of it: look at the resource`;
};

const failedOutcome = (record: IncidentRecord | null, { key, status, account, region, startedAt }: Ended, at: number): Outcome => {
  const actions = begunBy(record);
  const reason = reasonOf(status, actions, record?.out ?? null, record);
  const incident = record?.incident ?? {
    key,
    failure: failureOf(key),
    severity: 'critical' as const,
    resource: { type: 'alarm' as const, id: key },
    account,
    region,
    playbook: null,
    at: startedAt,
  };
  const timeline = [...(record?.story ?? []), { at: new Date(at).toISOString(), phase: 'decide' as const, text: `failed: ${reason}` }];
  return concludeIncident(incident, { status: 'failed', verified: false, reason, quiet: false, endedAt: at, actions, timeline });
};

/** The outcome that stands: this one, unless another one was recorded in the meantime. */
const settleOn = async (proposed: Outcome, ledger: Ledger): Promise<Outcome> =>
  (await ledger.close(proposed)) ? proposed : ((await ledger.read(proposed.incident))?.outcome ?? proposed);

/**
 * Sees to an execution that died, timed out or was stopped: its incident still ends in one outcome, recorded and published, and
 * what it held is free. One that had come to an outcome and failed to publish it is published now. Returns the outcome, or null for
 * an execution that ended well or has been seen to. Throws what the SDK throws, so that it is tried again.
 */
export const watchExecution = async (ended: Ended, { ledger, reporter, now }: WatchDeps): Promise<Outcome | null> => {
  const { key, status } = ended;
  if (!died.has(status)) return null;
  const record = await ledger.read(key);
  if (record?.seenTo) return null;
  const outcome = record?.outcome ?? (await settleOn(failedOutcome(record, ended, now()), ledger));
  const leases = [...(record?.incident ? [record.incident.resource] : []), ...(record?.leases ?? [])];
  for (const lease of leases) await ledger.release(lease, key);
  if (!outcome.quiet) await reporter.announce(outcome);
  if (!outcome.quiet) await reporter.chat?.(outcome);
  await reporter.emit(outcome);
  await reporter.measure(outcome);
  // Last, so that what is cut off before is done again: to be told twice is better than never.
  await ledger.noteSeenTo(key);
  return outcome;
};
