import { isSamePlace, type Place } from '../../shared/model/place.ts';

/** What people are told of an incident, as far as it is read here. */
type Told = Place & { incident: string; reason: string };

const own = /^mass failure in account (\d{12})\/([a-z0-9-]+): /;
const ofZone = /^mass failure in zone \S+: \d+ accounts fail within .*?\(resources of (.*)\), so/;
const accountsZone = /(\d{12}): (?:more than )?\d+ in its (\S+?)(?=,|\)| and|$)/g;

/**
 * How people are told of mass failures in several accounts: two of one region, within a window, are no two messages that say nothing of each other. And zones
 * of several accounts that are told of as one are one in truth, whatever each calls it. `zoneIdOf`: the id of a zone by its name in an account.
 */
export const createMassesInCommon = (
  now: () => number,
  windowMs: number,
  zoneIdOf: (place: Place, name: string) => string,
  object: (place: Place, resource: string, text: string) => void,
) => {
  const told: { at: number; place: Place }[] = [];
  return ({ incident, account, region, reason }: Told): void => {
    const here = { account, region };
    const zones = [...(ofZone.exec(reason)?.[1] ?? '').matchAll(accountsZone)].map(([, one = '', name = '']) => ({
      id: zoneIdOf({ account: one, region }, name),
      text: `${name} of ${one}`,
    }));
    const other = zones.find(({ id }) => id !== zones[0]?.id);
    if (other)
      object(here, incident, `tells of ${zones[0]?.text} and ${other.text} as one zone, and they are ${zones[0]?.id} and ${other.id}`);
    if (!own.test(reason)) return;
    const before = told.find(({ at, place }) => now() - at < windowMs && place.region === region && !isSamePlace(place, here));
    if (before) object(here, incident, `is told of by itself, as account ${before.place.account} was in the same region`);
    told.push({ at: now(), place: here });
  };
};
