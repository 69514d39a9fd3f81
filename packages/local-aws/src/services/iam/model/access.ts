import { principalOf } from '../../../core/principal.ts';
import type { World } from '../../../core/world.ts';
import { type Call, type Credentials, isGlobal } from '../../../wire/gateway.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { Protocol } from '../../../wire/protocol/service.ts';
import { contextOf } from './context.ts';
import type { Policy } from './document.ts';
import type { Identity } from './identity.ts';
import { type Asked, judge } from './judge.ts';
import { type Look, requestedBy } from './requested.ts';
import { policiesOf } from './roles.ts';

const refusal = (what: 'invalid' | 'expired', protocol: Protocol): AwsError => {
  const said = `The security token included in the request is ${what}`;
  switch (protocol) {
    case 'ec2-query':
      return what === 'expired'
        ? new AwsError('RequestExpired', 'Request has expired.')
        : new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
    case 'json':
      return new AwsError(what === 'expired' ? 'ExpiredTokenException' : 'UnrecognizedClientException', `${said}.`);
    case 'rest-json':
      return new AwsError(what === 'expired' ? 'ExpiredTokenException' : 'UnrecognizedClientException', `${said}.`, 403);
    default:
      return new AwsError(what === 'expired' ? 'ExpiredToken' : 'InvalidClientTokenId', `${said}${what === 'expired' ? '' : '.'}`, 403);
  }
};

/**
 * Refuses credentials that are none. The codes are those of https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html,
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and of the JSON services' own pages.
 * No secret is checked, and no signature.
 */
export const createAuthentication =
  (identity: Identity, now: () => number, hasRegion: (region: string) => boolean = () => true) =>
  ({ accessKey, token, region, service }: Credentials, protocol: Protocol): void => {
    // A region that an account hasn't enabled knows none of its keys.
    if (region !== undefined && !isGlobal(service) && !hasRegion(region)) throw refusal('invalid', protocol);
    const session = identity.sessions.get(accessKey);
    if (session ? session.token !== token : token !== undefined && !identity.foreignTokens) throw refusal('invalid', protocol);
    if (session && session.expiresAt <= now()) throw refusal('expired', protocol);
  };

/** How a service says no: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html; the codes are each service's own. */
const denial = (service: string, message: string): AwsError => {
  if (service === 'ec2') return new AwsError('UnauthorizedOperation', `You are not authorized to perform this operation. ${message}`, 403);
  if (service === 'sns') return new AwsError('AuthorizationError', message, 403);
  if (service === 'lambda' || service === 'synthetics') return new AwsError('AccessDeniedException', message, 403);
  const json = ['dynamodb', 'ssm', 'ecs', 'kms', 'events', 'logs', 'cloudtrail', 'acm', 'application-autoscaling'].includes(service);
  return json ? new AwsError('AccessDeniedException', message) : new AwsError('AccessDenied', message, 403);
};

type Limit = { kind: string; article: string; policies: readonly Policy[] };
type Limited = { account: string; role: { arn: string; id: string }; policies: readonly Policy[] };

/**
 * What limits a session: its role's policies, the role's boundary, and the session's own policy. All of them have to permit a call.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
 */
const limitsOf = (identity: Identity, session: Limited): Limit[] => {
  const found = identity.roles(session.account)?.byArn(session.role.arn);
  // A role that has come in the place of one that was deleted is another one.
  const role = found?.id === session.role.id ? found : undefined;
  return [
    { kind: 'identity-based policy', article: 'an', policies: role ? policiesOf(role) : [] },
    ...(role?.boundary ? [{ kind: 'permissions boundary', article: 'a', policies: [role.boundary.policy] }] : []),
    ...(session.policies.length > 0 ? [{ kind: 'session policy', article: 'a', policies: session.policies }] : []),
  ];
};

type Objection = { verdict: 'deny' | 'silent'; because: string };

/** Why a session may not do something, as it ends the sentence that says so; undefined where it may. */
const objectionTo = (limits: readonly Limit[], asked: Asked): Objection | undefined => {
  const verdicts = limits.map((limit) => ({ ...limit, verdict: judge(limit.policies, asked) }));
  const deny = verdicts.find(({ verdict }) => verdict === 'deny');
  if (deny) return { verdict: 'deny', because: `with an explicit deny in ${deny.article} ${deny.kind}` };
  const silent = verdicts.find(({ verdict }) => verdict === 'silent');
  return silent && { verdict: 'silent', because: `because no ${silent.kind} allows the ${asked.action} action` };
};

/** What the policies say that limit a session, or a service that acts by a role. */
export const verdictOf = (identity: Identity, session: Limited, asked: Asked): 'allow' | 'deny' | 'silent' =>
  objectionTo(limitsOf(identity, session), asked)?.verdict ?? 'allow';

export type AccessOptions = { world: World; identity: Identity; look: Look; hashKey(table: string): string | undefined };

/** Refuses what a session's role has no permission for. Users' calls, by keys that nobody gave out, all pass. */
export const createAuthorization = (options: AccessOptions) => {
  const { world, identity, look } = options;
  return (call: Call): void => {
    const session = identity.sessions.get(call.context.accessKey);
    // Nobody needs a permission to ask who he is; what it takes to assume a role, STS itself looks at.
    if (!session || call.service === 'sts') return;
    const { action, resources } = requestedBy(call, world, look);
    const limits = limitsOf(identity, session);
    const context = contextOf(options, session, call);
    for (const resource of resources) {
      const objection = objectionTo(limits, { action, resource: resource.arn, ask: context(resource) });
      if (!objection) continue;
      const { arn } = principalOf(world, session.accessKey);
      throw denial(call.service, `User: ${arn} is not authorized to perform: ${action} on resource: ${resource.arn} ${objection.because}`);
    }
  };
};
