import { wasDone, wouldBeDone } from '../../shared/model/action-result.ts';
import type { Acted, Entry, Row } from './data.ts';

/** The lanes of an incident's picture, from the top down. */
const lanes = ['signal', 'look', 'guard', 'act', 'wait', 'verify', 'end'] as const;
type Lane = (typeof lanes)[number];

/**
 * A moment. `good` says whether it went on from there: a guard that passed, an action that was done, a look that found it well. `name` is
 * the action's. */
export type Moment = { lane: Lane; at: number; good: boolean; text: string; name?: string };
/** A span of time, in milliseconds since the epoch. */
export type Span = { lane: Lane; from: number; to: number; text: string };
export type Picture = { from: number; to: number; lanes: Lane[]; moments: Moment[]; spans: Span[] };

const announced = / in (?:(\d+) h )?(?:(\d+) min ?)?(?:(\d+) s)?$/;

/** How long a wait that says how long it is lasts, in milliseconds; null for one that lasts until something happens. */
const announcedWait = (text: string): number | null => {
  const [found, h = 0, m = 0, s = 0] = announced.exec(text) ?? [];
  return found ? (Number(h) * 3600 + Number(m) * 60 + Number(s)) * 1000 : null;
};

const isGood = ({ phase, text, answers }: Entry): boolean => {
  if (phase === 'verify') return !text.startsWith('not yet');
  if (phase === 'guard') return answers?.at(-1)?.answer === 'pass' || (!answers && / said approve$/.test(text));
  return true;
};

const actMoment = ({ at, action, target, attempt, result }: Acted): Moment => ({
  lane: 'act',
  at,
  good: wasDone({ result }),
  name: action,
  text: `${action}${target ? ` on ${target}` : ''}, try ${attempt}: ${wouldBeDone({ result }) ? 'would have been done' : result}`,
});

/** A wait, also one for a person's answer. */
const isWait = ({ phase, text, answers }: Entry): boolean =>
  phase === 'wait' || (phase === 'guard' && !answers && text.startsWith('asking a person'));

/** When what a wait waits for begins: looks that verify are made while it lasts. */
const waitSpan = (story: readonly Entry[], index: number, endedAt: number): Span => {
  const { at, text } = story[index] as Entry;
  const next = story.slice(index + 1).find(({ phase }) => phase !== 'verify' && phase !== 'wait')?.at ?? endedAt;
  const most = announcedWait(text);
  return { lane: 'wait', from: at, to: Math.max(at, most === null ? next : Math.min(next, at + most)), text };
};

/** From the first look that verifies to the last, with nothing else between but waits. */
const verifySpans = (story: readonly Entry[]): Span[] => {
  const spans: Span[] = [];
  let open: Span | undefined;
  for (const { at, phase, text } of story) {
    if (phase === 'wait') continue;
    if (phase !== 'verify') open = undefined;
    else if (open) Object.assign(open, { to: at, text });
    else {
      open = { lane: 'verify', from: at, to: at, text };
      spans.push(open);
    }
  }
  return spans.filter(({ from, to }) => to > from);
};

/** An incident in simulated time, as marks to draw: what an incident went through, and how long it waited for what. */
export const pictureOf = ({ story, actions, startedAt, endedAt, status, reason }: Row): Picture => {
  const entries = story ?? [];
  const moments: Moment[] = [
    ...entries.flatMap((entry): Moment[] => {
      const { phase, at, text } = entry;
      if (phase === 'act' || phase === 'decide' || isWait(entry)) return [];
      return [{ lane: phase, at, good: isGood(entry), text }];
    }),
    ...actions.map(actMoment),
    { lane: 'end', at: endedAt, good: true, text: `${status}: ${reason}` },
  ];
  const spans = [...entries.flatMap((entry, i) => (isWait(entry) ? [waitSpan(entries, i, endedAt)] : [])), ...verifySpans(entries)];
  const times = [startedAt, endedAt, ...moments.map(({ at }) => at), ...spans.map(({ to }) => to)];
  const used = new Set<Lane>([...moments, ...spans].map(({ lane }) => lane));
  return {
    from: Math.min(...times),
    to: Math.max(...times),
    lanes: lanes.filter((lane) => used.has(lane)),
    moments: moments.sort((a, b) => a.at - b.at),
    spans,
  };
};

/** `+1 min 05 s`: a time on the picture, from when the incident began. */
export const elapsed = (milliseconds: number): string => {
  const whole = Math.round(milliseconds / 1000);
  const [d, h, m, s] = [Math.floor(whole / 86400), Math.floor((whole % 86400) / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const parts = [
    [d, 'd'],
    [h, 'h'],
    [m, 'min'],
    [s, 's'],
  ].filter(([n]) => n !== 0);
  return `+${
    parts.length === 0
      ? '0'
      : parts
          .slice(0, 2)
          .map(([n, unit]) => `${n} ${unit}`)
          .join(' ')
  }`;
};

/** Spans of time, in seconds, that people count in. */
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 604800];

/**
 * Where a time stands on the picture, from 0 to 1. Most of what happens happens soon, and then it is waited for: so the beginning is
 * drawn out, by the square root.
 */
export const placeOf = (at: number, { from, to }: Pick<Picture, 'from' | 'to'>): number =>
  Math.sqrt(Math.max(0, at - from) / Math.max(1000, to - from));

/** Where to put ticks: at round times since the beginning that stand at least `apart` from one another, and from the end. */
export const ticksOf = (picture: Pick<Picture, 'from' | 'to'>, apart: number): number[] => {
  const ticks = [picture.from];
  for (const seconds of steps) {
    const at = picture.from + seconds * 1000;
    const place = placeOf(at, picture);
    if (place <= 1 && place - placeOf(ticks.at(-1) as number, picture) >= apart) ticks.push(at);
  }
  return ticks;
};
