import type { Session } from '../../core/session.ts';
import type { World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import type { Identity } from './model/identity.ts';
import { createRoles, type PlacedRole } from './model/roles.ts';
import { roleOperations } from './operations.ts';

/** Credentials as SDK clients take them. */
export type RoleCredentials = { accessKeyId: string; secretAccessKey: string; sessionToken: string };

export type Iam = {
  service: Service;
  /** Puts a role there, or replaces the one of that name; its ARN. Throws the `AwsError` that IAM gives for a policy that is none. */
  putRole(placed: PlacedRole): string;
  /** Puts a managed policy there; its ARN. */
  putPolicy(name: string, document: string | object): string;
  /**
   * Credentials of a role as a service has them that runs somebody's code, such as Lambda: nobody asks its trust, and they don't end unless
   * `durationSeconds` says so. Throws a RangeError for a role that doesn't exist.
   */
  credentialsOf(role: string, session?: { name?: string; durationSeconds?: number }): RoleCredentials;
};

export const credentialsOf = ({ accessKey, secretKey, token }: Session): RoleCredentials => ({
  accessKeyId: accessKey,
  secretAccessKey: secretKey,
  sessionToken: token,
});

/** IAM: the roles of an account, and what sessions of them may do. */
export const createIam = (world: World, identity: Identity): Iam => {
  const { account, partition, clock } = world;
  const roles = identity.roles(account) ?? createRoles(account, partition, world.random.fork('iam'), clock.now);
  return {
    service: {
      signingName: 'iam',
      protocols: ['query'],
      xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
      operations: roleOperations(roles),
    },
    putRole: (placed) => roles.put(placed).arn,
    putPolicy: (name, document) => roles.createPolicy(name, document).arn,
    credentialsOf: (roleName, { name = roleName, durationSeconds = Number.POSITIVE_INFINITY } = {}) => {
      const role = roles.get(roleName);
      if (!role) throw new RangeError(`there is no role ${roleName}`);
      const session = identity.sessions.begin({
        expiresAt: clock.now() + durationSeconds * 1000,
        account,
        role: { arn: role.arn, name: role.name, id: role.id },
        name,
        sourceIdentity: undefined,
        tags: new Map(),
        transitive: [],
        policies: [],
      });
      return credentialsOf(session);
    },
  };
};
