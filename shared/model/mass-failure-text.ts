import { formatDuration } from './duration.ts';
import type { Place } from './place.ts';

/** Many that fail together: how many of what, and what they have in common. */
type Mass = {
  count: number;
  /** More failed than were counted. */
  more: boolean;
  of: 'resources' | 'accounts' | 'regions';
  scope: 'account' | 'zone' | 'group' | 'region';
  /** The zone, the group or the region; the region if it affects the whole account, and the account if it affects some of its regions. */
  where: string;
};

/** What mass failures of several accounts and regions may have in common: a region, an account, or a zone by the id that all accounts share. */
export type Common = { of: 'region' | 'account' | 'zone'; id: string };

/** A mass failure of one account and region: how many fail, and in which of its zones, by the account's own name, if in one alone. */
export type MassIn = Place & { count: number; more: boolean; zone: string | null };

/** How many are named in a sentence. */
const maxNamed = 20;

/** The first twenty, and how many more there are. */
export const nameSome = (names: readonly string[], more = false): string => {
  const rest = names.length - maxNamed;
  return `${names.slice(0, maxNamed).join(', ')}${more ? ' and more' : rest > 0 ? ` and ${rest} more` : ''}`;
};

/** What they have in common, as written in the ledger and in reasons. */
export const massScope = (scope: 'account' | 'zone' | 'group', here: Place, name: string | undefined): string =>
  scope === 'account' ? `account ${here.account}/${here.region}` : `${scope} ${here.account}/${here.region}/${name}`;

/** The reason that notifications give. */
export const massReason = (what: string, ids: readonly string[], more: boolean, seconds: number, named: string): string =>
  `mass failure in ${what}: ${more ? 'more than ' : ''}${ids.length} resources fail within ${formatDuration(seconds)} (${named}), so selfheal treats no single one`;

const tell = ({ of }: Common, { account, region, count, more, zone }: MassIn): string =>
  `${of === 'account' ? region : account}: ${more ? 'more than ' : ''}${count}${zone === null ? '' : ` in its ${zone}`}`;

/** The reason that notifications give for mass failures of several accounts, or of several regions of one. */
export const commonReason = (common: Common, places: readonly MassIn[], seconds: number): string => {
  const named = nameSome(places.map((one) => tell(common, one)).sort());
  const what = common.of === 'account' ? 'regions' : 'accounts';
  return `mass failure in ${common.of} ${common.id}: ${places.length} ${what} fail within ${formatDuration(seconds)} (resources of ${named}), so selfheal treats no single one`;
};

const form =
  /^mass failure in (account|zone|group) [^/\s]*\/([^/\s:]*)(?:\/([^\s]{1,255}?))?: (more than )?(\d{1,6}) resources fail within /;
const commonForm = /^mass failure in (account|zone|region) ([a-z0-9-]{1,40}): (\d{1,6}) (accounts|regions) fail within /;

/** Parses such a reason; null for any other text. */
export const readMass = (reason: string): Mass | null => {
  const [, common, id = '', places, of] = commonForm.exec(reason) ?? [];
  if (common !== undefined) return { count: Number(places), more: false, of: of as Mass['of'], scope: common as Mass['scope'], where: id };
  const [, scope, region = '', name, more, count] = form.exec(reason) ?? [];
  if (scope === undefined) return null;
  return { count: Number(count), more: more !== undefined, of: 'resources', scope: scope as Mass['scope'], where: name ?? region };
};
