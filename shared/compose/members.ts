import type { Clients } from '../aws/clients.ts';
import { withAlarmsOf } from '../aws/clients.ts';
import { parseArn } from '../model/arn.ts';
import { isSamePlace } from '../model/place.ts';
import type { DriverDeps } from '../remediation/deps.ts';
import { observeResource } from '../resources/observe-resource.ts';
import { composeSessions } from './sessions.ts';

/** What incidents of members are treated with: clients by a session of the member's role, and its kill switch. Null where there are no members. */
export const composeMembers = (own: Clients, ...sessions: Parameters<typeof composeSessions<Clients>>): DriverDeps['members'] | null => {
  const sessionIn = composeSessions(...sessions);
  if (!sessionIn) return null;
  return ({ key, account, region, alarm }, home) => {
    const place = { account, region };
    const session = isSamePlace(place, home) ? null : sessionIn(place, key);
    const arn = parseArn(alarm?.arn);
    const at = { account: arn?.account ?? account, region: arn?.region ?? region };
    const clients = session?.clients ?? own;
    const seen = isSamePlace(at, place) ? clients : withAlarmsOf(clients, isSamePlace(at, home) ? own : sessionIn(at, key).clients);
    if (!session) return seen === own ? null : { clients: seen };
    return {
      clients: seen,
      home: place,
      away: place,
      killSwitch: session.killSwitch,
      observeResource: async (...look) => {
        await session.open();
        return observeResource(...look);
      },
    };
  };
};
