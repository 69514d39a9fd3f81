import type { World } from './world.ts';

/** Who a key belongs to. Any key is welcome, so each is an IAM user of its own that carries the key's name. */
export const principalOf = (world: Pick<World, 'account' | 'partition'>, accessKey: string) => ({
  userName: accessKey,
  arn: `arn:${world.partition}:iam::${world.account}:user/${accessKey}`,
  principalId: `AIDA${accessKey.toUpperCase()}`,
});
