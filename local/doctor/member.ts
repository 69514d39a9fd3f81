import type { Place } from '../../shared/model/place.ts';
import type { Reach } from '../operate/reach.ts';
import { broken, type Check, ok } from './check.ts';
import { alarmTopic } from './checks/alarm-topic.ts';
import { killSwitch } from './checks/kill-switch.ts';
import { memberDeadLetters } from './checks/member-dead-letters.ts';
import { memberPermissions } from './checks/member-permissions.ts';
import { memberRules } from './checks/member-rules.ts';
import { tags } from './checks/tags.ts';
import { trust } from './checks/trust.ts';
import { type Examined, examine, isGone } from './examine.ts';
import { hubPermissions } from './hub.ts';
import { createMember, type Member, type MemberOptions } from './member-subject.ts';

/** In the order in which they are made. */
export const memberChecks: readonly Check<Member>[] = [
  killSwitch,
  memberRules,
  memberDeadLetters,
  trust,
  memberPermissions,
  alarmTopic,
  tags,
];

/** IAM actions of all checks: those in the member, and those in the hub that it is held to. */
export const memberDoctorPermissions: readonly string[] = [...new Set(memberChecks.flatMap(({ permissions }) => permissions))];
export const hubDoctorPermissions: readonly string[] = hubPermissions;

/** What is found of a member; nothing but that it can't be reached, or that there is none, where that is so. */
export const examineMember = async (place: Place, reach: Reach, options: MemberOptions): Promise<Examined[]> => {
  let config: object | undefined;
  const credentials: Check<Place> = {
    id: 'credentials',
    reads: 'whose the credentials are',
    permissions: [],
    look: async () => {
      const reached = await reach(place);
      config = reached.config;
      return [ok(`of account ${place.account}: ${reached.caller}`)];
    },
  };
  const found = await examine(credentials, place);
  if (config === undefined) return found;
  const member = createMember(place, config, options);
  for (const check of memberChecks) found.push(...(await examine(check, member)));
  if (!isGone(found, killSwitch.id) || !isGone(found, trust.id)) return found;
  const none = broken(`there is no stack of a member of the stage ${options.stage}`, member.deploy);
  return [...found.slice(0, 1), { check: 'stack', verdict: none.verdict, says: none.says, repair: member.deploy }];
};
