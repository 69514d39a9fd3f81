import * as z from 'zod';
import { attempt, explain } from '../aws/call.ts';
import { formatResult } from '../model/action-result.ts';
import type { ChannelId } from '../model/channel-id.ts';
import { drainedFrom, putBackBy } from '../model/drained.ts';
import { minuteMs } from '../model/duration.ts';
import { failureInKey } from '../model/incident.ts';
import { type ActionRecord, concludeIncident, type Outcome } from '../model/outcome.ts';
import { placedAt } from '../model/place.ts';
import type { CallError, Result } from '../ports/call-result.ts';
import { type Bounded, unbounded } from '../ports/deadline.ts';
import { type EndedExecution, terminalFailureStatuses } from '../ports/executions.ts';
import type { IncidentRecord, Ledger } from '../ports/ledger.ts';
import type { Channel, Reporter } from '../ports/reporter.ts';
import { channelsOf, notifyBy } from '../remediation/channels.ts';
import { particularsOf } from '../remediation/particulars.ts';
import { settle } from '../remediation/settle.ts';

/**
 * The end of a durable execution, as Lambda publishes it on the default bus.
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

/** Reads the ended execution from its event. */
export const endedOf = ({ account, region, detail }: z.infer<typeof executionEndSchema>): EndedExecution => ({
  key: detail.durableExecutionName,
  status: detail.status,
  account,
  region,
  startedAt: Date.parse(detail.startTimestamp),
  ...(detail.endTimestamp ? { endedAt: Date.parse(detail.endTimestamp) } : {}),
});

/** What handling a dead execution needs. */
export type WatchDeps = {
  ledger: Ledger;
  reporter: Reporter;
  /** Which channels this process has notified of what, in case the ledger can't record it. */
  notifiedHere?: Map<string, readonly ChannelId[]>;
  /** How often this process has notified a channel without getting a response. */
  unsureHere?: Map<string, { tries: number; since: number }>;
  /** Limits ledger calls and notifications separately, so that one that hangs doesn't use up the other's time. */
  bounded?: Bounded;
  /** Ends work that the execution has left under way, and says for people what came of that; null if there was none. */
  endWork?: (record: IncidentRecord) => Promise<string | null>;
  /** Milliseconds since the epoch. */
  now: () => number;
};
const died = new Set<string>(terminalFailureStatuses);

/** The ledger's answer: the record, null if there is none, or why it can't be read. */
type Found = IncidentRecord | CallError | null;
const isRecord = (found: Found): found is IncidentRecord => found !== null && 'begun' in found;

/** The actions that an execution had begun when it died, with unknown results. */
const begunBy = (record: IncidentRecord | null): ActionRecord[] =>
  (record?.begun ?? []).map(({ action, target, attempt, at }) => ({
    action,
    target: target.id,
    attempt,
    at: new Date(at).toISOString(),
    result: formatResult({ status: 'uncertain', code: 'Interrupted' }),
  }));

const reasonOf = (status: string, actions: readonly ActionRecord[], record: Found): string => {
  const out = isRecord(record) ? record.out : null;
  const died = `selfheal's execution ended ${status} before the incident was over`;
  if (out?.drained)
    return `DRAINED by selfheal: ${out.instance} is out of ${drainedFrom(out.drained)}. ${died}, and selfheal has not seen it back. Put it back now: ${putBackBy(out.instance, out.drained)}`;
  if (out) {
    const did =
      out.group === null ? `STOPPED by selfheal: ${out.instance}` : `TERMINATED by selfheal: ${out.instance} of group ${out.group}`;
    return `${did}. ${died}, and selfheal has not seen it in service again: check it now`;
  }
  if (actions.length > 0)
    return `${died}, after it had begun ${[...new Set(actions.map(({ action }) => action))].join(', ')}: check the resource`;
  // Without a record an action may still have been taken. With a record, every action is recorded before it begins.
  if (isRecord(record)) return `${died}, and before any action was recorded`;
  const unknown = record === null ? 'there is no record of it' : `its record can't be read (${explain(record)})`;
  return `${died}, and ${unknown}: check the resource`;
};

/**
 * When an incident ended whose execution died: as long as that can't be recorded, whoever finds it later has to tell the same of it. In whole
 * seconds, since a list of executions may tell less of a moment than a notice (assumed).
 */
const endOf = ({ endedAt }: EndedExecution, now: number): number => (endedAt === undefined ? now : Math.floor(endedAt / 1000) * 1000);

const failedOutcome = (found: Found, ended: EndedExecution, at: number, left: string | null): Outcome => {
  const { key, status, account, region, startedAt } = ended;
  const record = isRecord(found) ? found : null;
  const actions = begunBy(record);
  const reason = [reasonOf(status, actions, found), ...(left === null ? [] : [left])].join('; ');
  const incident = record?.incident ?? {
    key,
    // All there is to know of an execution that died before it wrote anything down.
    failure: failureInKey(key) ?? ('unclassified' as const),
    severity: 'critical' as const,
    resource: { type: 'alarm' as const, id: key },
    account,
    region,
    playbook: null,
    at: startedAt,
  };
  const timeline = [...(record?.story ?? []), { at: new Date(at).toISOString(), phase: 'decide' as const, text: `failed: ${reason}` }];
  const particulars = record?.incident ? particularsOf(record.incident) : {};
  return concludeIncident(incident, {
    status: 'failed',
    verified: false,
    reason,
    quiet: false,
    endedAt: endOf(ended, at),
    actions,
    timeline,
    particulars,
  });
};

/**
 * How long a process may still be at work whose execution was stopped or timed out, in milliseconds: it learns of that at its next
 * checkpoint (assumed), and its function's timeout is half of this. One that failed has no process left.
 */
const lastOperationTime = 60_000;

/**
 * How often a notification is sent without a response, each of which may be a duplicate, and for how long at least, in milliseconds: a notice that
 * Lambda retries and EventBridge delivers twice comes six times within three minutes, and the sweep every quarter of an hour.
 */
const maxUncertainTries = 6;
const uncertainFor = 40 * minuteMs;

/**
 * How long after its end an execution is not reported without the ledger, in milliseconds. Lambda retries a notice after one minute and
 * again after two more, so only the last try reports without it.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
const ledgerGracePeriod = 120_000;

/**
 * Handles an execution that died, timed out or was stopped: its incident still gets one outcome, recorded and reported, and its leases are
 * released, once no process of it can be at work. If it already had an outcome, the channels that could not be notified are. Every part is tried, even if others fail. If the
 * ledger is unavailable for minutes, the notice of the end reports without it; a sweep doesn't, since the next one could not know.
 * Returns the outcome, or null for an execution that ended well or was handled before.
 * || @throws {Error} if a channel could not be notified, so that it is retried
 */
export const watchExecution = async (
  ended: EndedExecution,
  { ledger, reporter, now, endWork, notifiedHere = new Map(), unsureHere = new Map(), bounded = unbounded }: WatchDeps,
  trigger: 'notice' | 'sweep' = 'sweep',
): Promise<Outcome | null> => {
  const { key, status } = ended;
  if (!died.has(status)) return null;
  const failures: string[] = [];
  const part = async <T>(name: string, run: () => Promise<T>): Promise<Result<T>> => {
    const result = await attempt(run);
    if (!result.ok) failures.push(`${name}: ${explain(result.error)}`);
    return result;
  };
  const giveUp = () => new Error(`execution ${key} ended ${status}, but ${failures.join('; ')}`);

  const found = await bounded(async () => {
    const read = await part('read', () => ledger.read(key));
    const record = read.ok ? read.value : read.error;
    if (isRecord(record) && record.reconciled) return null;
    const stood = isRecord(record) ? record.outcome : null;
    const left = !stood && endWork && isRecord(record) ? await endWork(record) : null;
    const proposed = stood ?? failedOutcome(record, ended, now(), left);
    // An unreadable record isn't closed: its timeline would be lost, and so would what is out of service.
    const settled = stood || !read.ok ? null : await part('record', () => settle(proposed, ledger));
    const withoutLedger = failures.length > 0;
    const { incident = null, leases = [], notified = [] } = isRecord(record) ? record : {};
    const free = status === 'FAILED' ? undefined : (ended.endedAt ?? now()) + lastOperationTime;
    for (const lease of [...(incident ? [placedAt(incident, incident.resource)] : []), ...leases])
      await part('release', () => ledger.release(lease, key, free));
    const { outcome, notified: before } = settled?.ok ? settled.value : { outcome: proposed, notified: [] };
    return { outcome, notified: [...notified, ...before], withoutLedger };
  });
  if (!found) return null;
  const { outcome, withoutLedger } = found;
  if (withoutLedger && (trigger === 'sweep' || now() - (ended.endedAt ?? ended.startedAt) < ledgerGracePeriod)) throw giveUp();

  const notificationKey = `${key} ${outcome.status}`;
  const known = new Set([...found.notified, ...(notifiedHere.get(notificationKey) ?? [])]);
  const pending = channelsOf(reporter, outcome).filter(({ id }) => !known.has(id));
  await bounded(async () => {
    const notify = async (channel: Channel) => {
      const unsure = `${notificationKey} ${channel.id}`;
      const { tries, since } = unsureHere.get(unsure) ?? { tries: 0, since: now() };
      // Each may be a duplicate, and the alarm on failed notifications has gone off already.
      if (tries >= maxUncertainTries && now() - since >= uncertainFor) return void known.add(channel.id);
      const result = await part(channel.id, () => notifyBy(channel, outcome, { reporter, at: now(), again: true, unsure: tries > 0 }));
      if (result.ok) known.add(channel.id);
      else if (result.error.kind === 'uncertain') unsureHere.set(unsure, { tries: tries + 1, since });
    };
    await Promise.all(pending.map(notify));
  });
  notifiedHere.set(notificationKey, [...known]);
  // Last, so that anything interrupted before is repeated: a duplicate notification is better than none.
  const { ok } = await part('note', () =>
    bounded(() => (failures.length === 0 ? ledger.noteReconciled(key) : ledger.noteNotified(key, [...known], now()))),
  );
  if (ok) notifiedHere.delete(notificationKey);
  // If only the ledger could not be updated, a sweep makes up for it.
  if (pending.some(({ id }) => !known.has(id)) || (failures.length > 0 && trigger === 'sweep')) throw giveUp();
  return outcome;
};
