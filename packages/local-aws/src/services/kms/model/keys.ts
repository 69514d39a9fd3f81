import type * as Sdk from '@aws-sdk/client-kms';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { defaultPolicy, type KeyPolicy, readPolicy } from './policy.ts';

export type Grant = Sdk.GrantListEntry & { GrantId: string; GranteePrincipal: string; Operations: Sdk.GrantOperation[] };

export type Key = {
  readonly id: string;
  readonly arn: string;
  readonly manager: 'AWS' | 'CUSTOMER';
  readonly description: string;
  readonly createdAt: number;
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  deletedAt: number | null;
  policyText: string;
  policy: KeyPolicy;
  readonly grants: Map<string, Grant>;
};

export type Alias = { readonly name: string; readonly arn: string; readonly createdAt: number; keyId: string; changedAt: number };

/** The alias of the key that EBS encrypts under where nobody names one. */
export const ebsAlias = 'alias/aws/ebs';

const day = 24 * 3600_000;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The keys and aliases of the account and region. */
export const createKeys = (world: World) => {
  const { clock } = world;
  const random = world.random.fork('kms');
  const keys = new Map<string, Key>();
  const aliases = new Map<string, Alias>();
  const arnPrefix = world.arn('kms', '');

  const add = (manager: Key['manager'], description: string, policyText = defaultPolicy(world), id = random.uuid()): Key => {
    const policy = readPolicy(policyText);
    const arn = world.arn('kms', `key/${id}`);
    const key: Key = {
      id,
      arn,
      manager,
      description,
      createdAt: clock.now(),
      state: 'Enabled',
      deletedAt: null,
      policyText,
      policy,
      grants: new Map(),
    };
    keys.set(id, key);
    return key;
  };

  const addAlias = (name: string, keyId: string): Alias => {
    const now = clock.now();
    const alias = { name, arn: world.arn('kms', name), keyId, createdAt: now, changedAt: now };
    aliases.set(name, alias);
    return alias;
  };

  const ofAlias = (name: string): Key | undefined => keys.get(aliases.get(name)?.keyId ?? '');

  /** AWS makes it when it is first needed. https://docs.aws.amazon.com/ebs/latest/userguide/how-ebs-encryption-works.html */
  const ebsKey = (): Key => {
    const made = ofAlias(ebsAlias);
    if (made) return made;
    const key = add('AWS', 'Default key that protects my EBS volumes when no other key is defined');
    addAlias(ebsAlias, key.id);
    return key;
  };

  /** The key that an id, a key's ARN, an alias or an alias' ARN names; undefined if there is none. */
  const find = (asked: string): Key | undefined => {
    const local = asked.startsWith(arnPrefix) ? asked.slice(arnPrefix.length) : asked;
    if (local === ebsAlias) return ebsKey();
    if (local.startsWith('alias/')) return ofAlias(local);
    return keys.get(asked.startsWith(arnPrefix) ? (local.startsWith('key/') ? local.slice('key/'.length) : '') : asked);
  };

  const remove = (key: Key): void => {
    keys.delete(key.id);
    for (const { name, keyId } of aliases.values()) if (keyId === key.id) aliases.delete(name);
  };

  return {
    add,
    addAlias,
    aliases,
    ebsKey,
    find,
    all: (): Iterable<Key> => keys.values(),
    grantId: (): string => random.hex(64),

    /** The key, or the error that KMS gives where there is none. */
    expect: (asked: string): Key => {
      const key = find(asked);
      if (key) return key;
      const local = asked.slice(asked.startsWith(arnPrefix) ? arnPrefix.length : 0);
      if (local.startsWith('alias/'))
        throw new AwsError('NotFoundException', `Alias ${world.arn('kms', local.slice(0, 256))} is not found.`);
      if (!asked.startsWith('arn:') && !uuid.test(asked)) throw new AwsError('NotFoundException', `Invalid keyId '${asked.slice(0, 256)}'`);
      const arn = asked.startsWith('arn:') ? asked.slice(0, 256) : world.arn('kms', `key/${asked}`);
      throw new AwsError('NotFoundException', `Key '${arn}' does not exist`);
    },

    scheduleDeletion: (key: Key, days: number): void => {
      const at = clock.now() + days * day;
      key.state = 'PendingDeletion';
      key.deletedAt = at;
      clock.at(at, () => {
        if (key.state === 'PendingDeletion' && key.deletedAt === at) remove(key);
      });
    },
  };
};

export type Keys = ReturnType<typeof createKeys>;
