import type { STSClient } from '@aws-sdk/client-sts';
import type { Connect } from '../aws/client.ts';
import type { Clients } from '../aws/clients.ts';
import { withAlarmsOf } from '../aws/clients.ts';
import { createKillSwitch } from '../aws/kill-switch.ts';
import { createMembers } from '../aws/members.ts';
import { parseArn } from '../model/arn.ts';
import { isSamePlace } from '../model/place.ts';
import { type KillSwitch, strictestOf } from '../ports/kill-switch.ts';
import type { DriverDeps } from '../remediation/deps.ts';
import { observeResource } from '../resources/observe-resource.ts';
import type { Environment } from './environment.ts';
import type { memberVariables } from './member-variables.ts';

type Parts = {
  clients: Clients;
  sts: () => STSClient;
  connect: Connect<Clients>;
  now: () => number;
  switchName: string;
  killSwitch?: KillSwitch | undefined;
};

/**
 * What incidents of members are treated with: clients by a session of the member's role, and its kill switch beside the hub's own. Null where
 * there are no members.
 */
export const composeMembers = (
  { MEMBER_ROLE: role, MEMBER_EXTERNAL_ID: externalId }: Environment<typeof memberVariables>,
  { clients: own, sts, connect, now, switchName, killSwitch }: Parts,
): DriverDeps['members'] | null => {
  if (role === '') return null;
  const sessionIn = createMembers({ role, externalId, sts: sts(), connect, now });
  return ({ key, account, region, alarm }, home) => {
    const place = { account, region };
    const session = isSamePlace(place, home) ? null : sessionIn(place, key);
    const arn = parseArn(alarm?.arn);
    const at = { account: arn?.account ?? account, region: arn?.region ?? region };
    const clients = session?.clients ?? own;
    const seen = isSamePlace(at, place) ? clients : withAlarmsOf(clients, isSamePlace(at, home) ? own : sessionIn(at, key).clients);
    if (!session) return seen === own ? null : { clients: seen };
    const switches = switchName === '' ? [] : [createKillSwitch(session.clients.ssm, switchName)];
    return {
      clients: seen,
      home: place,
      away: place,
      killSwitch: strictestOf([...(killSwitch ? [killSwitch] : []), ...switches]),
      observeResource: async (...look) => {
        await session.open();
        return observeResource(...look);
      },
    };
  };
};
