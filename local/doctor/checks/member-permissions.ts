import type { ContextEntry } from '@aws-sdk/client-iam';
import { brokenOr, type Check, type Finding } from '../check.ts';
import type { Member } from '../member-subject.ts';
import { type Given, memberGrants } from '../template.ts';
import { lookAtRole, type Question } from './permissions.ts';

/** A resource of the kind that is given, and with the opt-in tag where that is asked for. IAM asks no more of it than its form (`assumed`). */
const questionOf = ({ actions, resource, tags }: Given, { account, optIn }: Pick<Member, 'account' | 'optIn'>): Question => {
  const [arn, partition, service, region, owner, ...rest] = resource.split(':');
  const named = [arn, partition, service, region, owner === '*' ? account : owner, ...rest].join(':').replaceAll('*', '0');
  const context = tags.map(
    (key): ContextEntry => ({
      ContextKeyName: key.replace(/\/.*$/, `/${optIn.key}`),
      ContextKeyType: 'string',
      ContextKeyValues: [optIn.value],
    }),
  );
  return { actions, resource: resource === '*' ? '*' : named, ...(context.length > 0 ? { context } : {}) };
};

export const memberPermissions: Check<Member> = {
  id: 'permissions',
  reads: "what IAM says that the member's roles may do, by simulation of all that their template gives them",
  permissions: ['iam:SimulatePrincipalPolicy'],
  look: async (member) => {
    const { stage, roles } = member;
    const granted = memberGrants(stage, member);
    const found: Finding[] = [];
    let asked = 0;
    for (const [role, id] of [[roles.remediate, 'MemberRole'] as const, [roles.watch, 'MemberWatchRole'] as const])
      for (const given of granted(id)) {
        found.push(...(await lookAtRole(member, role, questionOf(given, member))));
        asked += given.actions.length;
      }
    return brokenOr(found, `${asked} calls that the template gives, all allowed`);
  },
};
