import { principalOf } from '../../../core/principal.ts';
import type { Agent, World } from '../../../core/world.ts';
import { credentialScope } from '../../../wire/gateway.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { HttpRequest } from '../../../wire/protocol/http.ts';
import type { Ask } from '../../iam/model/condition.ts';
import { callerKeys } from '../../iam/model/context.ts';
import { type Policy, readPolicy } from '../../iam/model/document.ts';
import type { Identity } from '../../iam/model/identity.ts';
import { type Caller, judge } from '../../iam/model/judge.ts';
import { askOf } from '../../lambda/model/policies.ts';

/** Who asks something of a topic, and what he is in the conditions of its policy. */
export type Asker = { name: string; caller: Caller; ask: Ask };

/** Whoever has signed a request. */
export const askerOf = (world: World, identity: Identity, request: HttpRequest): Asker => {
  const accessKey = credentialScope(request)?.accessKey ?? '';
  const { arn, grantee } = principalOf(world, accessKey);
  const keys = callerKeys(world, identity, accessKey);
  const account = world.sessionOf(accessKey)?.account ?? world.account;
  return {
    name: arn,
    caller: { partition: world.partition, account, arns: [arn, grantee] },
    ask: (key) => (Object.hasOwn(keys, key.toLowerCase()) ? keys[key.toLowerCase()] : 'unknown'),
  };
};

/** A service that publishes for one of its resources. */
export const agentAsker = (world: World, identity: Identity, agent: Agent): Asker => ({
  name: agent.service,
  caller: { partition: world.partition, account: world.account, arns: [], service: agent.service },
  ask: askOf(agent, identity.organizationOf(world.account)),
});

const refuse = ({ name }: Asker, action: string, topicArn: string, because: string) =>
  new AwsError('AuthorizationError', `User: ${name} is not authorized to perform: ${action} on resource: ${topicArn} ${because}`, 403);

/** What a Subscribe asks for, which policies may be about. */
const withSubscription = (ask: Ask, form: URLSearchParams): Ask => {
  const own: Record<string, string | null> = { 'sns:protocol': form.get('Protocol'), 'sns:endpoint': form.get('Endpoint') };
  return (key) => {
    const name = key.toLowerCase();
    if (!Object.hasOwn(own, name)) return ask(key);
    const value = own[name];
    return value === null || value === undefined ? undefined : [value];
  };
};

/**
 * Refuses what a topic's policy keeps out, or, of another account, doesn't let in. Without a policy it is its owner's: his own callers and the
 * services that publish for him. https://docs.aws.amazon.com/sns/latest/dg/sns-overview-of-managing-access.html
 */
export const checkAccess = (
  asker: Asker,
  topic: { arn: string; account: string; policy: string | undefined },
  form: URLSearchParams,
): void => {
  const { caller } = asker;
  const action = `sns:${form.get('Action')}`;
  const policies: Policy[] = topic.policy === undefined ? [] : [readPolicy(topic.policy, 'resource', 'InvalidParameter')];
  const verdict = judge(policies, { action, resource: topic.arn, ask: withSubscription(asker.ask, form) }, caller);
  if (verdict === 'deny') throw refuse(asker, action, topic.arn, 'with an explicit deny in a resource-based policy');
  const owners = caller.account === topic.account && (caller.service === undefined || topic.policy === undefined);
  if (verdict === 'silent' && !owners)
    throw refuse(asker, action, topic.arn, `because no resource-based policy allows the ${action} action`);
};
