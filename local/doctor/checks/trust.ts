import { GetRoleCommand } from '@aws-sdk/client-iam';
import { errorName } from '../../../shared/model/errors.ts';
import { parseJson } from '../../../shared/model/json.ts';
import { broken, brokenOr, type Check, type Finding } from '../check.ts';
import type { HubFunction } from '../hub.ts';
import type { Member } from '../member-subject.ts';
import { asksFor, asksForOrganization, policyDocumentSchema, type Statement } from '../policy-document.ts';

/** What is wrong with who may take a role of a member, in a clause each; with what leads it to the hub, or only puts back what was changed. */
const problemsOf = (
  statements: readonly Statement[],
  part: HubFunction,
  { hub, deploy, redeploy }: Member,
): [says: string, repair: string][] => {
  const problems: [string, string][] = [];
  const allows = statements.filter(({ Effect }) => Effect === 'Allow');
  const mayTake = allows.filter(({ Action }) => Action.some((action) => /^sts:(?:AssumeRole|\*)$|^\*$/i.test(action)));
  const trusted = [...new Set(allows.flatMap(({ Principal }) => Principal))];
  const [first] = trusted;
  const wanted = hub?.roles[part] ?? (/^arn:[\w-]+:iam::\d{12}:role\/[^*]+$/.test(first ?? '') ? first : undefined);
  const others = trusted.filter((one) => one !== wanted);
  if (wanted === undefined || !mayTake.some(({ Principal }) => Principal.includes(wanted)))
    problems.push([`doesn't trust ${hub === null ? 'a role of a hub' : `the hub's role ${wanted}`}`, deploy]);
  if (others.length > 0) problems.push([`trusts ${others.join(', ').slice(0, 300)}, which is no role of the hub`, deploy]);
  if (allows.some((one) => !asksForOrganization(one)))
    problems.push(['can be taken from outside the organisation, as aws:PrincipalOrgID is not asked for', redeploy]);
  const ids = mayTake.map((one) => asksFor(one, 'StringEquals', 'sts:ExternalId'));
  if (ids.includes(undefined)) problems.push(['can be taken without the external id', redeploy]);
  else if (hub?.externalId && ids.some((id) => id !== hub.externalId))
    problems.push(["asks for another external id than the hub's", deploy]);
  if (!allows.some(({ Action }) => Action.includes('sts:SetSourceIdentity')))
    problems.push(['does not let the hub set the source identity, so that no session begins', redeploy]);
  return problems;
};

export const trust: Check<Member> = {
  id: 'trust',
  reads: "who may take the member's roles: the hub's alone, from the organisation, with the external id",
  permissions: ['iam:GetRole'],
  look: async (member) => {
    const { iam, roles, hub, deploy, redeploy } = member;
    const found: Finding[] = [];
    for (const part of ['remediate', 'watch'] as const) {
      const { name } = roles[part];
      const answer = await iam.send(new GetRoleCommand({ RoleName: name })).catch((error: unknown) => {
        if (/^NoSuchEntity/.test(errorName(error))) return null;
        throw error;
      });
      if (answer === null) {
        found.push(broken(`there is no role ${name}, so that the hub is not let in`, deploy));
        continue;
      }
      // IAM encodes policies in its answers: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
      const read = policyDocumentSchema.safeParse(parseJson(decodeURIComponent(answer.Role?.AssumeRolePolicyDocument ?? '')));
      if (!read.success) found.push(broken(`who may take ${name} is said in another form than that of the template`, redeploy));
      else found.push(...problemsOf(read.data.Statement, part, member).map(([says, repair]) => broken(`${name} ${says}`, repair)));
    }
    const names = `${roles.remediate.name} and ${roles.watch.name}`;
    return brokenOr(
      found,
      `${names} trust ${hub === null ? 'one role each' : "the hub's roles"} alone, from the organisation, with the external id`,
    );
  },
};
