import { accountsIn } from '../../shared/model/organization.ts';
import { isSamePlace, type Place } from '../../shared/model/place.ts';
import type { Policy } from '../../shared/model/policy.ts';
import type { Deployment } from './deployment.ts';
import { listIncidents } from './incidents.ts';

/** Where a hub knows an account and region from. */
export const sources = ['hub', 'incidents', 'pauses', 'policy'] as const;

export type KnownPlace = Place & { from: (typeof sources)[number][] };

/** So far back incidents are looked at, in seconds. */
const since = 30 * 86_400;

/**
 * The accounts and regions that a hub knows of: its own, those of the last 30 days' incidents (the newest thousand), of pauses, and of the accounts that the
 * policy names as units or monitoring accounts. Nothing says in which regions those are members, so they are looked for where they have been heard of,
 * else in the hub's own region.
 */
export const knownPlaces = async (deployment: Deployment, policy: Policy, hub: Place): Promise<KnownPlace[]> => {
  const { incidents } = await listIncidents(deployment, { open: false, sinceSeconds: since, resource: undefined, where: {} });
  const pauses = await deployment.ledger.pauses();
  const known: KnownPlace[] = [];
  const add = ({ account, region }: Place, from: KnownPlace['from'][number]) => {
    const place = known.find((one) => isSamePlace(one, { account, region }));
    if (!place) known.push({ account, region, from: [from] });
    else if (!place.from.includes(from)) place.from.push(from);
  };
  const addAccount = (account: string, from: KnownPlace['from'][number]) => {
    const heardOf = known.filter((one) => one.account === account);
    for (const place of heardOf.length > 0 ? [...heardOf] : [{ account, region: hub.region }]) add(place, from);
  };
  add(hub, 'hub');
  for (const { outcome, ...open } of incidents) {
    const place = outcome ?? ('place' in open ? open.place : null);
    if (place) add(place, 'incidents');
  }
  for (const { account, region } of pauses) {
    if (account !== undefined && region !== undefined) add({ account, region }, 'pauses');
    else if (account !== undefined) addAccount(account, 'pauses');
  }
  const { organization, scope } = policy;
  for (const account of [...Object.values(organization.units).flat(), ...accountsIn(scope.monitoring, organization)])
    addAccount(account, 'policy');
  return known.sort((a, b) => `${a.account}${a.region}`.localeCompare(`${b.account}${b.region}`));
};
