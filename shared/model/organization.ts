import * as z from 'zod';
import type { Place } from './place.ts';
import { accountId, meant, settings } from './settings.ts';

/** Begins with a letter, so that it is never taken for an account. */
const unitName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be a name of a unit, of at most 32 small letters, digits and hyphens that begin with a letter');

/** The part of the policy that names the accounts of an organisation. */
export const organizationSchema = settings({
  units: z
    .record(unitName, z.array(accountId).min(1).max(1000))
    .default({})
    .describe('Accounts by the names of their organisational units, or of any others: what selects by account can select by these'),
});

export type Organization = z.infer<typeof organizationSchema>;

/** An organisation of which nothing is known. */
export const nobody: Organization = { units: {} };

/** What selects by account, unit and region. */
export const placeShape = {
  account: accountId.optional(),
  unit: unitName.describe('The unit of the account, one of organization.units').optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region code such as us-west-2')
    .describe('The AWS region')
    .optional(),
};

/** A part of the organisation, by all that is given. */
export type Within = { account?: string | undefined; unit?: string | undefined; region?: string | undefined };

const accountsOf = ({ units }: Organization, unit: string): readonly string[] => (Object.hasOwn(units, unit) ? (units[unit] ?? []) : []);

/** Whether all that is given of a part of the organisation holds for an account and region; no account is in a unit that nobody has named. */
export const isWithin = ({ account, unit, region }: Within, at: Place, organization: Organization): boolean =>
  (account === undefined || account === at.account) &&
  (unit === undefined || accountsOf(organization, unit).includes(at.account)) &&
  (region === undefined || region === at.region);

/** Why a part of an organisation can hold nothing: its unit isn't named, or doesn't have its account. Null if it can. */
export const emptyWithin = ({ account, unit }: Within, organization: Organization): string | null => {
  if (unit === undefined) return null;
  if (!Object.hasOwn(organization.units, unit)) return noSuchUnit(unit, organization);
  return account === undefined || accountsOf(organization, unit).includes(account) ? null : `${unit} doesn't have the account ${account}`;
};

const noSuchUnit = (unit: string, { units }: Organization): string =>
  `organization.units has no ${JSON.stringify(unit)}${meant(unit, Object.keys(units))}`;

/** One of the accounts that a list names, or a unit of them. */
export const accountOrUnit = z
  .string()
  .regex(/^(?:\d{12}|[a-z][a-z0-9-]{0,31})$/, 'must be 12 digits, or the name of a unit')
  .describe('The AWS account, or one of organization.units');

const isUnit = (entry: string): boolean => /^[a-z]/.test(entry);

/** The accounts of a list that also names units. */
export const accountsIn = (entries: readonly string[], organization: Organization): string[] => [
  ...new Set(entries.flatMap((entry) => (isUnit(entry) ? accountsOf(organization, entry) : [entry]))),
];

/** Why an entry of such a list names no account; null if it does. */
export const namesNobody = (entry: string, organization: Organization): string | null =>
  isUnit(entry) && !Object.hasOwn(organization.units, entry) ? noSuchUnit(entry, organization) : null;
