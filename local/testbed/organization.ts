import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { CreateEventBusCommand, PutPermissionCommand, PutRuleCommand, PutTargetsCommand, type Target } from '@aws-sdk/client-eventbridge';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { parse } from 'yaml';
import type { LocalAws, LocalOrganization } from '#local-aws';
import type { Clients } from '../../shared/aws/clients.ts';
import type { Place } from '../../shared/model/place.ts';
import { once } from '../../shared/signals/module.ts';
import { nameOf } from './deployed.ts';
import { fillIn, type References } from './intrinsics.ts';

/** What makes a stack a hub: an organisation with other accounts and regions, of which some have the stack of a member. */
export type Organization = {
  /** `o-…` */
  id: string;
  /** Beside the hub's own. */
  accounts: readonly string[];
  /** Beside the hub's own. */
  regions: readonly string[];
  /** Where the stack of members is. */
  members: readonly Place[];
};

type Resource = { Type: string; Properties: Record<string, unknown> };
type Template = { Resources: Record<string, Resource>; Outputs?: Record<string, { Value: unknown }> };

/** The names in the environment of a hub's functions. */
export const memberRoles = { remediate: 'selfheal-member-local', watch: 'selfheal-member-watch-local' } as const;
/** The roles of the hub's functions, here without what they do in their own account, which needs no session. */
const hubRoles = { RemediateRole: nameOf('remediate'), WatchRole: nameOf('watch') } as const;

const require = createRequire(import.meta.url);

/** What the parameter `hub` adds to the stack. */
const hubTemplate = (organization: string): Promise<Template> => {
  const values: Readonly<Record<string, string>> = {
    'param:hub': 'on',
    'param:organization': organization,
    'param:externalId': '',
    'self:custom.names.hub': nameOf('hub'),
    'self:custom.names.member': memberRoles.remediate,
    'self:custom.names.memberWatch': memberRoles.watch,
  };
  return require('../../infrastructure/hub.cjs')({ resolveVariable: async (name: string) => values[name] });
};

/** The template of members, with the names of the stage `local`. */
const memberTemplate = once((): Template => {
  const text = readFileSync(new URL('../../infrastructure/member.yml', import.meta.url), 'utf8');
  return parse(text.replace(/([-/])prod\b/g, '$1local')) as Template;
});

const typed = <Properties>({ Resources }: Template, type: string): [id: string, Properties][] =>
  Object.entries(Resources).flatMap(([id, { Type, Properties }]) => (Type === type ? [[id, Properties as Properties]] : []));

const pseudo = ({ account, region }: Place) => ({ 'AWS::Partition': 'aws', 'AWS::AccountId': account, 'AWS::Region': region });

type Rule = { Name: string; EventPattern: object; Targets: Target[] };
const putRule = async ({ eventBridge }: Clients, { Name, EventPattern, Targets }: Rule, EventBusName = 'default'): Promise<void> => {
  await eventBridge.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify(EventPattern), EventBusName }));
  await eventBridge.send(
    new PutTargetsCommand({
      Rule: Name,
      EventBusName,
      Targets: Targets.map(({ Id, Arn, RoleArn }) => ({ Id, Arn, ...(RoleArn && { RoleArn }) })),
    }),
  );
};

/**
 * Makes a stack a hub, as its template does: bus, policy, rule, and the rights of its functions' roles to become members' roles. Returns the
 * credentials by which these do.
 */
export const placeHub = async (aws: LocalAws, operator: Clients, intake: string, organization: string) => {
  const place = { account: aws.world.account, region: aws.world.region };
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  const template = await hubTemplate(organization);
  const hub = nameOf('hub');
  const references: References = {
    refs: { ...pseudo(place), HubBus: hub, ...hubRoles },
    arns: {
      HubBus: aws.world.arn('events', `event-bus/${hub}`),
      IntakeLambdaFunction: intake,
      EventDeadLetters: aws.world.arn('sqs', nameOf('event-dead-letters')),
    },
    conditions: {},
  };
  const of = <Properties>(type: string) => typed<unknown>(template, type).map(([, one]) => fillIn<Properties>(one, references));
  for (const { Name } of of<{ Name: string }>('AWS::Events::EventBus'))
    await operator.eventBridge.send(new CreateEventBusCommand({ Name }));
  for (const { EventBusName, Statement, StatementId } of of<{ EventBusName: string; Statement: object; StatementId: string }>(
    'AWS::Events::EventBusPolicy',
  )) {
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: StatementId, ...Statement }] });
    await operator.eventBridge.send(new PutPermissionCommand({ EventBusName, Policy }));
  }
  for (const { EventBusName, ...rule } of of<Rule & { EventBusName: string }>('AWS::Events::Rule'))
    await putRule(operator, rule, EventBusName);
  const rights = of<{ RoleName: string; PolicyName: string; PolicyDocument: object }>('AWS::IAM::RolePolicy');
  const credentialsOf = (name: string) => {
    const policies = Object.fromEntries(rights.flatMap((one) => (one.RoleName === name ? [[one.PolicyName, one.PolicyDocument]] : [])));
    aws.iam.putRole({ name, trust, policies: policies as never });
    return aws.iam.credentialsOf(name);
  };
  return { remediate: credentialsOf(hubRoles.RemediateRole), watch: credentialsOf(hubRoles.WatchRole) };
};

/** The access key of whoever builds an account's fleet and breaks it. */
export const operatorOf = ({ account }: Pick<Place, 'account'>): string => account;

type Hub = { hub: Place; organization: string };

/** What the template of a member refers to. */
const referencesIn = (org: LocalOrganization, place: Place, { hub, organization }: Hub): References => {
  const roleArn = (account: string, name: string) => `arn:aws:iam::${account}:role/${name}`;
  return {
    refs: {
      ...pseudo(place),
      HubAccount: hub.account,
      HubRegion: hub.region,
      HubRole: roleArn(hub.account, hubRoles.RemediateRole),
      HubWatchRole: roleArn(hub.account, hubRoles.WatchRole),
      Organization: organization,
    },
    arns: { DeadLetters: org.world(place.account, place.region).world.arn('sqs', nameOf('member-dead-letters')) },
    conditions: { HasBoundary: false, HasExternalId: false },
  };
};

type Role = {
  RoleName?: string;
  AssumeRolePolicyDocument: object;
  MaxSessionDuration?: number;
  Policies?: { PolicyName: string; PolicyDocument: object }[];
};

const nobody = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' }] };

/** Makes the roles of a member, or makes them anew, and returns their ARNs; unless it `trusts` the hub, nobody can take those that the hub takes. */
export const placeRoles = (org: LocalOrganization, place: Place, hub: Hub, trusts = true): Record<string, string> => {
  const references = referencesIn(org, place, hub);
  const { iam } = org.world(place.account, place.region);
  return Object.fromEntries(
    typed<unknown>(memberTemplate(), 'AWS::IAM::Role').map(([id, properties]) => {
      const { RoleName, AssumeRolePolicyDocument, MaxSessionDuration, Policies = [] } = fillIn<Role>(properties, references);
      const arn = iam.putRole({
        // One that has no name gets one from CloudFormation.
        name: RoleName ?? `selfheal-member-${id}-${place.region}`,
        trust: (trusts || RoleName === undefined ? AssumeRolePolicyDocument : nobody) as never,
        policies: Object.fromEntries(Policies.map(({ PolicyName, PolicyDocument }) => [PolicyName, PolicyDocument])) as never,
        ...(MaxSessionDuration === undefined ? {} : { maxSessionSeconds: MaxSessionDuration }),
      });
      return [id, arn];
    }),
  );
};

/** Makes the stack of a member, as its template does, by its operator. */
export const placeMember = async (org: LocalOrganization, place: Place, operator: Clients, hub: Hub): Promise<void> => {
  const template = memberTemplate();
  const base = referencesIn(org, place, hub);
  const references = { ...base, arns: { ...base.arns, ...placeRoles(org, place, hub) } };
  for (const [, properties] of typed<unknown>(template, 'AWS::Events::Rule')) await putRule(operator, fillIn<Rule>(properties, references));
  for (const [, properties] of typed<unknown>(template, 'AWS::SSM::Parameter')) {
    const { Name, Value } = fillIn<{ Name: string; Value: string }>(properties, references);
    await operator.ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
  }
};
