import { UsageError } from '../../shared/model/errors.ts';
import type { Place } from '../../shared/model/place.ts';

/** The options by which a command is about some accounts and regions of those that a hub serves. */
export const whereOptions = { account: { type: 'string' }, region: { type: 'string' }, all: { type: 'boolean', default: false } } as const;

export const whereHelp = `  --account ID    only in this account of those that a hub serves (default: in all)
  --region R      only in this region (default: in all); the deployment's own one is AWS_REGION
  --all           in all accounts and regions, said by name`;

/** All, or those of an account, of a region or of both. */
export type Where = { account?: string | undefined; region?: string | undefined };

/** @throws {UsageError} if it names no account or no region, or all and some */
export const whereOf = ({ account, region, all = false }: Where & { all?: boolean }): Where => {
  if (all && (account ?? region) !== undefined)
    throw new UsageError('--all means all accounts and regions: leave --account and --region out');
  const said = (text: string) => JSON.stringify(text.slice(0, 40));
  if (account !== undefined && !/^\d{12}$/.test(account)) throw new UsageError(`--account must be 12 digits, not ${said(account)}`);
  if (region !== undefined && !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region))
    throw new UsageError(`--region must be a region such as eu-west-1, not ${said(region)}`);
  return { ...(account === undefined ? {} : { account }), ...(region === undefined ? {} : { region }) };
};

/** What isn't recorded with its place is nowhere in particular. */
export const isThere = ({ account, region }: Where, at: Place | null): boolean =>
  (account === undefined || account === at?.account) && (region === undefined || region === at?.region);

/** As words at the end of a sentence; empty for all. */
export const inWords = ({ account, region }: Where): string =>
  [account === undefined ? '' : ` in account ${account}`, region === undefined ? '' : ` in ${region}`].join('');
