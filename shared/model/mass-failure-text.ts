import { formatDuration } from './duration.ts';

/** Many different resources that fail together: how many, which, and what they have in common. */
type Mass = {
  count: number;
  /** More failed than were counted. */
  more: boolean;
  scope: 'account' | 'zone' | 'group';
  /** The zone or the group; the region if it affects the whole account. */
  where: string;
};

/** What they have in common, as written in the ledger and in reasons. */
export const massScope = (scope: Mass['scope'], here: { account: string; region: string }, name: string | undefined): string =>
  scope === 'account' ? `account ${here.account}/${here.region}` : `${scope} ${here.account}/${here.region}/${name}`;

/** The reason that notifications give. */
export const massReason = (what: string, ids: readonly string[], more: boolean, seconds: number, named: string): string =>
  `mass failure in ${what}: ${more ? 'more than ' : ''}${ids.length} resources fail within ${formatDuration(seconds)} (${named}), so selfheal treats no single one`;

const form =
  /^mass failure in (account|zone|group) [^/\s]*\/([^/\s:]*)(?:\/([^\s]{1,255}?))?: (more than )?(\d{1,6}) resources fail within /;

/** Parses such a reason; null for any other text. */
export const readMass = (reason: string): Mass | null => {
  const [, scope, region = '', name, more, count] = form.exec(reason) ?? [];
  if (scope === undefined) return null;
  return { count: Number(count), more: more !== undefined, scope: scope as Mass['scope'], where: name ?? region };
};
