import type { Session } from './session.ts';
import type { World } from './world.ts';

/** A session's own ARN. */
export const sessionArn = (partition: string, { account, role, name }: Pick<Session, 'account' | 'role' | 'name'>): string =>
  `arn:${partition}:sts::${account}:assumed-role/${role.name}/${name}`;

/**
 * Who a key belongs to: the session that it was given out to. Any other key is welcome, so each is an IAM user of its own that carries the
 * key's name. `grantee` is the ARN by which policies of resources name him.
 */
export const principalOf = (
  { account, partition, sessionOf }: Pick<World, 'account' | 'partition'> & Partial<Pick<World, 'sessionOf'>>,
  accessKey: string,
) => {
  const session = sessionOf?.(accessKey);
  if (session)
    return {
      userName: session.name,
      arn: sessionArn(partition, session),
      grantee: session.role.arn,
      principalId: `${session.role.id}:${session.name}`,
    };
  const arn = `arn:${partition}:iam::${account}:user/${accessKey}`;
  return { userName: accessKey, arn, grantee: arn, principalId: `AIDA${accessKey.toUpperCase()}` };
};
