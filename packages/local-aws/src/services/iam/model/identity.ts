import type { Clock } from '../../../core/clock.ts';
import { createRandom } from '../../../core/random.ts';
import type { World } from '../../../core/world.ts';
import { createSessions, type Sessions } from '../../sts/model/sessions.ts';
import { createRoles, type Roles } from './roles.ts';

/** Roles and sessions of all accounts that can reach each other. */
export type Identity = {
  /** The organisation that an account is a member of. */
  organizationOf(account: string): string | undefined;
  /** Those of an account; undefined for one that doesn't exist. */
  roles(account: string): Roles | undefined;
  sessions: Sessions;
  /** Whether a key that nobody gave out may come with a session token, as one does out of its caller's environment. */
  foreignTokens: boolean;
};

export type IdentityOptions = {
  seed: number;
  partition: string;
  accounts: readonly string[];
  clock: Pick<Clock, 'now'>;
  organization?: string;
  foreignTokens: boolean;
};

export const createIdentity = ({ seed, partition, accounts, clock, organization, foreignTokens }: IdentityOptions): Identity => {
  const random = createRandom(seed).fork('identity');
  const roles = new Map(accounts.map((account) => [account, createRoles(account, partition, random.fork(account), clock.now)]));
  return {
    organizationOf: (account) => (roles.has(account) ? organization : undefined),
    roles: (account) => roles.get(account),
    sessions: createSessions(random.fork('sessions'), clock.now),
    foreignTokens,
  };
};

/** Of a world that stands for itself. */
export const identityOf = ({ seed, partition, account, clock }: Pick<World, 'seed' | 'partition' | 'account' | 'clock'>): Identity =>
  createIdentity({ seed, partition, accounts: [account], clock, foreignTokens: true });
