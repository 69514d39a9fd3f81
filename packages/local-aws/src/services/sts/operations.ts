import type {
  AssumeRoleCommandInput,
  AssumeRoleCommandOutput,
  GetCallerIdentityCommandInput,
  GetCallerIdentityCommandOutput,
  Tag,
} from '@aws-sdk/client-sts';
import { principalOf, sessionArn } from '../../core/principal.ts';
import type { Session } from '../../core/session.ts';
import type { World } from '../../core/world.ts';
import { AwsError } from '../../wire/protocol/errors.ts';
import { sdk } from '../../wire/protocol/sdk.ts';
import { type CallContext, operation, type Service } from '../../wire/protocol/service.ts';
import { verdictOf } from '../iam/model/access.ts';
import type { Ask } from '../iam/model/condition.ts';
import { callerKeys, tagNamed } from '../iam/model/context.ts';
import { readPolicy } from '../iam/model/document.ts';
import type { Identity } from '../iam/model/identity.ts';
import { type Caller, judge } from '../iam/model/judge.ts';

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const seconds = { least: 900, most: 43_200, usual: 3600, chained: 3600 };
const mostTags = 50;

const invalid = (message: string) => new AwsError('ValidationError', message);

const constraint = (value: unknown, member: string, rule: string) =>
  invalid(`1 validation error detected: Value '${String(value).slice(0, 100)}' at '${member}' failed to satisfy constraint: ${rule}`);

const text = (value: string | undefined, member: string, least: number, most: number, pattern: RegExp): void => {
  if (value === undefined) return;
  if (value.length < least) throw constraint(value, member, `Member must have length greater than or equal to ${least}`);
  if (value.length > most) throw constraint(value, member, `Member must have length less than or equal to ${most}`);
  if (!pattern.test(value))
    throw constraint(value, member, `Member must satisfy regular expression pattern: ${pattern.source.slice(1, -1)}`);
};

const tagsOf = (tags: readonly Tag[]): ReadonlyMap<string, string> => {
  if (tags.length > mostTags) throw constraint('[...]', 'tags', `Member must have length less than or equal to ${mostTags}`);
  for (const { Key, Value } of tags) {
    text(Key, 'tags.1.member.key', 1, 128, /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u);
    text(Value, 'tags.1.member.value', 0, 256, /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);
  }
  const names = tags.map(({ Key = '' }) => Key.toLowerCase());
  if (new Set(names).size < names.length) throw new AwsError('InvalidParameterValue', 'Duplicate tag keys found.');
  return new Map(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
};

const check = ({
  RoleArn,
  RoleSessionName,
  ExternalId,
  SourceIdentity,
  DurationSeconds,
  PolicyArns,
  SerialNumber,
}: AssumeRoleCommandInput) => {
  text(RoleArn, 'roleArn', 20, 2048, /^[\u0020-\uFFFD]+$/);
  text(RoleSessionName, 'roleSessionName', 2, 64, /^[\w+=,.@-]*$/);
  text(ExternalId, 'externalId', 2, 1224, /^[\w+=,.@:/-]*$/);
  text(SourceIdentity, 'sourceIdentity', 2, 64, /^[\w+=,.@-]*$/);
  if (SourceIdentity?.startsWith('aws:')) throw invalid('SourceIdentity must not begin with aws:');
  if (DurationSeconds !== undefined && DurationSeconds < seconds.least)
    throw constraint(DurationSeconds, 'durationSeconds', `Member must have value greater than or equal to ${seconds.least}`);
  if (DurationSeconds !== undefined && DurationSeconds > seconds.most)
    throw constraint(DurationSeconds, 'durationSeconds', `Member must have value less than or equal to ${seconds.most}`);
  if (PolicyArns !== undefined && PolicyArns.length > 0) throw invalid('PolicyArns is not served by the local AWS.');
  if (SerialNumber !== undefined) throw invalid('SerialNumber is not served by the local AWS.');
};

export const identityOperations = (world: World, identity: Identity): Service['operations'] => {
  const { clock, partition } = world;

  const assumeRole = (input: AssumeRoleCommandInput, { accessKey }: CallContext): Omit<AssumeRoleCommandOutput, '$metadata'> => {
    check(input);
    const { RoleArn = '', RoleSessionName = '', ExternalId, Policy, Tags = [], TransitiveTagKeys = [] } = input;
    const { sessionOf } = world;
    const from: Session | undefined = sessionOf(accessKey);
    const { arn, grantee } = principalOf(world, accessKey);
    const account = from?.account ?? world.account;
    const denied = (action: string) =>
      new AwsError('AccessDenied', `User: ${arn} is not authorized to perform: ${action} on resource: ${RoleArn}`, 403);

    const owner = RoleArn.split(':')[4] ?? '';
    const role = identity.roles(owner)?.byArn(RoleArn);
    // One that doesn't exist is refused in the same words, so that nobody learns which do.
    if (!role) throw denied('sts:AssumeRole');

    const own = tagsOf(Tags);
    if (TransitiveTagKeys.some((key) => !own.has(key)))
      throw new AwsError('InvalidParameterValue', 'The specified transitive tag key must be included in the requested tags.');
    if (from?.transitive.some((key) => own.has(key)))
      throw new AwsError(
        'InvalidParameterValue',
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
      );
    const inherited = new Map((from?.transitive ?? []).map((key) => [key, from?.tags.get(key) ?? '']));
    // What somebody was once said to be goes on with him: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
    const sourceIdentity = from?.sourceIdentity ?? input.SourceIdentity;
    if (input.SourceIdentity !== undefined && input.SourceIdentity !== sourceIdentity) throw denied('sts:SetSourceIdentity');

    const caller: Caller = { partition, account, arns: from ? [arn, grantee] : [arn] };
    const keys: Record<string, readonly string[] | undefined> = {
      ...callerKeys(world, identity, accessKey),
      'sts:externalid': ExternalId === undefined ? undefined : [ExternalId],
      'sts:rolesessionname': [RoleSessionName],
      'sts:sourceidentity': sourceIdentity === undefined ? undefined : [sourceIdentity],
      'sts:transitivetagkeys': TransitiveTagKeys.length > 0 ? TransitiveTagKeys : undefined,
      'aws:tagkeys': own.size > 0 ? [...own.keys()] : undefined,
      'aws:resourceaccount': [owner],
      'aws:resourceorgid': identity.organizationOf(owner) === undefined ? undefined : [String(identity.organizationOf(owner))],
    };
    const ask: Ask = (key) => {
      const lower = key.toLowerCase();
      const name = key.slice(key.indexOf('/') + 1);
      if (lower.startsWith('aws:requesttag/')) return tagNamed(own, name);
      if (lower.startsWith('aws:principaltag/')) return tagNamed(from?.tags, name);
      if (lower.startsWith('aws:resourcetag/') || lower.startsWith('iam:resourcetag/')) return tagNamed(role.tags, name);
      return Object.hasOwn(keys, lower) ? keys[lower] : 'unknown';
    };
    const actions = [
      'sts:AssumeRole',
      ...(own.size + inherited.size > 0 ? ['sts:TagSession'] : []),
      ...(sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
    ];
    for (const action of actions) {
      const trust = judge([role.trust.policy], { action, resource: RoleArn, ask }, caller);
      if (trust === 'deny' || trust === 'silent') throw denied(action);
      // Users' own policies allow all that they ask for. Within an account, a trust that names the caller himself is enough.
      const said = from ? verdictOf(identity, from, { action, resource: RoleArn, ask }) : 'allow';
      if (said !== 'allow' && !(said === 'silent' && owner === account && trust === 'allow')) throw denied(action);
    }

    const lasts = input.DurationSeconds ?? seconds.usual;
    if (from && lasts > seconds.chained)
      throw invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining');
    if (lasts > role.maxSessionSeconds) throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
    const session = identity.sessions.begin({
      expiresAt: clock.now() + lasts * 1000,
      account: owner,
      role: { arn: role.arn, name: role.name, id: role.id },
      name: RoleSessionName,
      sourceIdentity,
      tags: new Map([...own, ...inherited]),
      transitive: [...(from?.transitive ?? []), ...TransitiveTagKeys],
      policies: Policy === undefined ? [] : [readPolicy(Policy, 'identity')],
    });
    return {
      Credentials: {
        AccessKeyId: session.accessKey,
        SecretAccessKey: session.secretKey,
        SessionToken: session.token,
        Expiration: new Date(session.expiresAt),
      },
      AssumedRoleUser: { AssumedRoleId: `${role.id}:${session.name}`, Arn: sessionArn(partition, session) },
      ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
    };
  };

  return {
    GetCallerIdentity: operation<GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput>(
      () => sdk.sts().GetCallerIdentity$,
      (_input, { accessKey }) => {
        const { arn, principalId } = principalOf(world, accessKey);
        return { Account: world.sessionOf(accessKey)?.account ?? world.account, Arn: arn, UserId: principalId };
      },
    ),
    AssumeRole: operation<AssumeRoleCommandInput, AssumeRoleCommandOutput>(() => sdk.sts().AssumeRole$, assumeRole),
  };
};
