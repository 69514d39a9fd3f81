import { formatDuration, inSeconds } from './duration.ts';

/** What came of the requests that one release served. */
export type ReleaseCounts = { name: string; requests: number; errors: number };

/** What served before. */
export type FormerRelease = ReleaseCounts & {
  /** How AWS calls it: the number of a version, say. */
  id: string;
  /** Of its last minutes: what goes wrong shortly before a release is not its fault. */
  last: Pick<ReleaseCounts, 'requests' | 'errors'>;
  /** It can't serve again. */
  gone: boolean;
  /** It was made later than what serves now, so going back to it would be going forwards. */
  later: boolean;
};

/** The evidence on what serves now and on what served before it. Plain data, because it is checkpointed. */
export type ReleaseFacts = {
  /** What serves now, and what came of its requests since it does. */
  newer: ReleaseCounts;
  /** Since when it serves, in milliseconds since the epoch; null if it did already where the evidence begins. */
  since: number | null;
  /** Of its first requests: a bad release fails from its first one on. */
  first: Pick<ReleaseCounts, 'requests' | 'errors'>;
  /** Of its latest ones. */
  lately: Pick<ReleaseCounts, 'requests' | 'errors'>;
  /** The errors of all releases since then. */
  errors: number;
  /** All that served just before, each over a span of the same length. */
  before: FormerRelease[];
};

/** The evidence, or why there is none. */
export type ReleaseEvidence = ReleaseFacts | { unread: string };

/** With fewer requests, or fewer errors, nothing is concluded. */
const minRequests = 10;
const minErrors = 3;
/** The share of the errors that must be those of the newer release, and what the older one may have had of its ratio. */
const shareOfErrors = 0.95;
const maxOfRatio = 0.2;
/** With this ratio, what served before failed as well, however much worse the newer one is. */
const failsAnyway = 0.1;
/** How much of its ratio its first requests must have had, and how many these are. */
const fromTheStart = 0.75;
export const enoughAtFirst = 30;

export const ratioOf = ({ requests, errors }: Pick<ReleaseCounts, 'requests' | 'errors'>): number => (requests > 0 ? errors / requests : 0);

/** A share in percent, for people. */
export const percent = (share: number): string => `${share > 0 && share < 0.1 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`;

const failed = (counts: ReleaseCounts): string =>
  `${counts.errors} of ${counts.requests} requests of ${counts.name} (${percent(ratioOf(counts))})`;

/**
 * Whether the release that serves is the cause of a failure. `unseen`: that isn't known, or not yet. Otherwise it isn't, or there is
 * nothing to go back to.
 */
export type ReleaseVerdict = { toBlame: true; older: string; because: string } | { toBlame: false; because: string; unseen?: true };

const no = (because: string): ReleaseVerdict => ({ toBlame: false, because });
const unseen = (because: string): ReleaseVerdict => ({ toBlame: false, because, unseen: true });

/** Judges a release by its evidence. `within`: how long before the failure it must have begun to serve at most. */
export const judgeRelease = (
  evidence: ReleaseEvidence,
  { failedAt, within }: { failedAt: number; within: number | string },
): ReleaseVerdict => {
  if ('unread' in evidence) return unseen(evidence.unread);
  const { newer, since, first, errors, before } = evidence;
  const longest = inSeconds(within);
  if (since === null) return no(`${newer.name} has served for more than ${formatDuration(longest)} before the failure`);
  if (since > failedAt) return no(`${newer.name} serves only since after the failure began`);
  const served = (failedAt - since) / 1000;
  if (served > longest) return no(`${newer.name} had served for ${formatDuration(served)} when the failure began`);
  const [older, ...others] = before;
  if (!older) return unseen(`no requests show what served before ${newer.name}`);
  if (others.length > 0) return no(`${before.map(({ name }) => name).join(' and ')} served just before ${newer.name}`);
  if (older.later) return no(`${older.name} served before, and is newer than ${newer.name}: to go back to it would be to go forwards`);
  if (older.gone) return no(`${older.name} served before, and is deleted`);
  if (newer.requests < minRequests || newer.errors < minErrors) return unseen(`so far, ${failed(newer)} failed: too few to judge by`);
  if (older.requests < minRequests) return unseen(`${older.name} had only ${older.requests} requests: too few to compare with`);
  const ratio = ratioOf(newer);
  if (newer.errors < shareOfErrors * errors) return no(`${errors - newer.errors} of ${errors} errors are not those of ${newer.name}`);
  const last = older.last.requests < minRequests ? 0 : ratioOf(older.last);
  if (Math.max(ratioOf(older), last) >= Math.min(failsAnyway, maxOfRatio * ratio))
    return no(`${failed(newer)} failed, and ${failed(older)} before it, ${percent(last)} at last: both fail, so the cause is elsewhere`);
  if (first.requests < enoughAtFirst) return unseen(`${newer.name} has had only ${first.requests} requests so far`);
  if (ratioOf(first) < fromTheStart * ratio)
    return no(`${failed(newer)} failed, but only ${percent(ratioOf(first))} of its first ones: the errors began later than the release`);
  return { toBlame: true, older: older.name, because: `${failed(newer)} failed, and ${failed(older)} before it` };
};
