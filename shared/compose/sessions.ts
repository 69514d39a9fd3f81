import type { SSMClient } from '@aws-sdk/client-ssm';
import type { STSClient } from '@aws-sdk/client-sts';
import * as z from 'zod';
import type { Connect } from '../aws/client.ts';
import { createKillSwitch } from '../aws/kill-switch.ts';
import { createMembers, type MemberSession } from '../aws/members.ts';
import type { Place } from '../model/place.ts';
import { type KillSwitch, strictestOf } from '../ports/kill-switch.ts';
import type { Environment } from './environment.ts';

/** Environment variables of a hub. */
export const memberVariables = {
  /** The name of the members' roles, up to the region; there are no members if empty. */
  MEMBER_ROLE: z.string().default(''),
  MEMBER_EXTERNAL_ID: z.string().default(''),
};

type Parts<Clients> = {
  sts: () => STSClient;
  /** Makes clients of members. */
  connect: Connect<Clients>;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** The parameter that is a member's kill switch, as it is the hub's; none if empty. */
  switchName: string;
  /** The hub's own. */
  killSwitch?: KillSwitch | undefined;
};

/** Opens sessions in members, each with the stricter of its kill switch and the hub's own. Null where there are no members. */
export const composeSessions = <Clients extends { ssm: SSMClient }>(
  { MEMBER_ROLE: role, MEMBER_EXTERNAL_ID: externalId }: Environment<typeof memberVariables>,
  { sts, connect, now, switchName, killSwitch }: Parts<Clients>,
): ((place: Place, incident: string) => MemberSession<Clients> & { killSwitch: KillSwitch }) | null => {
  if (role === '') return null;
  const sessionIn = createMembers({ role, externalId, sts: sts(), connect, now });
  return (place, incident) => {
    const session = sessionIn(place, incident);
    const switches = switchName === '' ? [] : [createKillSwitch(session.clients.ssm, switchName)];
    return { ...session, killSwitch: strictestOf([...(killSwitch ? [killSwitch] : []), ...switches]) };
  };
};
