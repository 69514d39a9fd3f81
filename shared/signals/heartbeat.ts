import * as z from 'zod';
import { partitionOf } from '../model/arn.ts';
import { once } from '../model/once.ts';
import { resourceOf } from '../model/resource-id.ts';
import type { EventSignal } from '../model/signal.ts';
import { utc } from '../model/text.ts';
import { anything, defineSignal, eventSignal, evidenceOf, read } from './module.ts';

/** How a beat comes by the bus. The function that counts beats takes it. */
export const beatSource = 'selfheal.beat';
export const beatType = 'selfheal beat';

const schema = once(() => z.object({ name: anything }));

/**
 * Heartbeats. That one was missed is never reported by an event, which anybody might put on a bus: the sweep finds it in the ledger.
 */
export const heartbeat = defineSignal({
  kind: 'heartbeat',
  facts: ['missed', 'beat'],
  events: {
    source: beatSource,
    detailTypes: [beatType],
    decode: (detail, envelope) => {
      const subject = resourceOf('heartbeat', read(schema, detail, 'detail').name, 'detail.name');
      return [eventSignal(envelope, { kind: 'heartbeat', fact: 'beat', subject, quiet: `a beat of ${subject.id}` })];
    },
  },
});

/** A missed beat. Times are milliseconds since the epoch. */
export type MissedBeat = {
  name: string;
  due: number;
  lastAt: number | null;
  /** Since when the heartbeat is watched. */
  since: number;
  /** How late it may be, as the policy says. */
  grace: string;
  subject: EventSignal['subject'];
  runbook: string | undefined;
  /** Why the silence may not be the job's, if so. */
  escalateReason: string | null;
};

/** What never came was never set up: a person has to look, and nothing is done. */
const never = 'a heartbeat that never came may never have been set up';

/** The signal of a missed beat. */
export const missedBeatSignal = (
  { name, due, lastAt, since, grace, subject, runbook, escalateReason }: MissedBeat,
  { account, region }: { account: string; region: string },
): EventSignal<'heartbeat', 'missed'> => {
  const dueText = `${utc(due)}, with ${grace} of grace`;
  const what =
    lastAt === null
      ? `${name} has never sent a beat since selfheal began to watch for it, ${utc(since)}; the first was due ${dueText}`
      : `no beat of ${name} since ${utc(lastAt)}; the next was due ${dueText}`;
  const evidence = { beat: name, what, lastSeen: lastAt === null ? 'never' : new Date(lastAt).toISOString(), grace, runbook };
  return {
    kind: 'heartbeat',
    fact: 'missed',
    subject: subject ?? { type: 'heartbeat', id: name },
    quiet: null,
    escalateReason: lastAt === null ? never : escalateReason,
    at: due,
    ...{ account, region, partition: partitionOf(region) },
    evidence: evidenceOf(evidence),
  };
};
