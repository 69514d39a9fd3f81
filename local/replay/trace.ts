import type { Classification } from '../../shared/model/classification.ts';
import type { Outcome, TimelineEntry } from '../../shared/model/outcome.ts';
import { outcomeLine } from '../terminal/outcome-line.ts';
import type { Reading } from './reading.ts';

/** Why an incident ended as it did, from its event to the last look. */
export type Trace = {
  /** The places of the events that reported it; only the first of many. */
  events: string[];
  /** Null if the event is unknown, as for a cause that only a live look shows. */
  decoded: { kind: string; at: string; alarm: string | null } | null;
  classified: Pick<Classification, 'failure' | 'disposition' | 'severity' | 'playbook' | 'reason'> | null;
  /** The playbook that was run, after applying the policy and tags. */
  playbook: string | null;
  /** Looks, guards' answers with reasons, actions, waits and verification, in simulated time. */
  timeline: TimelineEntry[];
};

const maxEvents = 20;

/** Records which events reported which incident, as long as it may be needed. */
export const createBook = () => {
  const known = new Map<string, { events: string[]; verdict: Classification; at: number }>();
  return {
    note: ({ file, incidents }: Pick<Reading, 'file' | 'incidents'>, at: number): void => {
      for (const incident of incidents) {
        const entry = known.get(incident.key) ?? { events: [], verdict: incident, at };
        if (entry.events.length < maxEvents) entry.events.push(file);
        known.set(incident.key, { ...entry, at });
      }
    },
    traceOf: ({ incident, playbook, timeline }: Outcome): Trace => {
      const { events = [], verdict } = known.get(incident) ?? {};
      if (!verdict) return { events, decoded: null, classified: null, playbook, timeline };
      const { kind, at, alarm, failure, disposition, severity, playbook: named, reason } = verdict;
      return {
        events,
        decoded: { kind, at: new Date(at).toISOString(), alarm: alarm?.name ?? null },
        classified: { failure, disposition, severity, playbook: named, reason },
        playbook,
        timeline,
      };
    },
    forget: (before: number): void => {
      for (const [key, { at }] of known) if (at < before) known.delete(key);
    },
  };
};

/** An incident in `replay --json`: the outcome line with its trace. */
export const tracedLine = (outcome: Outcome, trace: Trace) => ({ ...outcomeLine(outcome), trace });
