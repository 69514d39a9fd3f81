import { brokenOr, type Check, counted } from '../check.ts';
import type { Member } from '../member-subject.ts';
import { templateRules } from '../template.ts';
import { lookAtRules, rulePermissions } from './rules.ts';

export const memberRules: Check<Member> = {
  id: 'rules',
  reads: "the rules on the default bus, and whether they lead to the hub's",
  permissions: rulePermissions,
  look: async (member) => {
    const { hub, nameOf } = member;
    const name = `event-bus/${nameOf('hub')}`;
    const bus = hub === null ? null : `arn:${hub.partition}:events:${hub.region}:${hub.account}:${name}`;
    const isHub = (arn: string) => (bus === null ? arn.endsWith(`:${name}`) : arn === bus);
    const wanted = templateRules().filter(({ invokes }) => invokes === 'intake');
    const found = await lookAtRules(
      { ...member, redeploy: member.deploy },
      wanted.map((one) => ({ name: one.name, isAimed: (targets) => targets.some(isHub) })),
    );
    return brokenOr(found, `${counted(wanted.length, 'rule')}, all enabled, each leads to ${bus ?? `a bus ${nameOf('hub')}`}`);
  },
};
