import { classify } from '../../shared/failures/classify.ts';
import type { Classification } from '../../shared/model/classification.ts';
import type { Rules } from '../../shared/model/classification-rules.ts';
import { isAlarm } from '../../shared/model/signal.ts';
import { parseTime } from '../../shared/model/time.ts';
import { settled } from '../../shared/signals/alarm.ts';
import { decode } from '../../shared/signals/decode.ts';
import type { Timed } from './heap.ts';
import type { Told } from './history.ts';
import type { Call } from './trail.ts';

/**
 * One thing of a history that matters, in plain data: what each of the policies makes of an event, an alarm that is back to OK, or a
 * call that a person made. `where` is its place in the files.
 */
export type Fact = Timed & { where: string } & (
    | { kind: 'failure'; verdicts: (Classification | null)[] }
    | { kind: 'ok'; alarm: string }
    | { kind: 'call'; call: Call }
  );

/** The place of events without one: all of them are from one place. */
export const nowhere = { account: 'unknown', region: 'unknown' };

/** An alarm by its place and name, as verdicts carry them. */
export const alarmKey = ({ account, region, alarm }: Pick<Classification, 'account' | 'region' | 'alarm'>): string | null =>
  alarm && `${account ?? nowhere.account}/${region ?? nowhere.region}/${alarm.name}`;

export type Counts = {
  /** Values that were read: events, batches of them, items of an alarm's history, records of CloudTrail. */
  read: number;
  signals: number;
  /** Signals that no policy treats as a failure. */
  quiet: number;
  calls: number;
  /** Records that selfheal could not have read either, and would have sent to its dead-letter queue. */
  rejected: number;
  /** Facts outside of the time that was asked for. */
  outside: number;
};

export const noCounts = (): Counts => ({ read: 0, signals: 0, quiet: 0, calls: 0, rejected: 0, outside: 0 });

/** The parts of a verdict that the model needs: evidence and prose of a million events would fill the memory. */
const lean = ({ evidence: { deadline }, alarm, children, ...verdict }: Classification): Classification => ({
  ...verdict,
  reason: '',
  alarm: alarm && { name: alarm.name, arn: null },
  children: children.slice(0, 1),
  evidence: deadline === undefined ? {} : { deadline },
});

/** When an event was sent, if it says so. */
const sentAt = (event: unknown): number =>
  (typeof event === 'object' && event !== null && 'detail-type' in event && 'time' in event ? parseTime(event.time) : null) ??
  Number.POSITIVE_INFINITY;

type Reader = { rules: readonly Rules[]; from: number; to: number };

/** The facts in parsed input, classified by each set of rules; counts what it skips. */
export const factsOf = (parsed: Told, where: string, { rules, from, to }: Reader, counts: Counts, next: () => number): Fact[] => {
  const facts: Fact[] = [];
  const add = (fact: Fact): void => {
    if (fact.at >= from && fact.at < to) facts.push(fact);
    else counts.outside++;
  };
  for (const event of parsed.events) {
    const { signals, rejected } = decode(event);
    const sent = sentAt(event);
    counts.rejected += rejected.length;
    for (const signal of signals) {
      counts.signals++;
      // An event announced for a later day begins when it is received.
      const at = Math.min(signal.at, sent);
      const verdicts = rules.map((own) => classify(signal, own));
      const [first] = verdicts;
      if (first && isAlarm(signal) && signal.quiet === settled.OK) {
        counts.quiet++;
        add({ kind: 'ok', at, seq: next(), where, alarm: alarmKey(first) ?? '' });
      } else if (verdicts.every(({ disposition }) => disposition === 'ignore')) counts.quiet++;
      else {
        const kept = verdicts.map((verdict) => (verdict.disposition === 'ignore' ? null : lean(verdict)));
        add({ kind: 'failure', at, seq: next(), where, verdicts: kept });
      }
    }
  }
  for (const call of parsed.calls) {
    counts.calls++;
    add({ kind: 'call', at: call.at, seq: next(), where, call });
  }
  return facts;
};
