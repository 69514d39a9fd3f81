import * as z from 'zod';
import { attempt, explain } from '../aws/call.ts';
import type { ChannelId } from '../model/channel-id.ts';
import { type FailureId, failureIds } from '../model/failure-id.ts';
import { type ActionRecord, concludeIncident, type Outcome } from '../model/outcome.ts';
import { placedAt } from '../model/place.ts';
import type { CallError, Result } from '../ports/call-result.ts';
import { type Bounded, unbounded } from '../ports/deadline.ts';
import { badEnds, type Ended } from '../ports/executions.ts';
import type { IncidentRecord, Ledger } from '../ports/ledger.ts';
import type { Channel, Reporter } from '../ports/reporter.ts';
import { channelsOf, tellBy } from '../remediation/channels.ts';
import { particularsOf } from '../remediation/particulars.ts';
import { settle } from '../remediation/settle.ts';

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

export const endedOf = ({ account, region, detail }: z.infer<typeof executionEndSchema>): Ended => ({
  key: detail.durableExecutionName,
  status: detail.status,
  account,
  region,
  startedAt: Date.parse(detail.startTimestamp),
  ...(detail.endTimestamp ? { endedAt: Date.parse(detail.endTimestamp) } : {}),
});

export type WatchDeps = {
  ledger: Ledger;
  reporter: Reporter;
  /** Who has been told of what by this process, as far as the ledger could not be told so: the best that is left where it says no. */
  toldHere?: Map<string, readonly ChannelId[]>;
  /** How often a channel has been told something here without an answer. */
  unsureHere?: Map<string, number>;
  /** What the ledger is asked for, and what is told, each by itself: that one hangs must not cost the other. */
  bounded?: Bounded;
  /** Milliseconds since the epoch. */
  now: () => number;
};
const died = new Set<string>(badEnds);

/** A key begins with its failure class; that is all there is to know of an execution that died before it wrote anything down. */
const failureOf = (key: string): FailureId => failureIds.find((id) => key.startsWith(`${id}-`)) ?? 'unclassified';

/** What the ledger says of an incident: its record, that there is none, or why it can't be read. */
type Found = IncidentRecord | CallError | null;
const isRecord = (found: Found): found is IncidentRecord => found !== null && 'begun' in found;

/** What an execution had begun when it died: whether it worked nobody has seen. */
const begunBy = (record: IncidentRecord | null): ActionRecord[] =>
  (record?.begun ?? []).map(({ action, target, attempt, at }) => ({
    action,
    target: target.id,
    attempt,
    at: new Date(at).toISOString(),
    result: 'uncertain: Interrupted',
  }));

const reasonOf = (status: string, actions: readonly ActionRecord[], record: Found): string => {
  const out = isRecord(record) ? record.out : null;
  const died = `selfheal's execution ended ${status} before the incident was over`;
  if (out) {
    const did =
      out.group === null ? `STOPPED by selfheal: ${out.instance}` : `TERMINATED by selfheal: ${out.instance} of group ${out.group}`;
    return `${did}. ${died}, and selfheal has not seen it in service again: check it now`;
  }
  if (actions.length > 0)
    return `${died}, after it had begun ${[...new Set(actions.map(({ action }) => action))].join(', ')}: check the resource`;
  // What isn't recorded may have been done all the same: the record of an action is made before it, but not before there is one.
  if (isRecord(record)) return `${died}, and before any action was recorded`;
  const unknown = record === null ? 'there is no record of it' : `its record can't be read (${explain(record)})`;
  return `${died}, and ${unknown}: check the resource`;
};

const failedOutcome = (found: Found, { key, status, account, region, startedAt }: Ended, at: number): Outcome => {
  const record = isRecord(found) ? found : null;
  const actions = begunBy(record);
  const reason = reasonOf(status, actions, found);
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
  const particulars = record?.incident ? particularsOf(record.incident) : {};
  return concludeIncident(incident, {
    status: 'failed',
    verified: false,
    reason,
    quiet: false,
    endedAt: at,
    actions,
    timeline,
    particulars,
  });
};

/** So often something is told whose answer is lost: each time may be one too many. */
const mostUnsure = 6;

/**
 * So long after its end an execution is not told of without the ledger, in milliseconds. Lambda tries a notice again after one minute and
 * after two more, so that it is the last try that does. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
const ledgersTime = 120_000;

/**
 * Sees to an execution that died, timed out or was stopped: its incident still ends in one outcome, recorded and told, and what it held is
 * free. One that had come to an outcome is told to whom it could not be told. All of it is tried, whatever fails; where the ledger says
 * no for minutes, people are told without it, by the notice of the end. A sweep isn't enough for that: the next one could not know.
 *
 * Returns the outcome, or null for an execution that ended well or has been seen to. Throws if somebody could not be told, so that it
 * is tried again.
 */
export const watchExecution = async (
  ended: Ended,
  { ledger, reporter, now, toldHere = new Map(), unsureHere = new Map(), bounded = unbounded }: WatchDeps,
  heardBy: 'notice' | 'sweep' = 'sweep',
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
    if (isRecord(record) && record.seenTo) return null;
    const stood = isRecord(record) ? record.outcome : null;
    const proposed = stood ?? failedOutcome(record, ended, now());
    // What can't be read isn't closed either: its story would be lost, and with it what is out of service.
    const settled = stood || !read.ok ? null : await part('record', () => settle(proposed, ledger));
    const withoutLedger = failures.length > 0;
    const { incident = null, leases = [], told = [] } = isRecord(record) ? record : {};
    for (const lease of [...(incident ? [placedAt(incident, incident.resource)] : []), ...leases])
      await part('release', () => ledger.release(lease, key));
    const { outcome, told: before } = settled?.ok ? settled.value : { outcome: proposed, told: [] };
    return { outcome, told: [...told, ...before], withoutLedger };
  });
  if (!found) return null;
  const { outcome, withoutLedger } = found;
  if (withoutLedger && (heardBy === 'sweep' || now() - (ended.endedAt ?? ended.startedAt) < ledgersTime)) throw giveUp();

  const whatIsTold = `${key} ${outcome.status}`;
  const known = new Set([...found.told, ...(toldHere.get(whatIsTold) ?? [])]);
  const untold = channelsOf(reporter, outcome).filter(({ id }) => !known.has(id));
  await bounded(async () => {
    const tell = async (channel: Channel) => {
      const unsure = `${whatIsTold} ${channel.id}`;
      const tries = unsureHere.get(unsure) ?? 0;
      // Each time may be one too many, and the alarm on what could not be told has gone off.
      if (tries >= mostUnsure) return void known.add(channel.id);
      const result = await part(channel.id, () => tellBy(channel, outcome, { reporter, at: now(), again: true, unsure: tries > 0 }));
      if (result.ok) known.add(channel.id);
      else if (result.error.kind === 'uncertain') unsureHere.set(unsure, tries + 1);
    };
    await Promise.all(untold.map(tell));
  });
  toldHere.set(whatIsTold, [...known]);
  // Last, so that what is cut off before is done again: to be told twice is better than never.
  const { ok } = await part('note', () =>
    bounded(() => (failures.length === 0 ? ledger.noteSeenTo(key) : ledger.noteTold(key, [...known], now()))),
  );
  if (ok) toldHere.delete(whatIsTold);
  // What only the ledger lacks is made up for by a sweep.
  if (untold.some(({ id }) => !known.has(id)) || (failures.length > 0 && heardBy === 'sweep')) throw giveUp();
  return outcome;
};
