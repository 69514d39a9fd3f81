import type { Verdict } from '../../shared/model/classification.ts';
import type { Outcome, TimelineEntry } from '../../shared/model/outcome.ts';
import { outcomeLine } from '../terminal/outcome-line.ts';
import type { Reading } from './reading.ts';

/** Why an incident ended as it did: from the event that told of it to the last look. */
export type Trace = {
  /** The events that told of it, by their places; only the first ones of many. */
  events: string[];
  /** Null where the event isn't known, as of a cause that only a live look shows. */
  decoded: { kind: string; at: string; alarm: string | null } | null;
  classified: Pick<Verdict, 'failure' | 'disposition' | 'severity' | 'playbook' | 'reason'> | null;
  /** The playbook that was climbed, after the policy and the tags had their say. */
  playbook: string | null;
  /** Looks, what each guard said with its reason, actions, waits and verification, in simulated time. */
  timeline: TimelineEntry[];
};

const mostEvents = 20;

/** Remembers which events told of which incident, until nobody can ask any more. */
export const createBook = () => {
  const known = new Map<string, { events: string[]; verdict: Verdict; at: number }>();
  return {
    note: ({ file, incidents }: Pick<Reading, 'file' | 'incidents'>, at: number): void => {
      for (const incident of incidents) {
        const entry = known.get(incident.key) ?? { events: [], verdict: incident, at };
        if (entry.events.length < mostEvents) entry.events.push(file);
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

/** An incident as `replay --json` tells it: the demo's line, with its trace. */
export const tracedLine = (outcome: Outcome, trace: Trace) => ({ ...outcomeLine(outcome), trace });
