import { formatDuration } from '../model/duration.ts';
import type { Digest, Figures, Learned, LearnedRow, Period, Share } from './schema.ts';

/** Part of a digest, in sentences. Names in it are of anybody's choosing: who shows it makes them harmless. */
export type Section = { title: string; lines: string[] };

/** In rows of what was learned that a digest tells. */
const maxLearned = 5;

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const some = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** `34 of 37 (92 %, 79 to 97)`: the interval is Wilson's of 95 %. */
export const tellShare = ({ times, of, low, high }: Share): string =>
  of === 0 ? 'none' : `${times} of ${of} (${percent(times / of)}, ${Math.round(low * 100)} to ${Math.round(high * 100)})`;

const lasting = (span: string, share: Share): string[] => (share.of === 0 ? [] : [`lasted a ${span} in ${tellShare(share)}`]);

/** What is known of one step, in a sentence. */
export const tellRow = ({ failure, step, resource, helped, lastedDay, lastedWeek }: LearnedRow): string =>
  [
    `${failure}: ${step} on a resource of type ${resource} helped in ${tellShare(helped)}`,
    ...lasting('day', lastedDay),
    ...lasting('week', lastedWeek),
  ].join('; ');

/** Where what was learned is not all. */
export const tellGaps = ({ unread, cut, from }: Learned): string[] => [
  ...(cut ? [`Not all incidents are counted: only the newest, from ${from.slice(0, 10)} on.`] : []),
  ...(unread > 0 ? [`${some(unread, 'incident')} could not be read and ${unread === 1 ? 'is' : 'are'} not counted.`] : []),
];

const took = (of: Figures['recovery'][number] | undefined): string =>
  of === undefined
    ? 'none'
    : `half within ${formatDuration(of.p50Seconds)}, nine in ten within ${formatDuration(of.p90Seconds)} (${of.count})`;

const recoveryLines = (now: Period, before: Period): string[] => {
  const failures = [...new Set([...now.recovery, ...before.recovery].map(({ failure }) => failure))];
  const of = (period: Figures, wanted: string) => period.recovery.find(({ failure }) => failure === wanted);
  return failures.map((failure) => `${failure}: ${took(of(now, failure))}; before: ${took(of(before, failure))}`);
};

const recurringLine = ({ resource: { type, id }, account, region, incidents, failures }: Figures['recurring'][number]): string =>
  `${type} ${id} (${account}, ${region}): ${some(incidents, 'incident')}, ${failures.map(({ failure, incidents }) => `${failure} ${incidents}`).join(', ')}`;

const holdingLine = ({ guard, incidents, settings, instead }: Figures['holding'][number]): string =>
  `${guard}: ${some(incidents, 'incident')}. ${instead ?? `The policy sets it by ${settings.join(', ')}`}`;

const dollars = (usd: number): string => (usd > 0 && usd < 0.01 ? 'less than 0.01 USD' : `${usd.toFixed(2)} USD`);
const holdingLines = ({ holding, heldByNone }: Figures): string[] => [
  ...holding.map(holdingLine),
  ...(heldByNone > 0
    ? [`no guard on record: ${some(heldByNone, 'incident')} held or escalated. No action was known or left, or the record is abridged`]
    : []),
  ...(holding.some(({ settings }) => settings.length > 0)
    ? ['To loosen such a setting makes selfheal less safe: each hold is an action that was not safe by it.']
    : []),
];

const minute = (at: string): string => at.slice(0, 16).replace('T', ' ');

const endings = ({ ended, open }: Figures): string =>
  [
    ...Object.entries(ended).flatMap(([status, count]) => (count === 0 ? [] : [`${count} ${status}`])),
    ...(open > 0 ? [`${open} still open`] : []),
  ].join(', ');

const gaps = (label: string, { unread }: Period): string[] =>
  unread === 0
    ? []
    : [`${some(unread, 'incident')} ${label} can not be read in the ledger and ${unread === 1 ? 'is' : 'are'} in no figure.`];

const learnedLines = (learned: Learned | null): string[] =>
  learned === null
    ? ['Nothing is counted yet: selfheal counts once a day.']
    : [
        ...learned.rows.slice(0, maxLearned).map(tellRow),
        ...(learned.rows.length === 0 ? ['No step was taken yet.'] : ['This is advice for people: selfheal does not change by it.']),
        ...(learned.rows.length > maxLearned ? [`selfheal playbooks --learned tells ${learned.rows.length - maxLearned} more.`] : []),
        ...tellGaps(learned),
      ];

/** The first line of a digest: what a person wants to know who reads no further. */
export const headlineOf = ({ now }: Digest): string =>
  `${some(now.incidents, 'incident')}, ${now.healed.times} of ${now.healed.of} healed, ${some(now.pagesAvoided, 'page')} avoided`;

/** A digest for people, in parts. Times of day are UTC. */
export const sectionsOf = ({ now, before, learned }: Digest): Section[] => [
  {
    title: `${minute(now.from)} to ${minute(now.to)} UTC, beside as long before`,
    lines: [
      `${some(now.incidents, 'incident')}${now.incidents === 0 ? '' : `: ${endings(now)}`}; before: ${before.incidents}`,
      `Healed by an action: ${tellShare(now.healed)}; before: ${tellShare(before.healed)}. What healed by itself, was quiet or was a dry run is not counted here.`,
      `Pages avoided: ${now.pagesAvoided}; before: ${before.pagesAvoided}. These were healed by an action and verified, with no question to a person and no alert at their beginning. That each would have paged a person is assumed.`,
      ...gaps('of this time', now),
      ...gaps('of the time before', before),
    ],
  },
  { title: 'Time to recover, where an action healed', lines: recoveryLines(now, before) },
  {
    title: 'What fails again and again',
    lines: [
      ...now.recurring.map(recurringLine),
      ...(now.recurringResources > now.recurring.length ? [`and ${now.recurringResources - now.recurring.length} more resources`] : []),
    ],
  },
  { title: 'Guards that held most', lines: holdingLines(now) },
  { title: 'What has helped', lines: learnedLines(learned) },
  {
    title: 'Cost',
    lines: [
      `About ${dollars(now.cost.incidentsUsd + now.cost.installationUsd)}: ${dollars(now.cost.incidentsUsd)} for incidents and ${dollars(now.cost.installationUsd)} for the installation, by prices of us-east-1 without a free tier (docs/performance.md, docs/operations.md).`,
    ],
  },
];
