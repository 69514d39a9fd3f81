import { AwsError } from '../../../wire/protocol/errors.ts';
import type { Ask } from './condition.ts';
import { judge } from './judge.ts';
import { policiesOf, type Role } from './roles.ts';

/** A context key with its values, as who simulates gives them. */
type Entry = { ContextKeyName?: string | undefined; ContextKeyValues?: string[] | undefined };

export type Simulated = {
  action: string;
  resource: string;
  decision: 'allowed' | 'explicitDeny' | 'implicitDeny';
  /** What the boundary says by itself; undefined where the role has none. */
  withinBoundary: boolean | undefined;
};

const action = /^[a-z0-9-]+:\w+$/i;

/**
 * What a role's own policies and its boundary say of calls that nobody makes. Keys that are not given are not there, and what they have in common with
 * a real call, such as the caller, is not there either. Policies of resources are no part of it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
 */
export const simulate = (role: Role, actions: readonly string[], resources: readonly string[], context: readonly Entry[]): Simulated[] => {
  const wrong = actions.find((one) => !action.test(one));
  if (wrong !== undefined) throw new AwsError('InvalidInput', `Invalid Entity Action: ${wrong.slice(0, 100)}`);
  const given = new Map(context.map(({ ContextKeyName = '', ContextKeyValues = [] }) => [ContextKeyName.toLowerCase(), ContextKeyValues]));
  const ask: Ask = (key) => given.get(key.toLowerCase());
  return actions.flatMap((one) =>
    resources.map((resource): Simulated => {
      const asked = { action: one, resource, ask };
      const own = judge(policiesOf(role), asked);
      const bound = role.boundary && judge([role.boundary.policy], asked);
      const isDenied = own === 'deny' || bound === 'deny';
      const isAllowed = own === 'allow' && (bound === undefined || bound === 'allow');
      return {
        action: one,
        resource,
        decision: isDenied ? 'explicitDeny' : isAllowed ? 'allowed' : 'implicitDeny',
        withinBoundary: bound === undefined ? undefined : bound === 'allow',
      };
    }),
  );
};
