import { principalOf } from '../../../core/principal.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { CallContext } from '../../../wire/protocol/service.ts';
import type { Key, Keys } from './keys.ts';
import { judge } from './policy.ts';

export type AccessOptions = {
  /** Access keys whose own policies leave `kms:CreateGrant` out, unless it is permitted on a key by name. */
  withoutGrants?: readonly string[] | undefined;
};

/** What AWS's own keys let people do themselves. https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key */
const looks = /^kms:(Describe|Get|List)/;

/** Who may do what with a key: by the key's policy, its grants, and the account's own policies where the key's leaves it to them. */
export const createAccess = (world: World, keys: Keys, { withoutGrants = [] }: AccessOptions = {}) => {
  const { account, partition } = world;
  const grantless = new Set(withoutGrants.map((accessKey) => principalOf(world, accessKey).arn));
  const permitted = new Set<string>();
  const entry = (key: Key, principal: string) => `${principal} ${key.id}`;

  /** Service-linked roles have no permissions of their own on keys. */
  const accountAllows = (key: Key, principal: string, action: string): boolean => {
    if (principal.includes(':role/aws-service-role/')) return false;
    return !grantless.has(principal) || action !== 'kms:CreateGrant' || permitted.has(entry(key, principal));
  };

  /** https://docs.aws.amazon.com/kms/latest/developerguide/grants.html: a grant for CreateGrant lets its grantee create others. */
  const isGranted = (key: Key, principal: string, action: string): boolean =>
    [...key.grants.values()].some(
      ({ GranteePrincipal, Operations }) => GranteePrincipal === principal && Operations.some((one) => `kms:${one}` === action),
    );

  /** `via` is the service that asks on the principal's behalf. */
  const may = (key: Key, principal: string, action: string, via?: string): boolean => {
    if (key.manager === 'AWS') return via !== undefined || looks.test(action);
    const verdict = judge(key.policy, { principal, action, account, partition, ...(via === undefined ? {} : { via }) });
    if (verdict === 'deny') return false;
    return verdict === 'allow' || isGranted(key, principal, action) || (verdict === 'delegate' && accountAllows(key, principal, action));
  };

  return {
    may,

    /** The key that a call names, for a caller who may do this with it. */
    open: (keyId: string | undefined, operation: string, { accessKey }: Pick<CallContext, 'accessKey'>): Key => {
      const key = keys.expect(keyId ?? '');
      const { arn, grantee } = principalOf(world, accessKey);
      if (may(key, grantee, `kms:${operation}`)) return key;
      throw new AwsError('AccessDeniedException', `User: ${arn} is not authorized to perform: kms:${operation} on resource: ${key.arn}`);
    },

    /** As a policy of the caller's that names the key does; returns what takes it back. */
    permitGrants: (accessKey: string, key: Key): (() => void) => {
      const made = entry(key, principalOf(world, accessKey).grantee);
      permitted.add(made);
      return () => {
        permitted.delete(made);
      };
    },
  };
};

export type Access = ReturnType<typeof createAccess>;
