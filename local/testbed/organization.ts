import { DisableRuleCommand } from '@aws-sdk/client-eventbridge';
import { parse } from 'yaml';
import type { LocalAws, LocalOrganization } from '#local-aws';
import type { Clients } from '../../shared/aws/clients.ts';
import type { Place } from '../../shared/model/place.ts';
import { memberText } from '../doctor/template.ts';
import { nameOf } from './deployed.ts';
import { placeStack, type StackTemplate } from './place-stack.ts';
import { partOf } from './template-parts.ts';

/** How alarms of a member come to the hub: by the event bus, by the member's topic, or by both. */
export type AlarmWay = 'bus' | 'topic';

/** Whether a member has a topic that the hub listens to. */
export const hasTopic = ({ alarmsBy = ['bus'] }: { alarmsBy?: readonly AlarmWay[] }): boolean => alarmsBy.includes('topic');
/** As the parameter of the hub names it. */
export const topicPlace = ({ account, region }: Place): string => `${account}:${region}`;

/** What makes a stack a hub: an organisation with other accounts and regions, of which some have the stack of a member. */
export type Organization = {
  /** `o-…` */
  id: string;
  /** Beside the hub's own. */
  accounts: readonly string[];
  /** Beside the hub's own. */
  regions: readonly string[];
  /** Where the stack of members is. */
  members: readonly (Place & { alarmsBy?: readonly AlarmWay[] })[];
};

/** The names in the environment of a hub's functions. */
export const memberRoles = { remediate: 'selfheal-member-local', watch: 'selfheal-member-watch-local' } as const;
/** The roles of the hub's functions, here without what they do in their own account, which needs no session. */
const hubRoles = { RemediateRole: nameOf('remediate'), WatchRole: nameOf('watch') } as const;

/** The template of members, with the names of the stage `local`. */
let member: StackTemplate | undefined;
const memberTemplate = (): StackTemplate => {
  member ??= parse(memberText('local')) as StackTemplate;
  return member;
};

/**
 * Makes a stack a hub, as its template does: bus, policy, rule, the topics of members that it listens to, which have to be there, and the rights
 * of its functions' roles to become members' roles. Returns the credentials by which these do.
 */
export const placeHub = async (
  aws: LocalAws,
  operatorIn: (region: string) => Clients,
  intake: string,
  { id, members }: Pick<Organization, 'id' | 'members'>,
) => {
  const template = await partOf('hub.cjs', {
    'param:hub': 'on',
    'param:organization': id,
    'param:externalId': '',
    'param:memberTopics': members.filter(hasTopic).map(topicPlace).join(),
    'self:custom.names.hub': nameOf('hub'),
    'self:custom.names.member': memberRoles.remediate,
    'self:custom.names.memberWatch': memberRoles.watch,
    'self:custom.names.memberAlarms': nameOf('member-alarms'),
    'self:provider.region': aws.world.region,
  });
  const given = {
    ...hubRoles,
    'IntakeLambdaFunction.Arn': intake,
    'EventDeadLetters.Arn': aws.world.arn('sqs', nameOf('event-dead-letters')),
  };
  const stack = await placeStack(aws, operatorIn(aws.world.region), template, given, operatorIn);
  type Right = { RoleName: string; PolicyName: string; PolicyDocument: object };
  const rights = Object.values(template.Resources).flatMap(({ Type, Properties = {} }) =>
    Type === 'AWS::IAM::RolePolicy' ? [stack.resolve(Properties) as Right] : [],
  );
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  const credentialsOf = (name: string) => {
    const policies = Object.fromEntries(rights.flatMap((one) => (one.RoleName === name ? [[one.PolicyName, one.PolicyDocument]] : [])));
    aws.iam.putRole({ name, trust, policies });
    return aws.iam.credentialsOf(name);
  };
  return { remediate: credentialsOf(hubRoles.RemediateRole), watch: credentialsOf(hubRoles.WatchRole) };
};

/** The access key of whoever builds an account's fleet and breaks it. */
export const operatorOf = ({ account }: Pick<Place, 'account'>): string => account;

const nobody = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' }] };

/** The topic of a member for its alarms. */
export const memberTopicArn = ({ world }: LocalAws): string => world.arn('sns', nameOf('member-alarms'));

/** Makes the stack of a member, as its template does, by its operator. What it returns says whether its roles trust the hub. */
export const placeMember = async (
  org: LocalOrganization,
  place: Organization['members'][number],
  operator: Clients,
  { hub, organization }: { hub: Place; organization: string },
): Promise<(trusts: boolean) => void> => {
  const aws = org.world(place.account, place.region);
  const roleArn = (name: string) => `arn:aws:iam::${hub.account}:role/${name}`;
  const stack = await placeStack(aws, operator, memberTemplate(), {
    HubAccount: hub.account,
    HubRegion: hub.region,
    HubRole: roleArn(hubRoles.RemediateRole),
    HubWatchRole: roleArn(hubRoles.WatchRole),
    Organization: organization,
    ExternalId: '',
    PermissionsBoundary: '',
    AlarmTopic: hasTopic(place) ? 'on' : 'off',
  });
  // As an operator does where the bus must not tell of alarms.
  if (place.alarmsBy && !place.alarmsBy.includes('bus'))
    await operator.eventBridge.send(new DisableRuleCommand({ Name: nameOf('alarms') }));
  return (trusts) => {
    for (const id of ['MemberRole', 'MemberWatchRole']) {
      const role = stack.roleOf(id);
      aws.iam.putRole(trusts ? role : { ...role, trust: nobody });
    }
  };
};
