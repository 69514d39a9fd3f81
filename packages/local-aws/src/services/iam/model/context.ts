import { principalOf } from '../../../core/principal.ts';
import type { Session } from '../../../core/session.ts';
import type { World } from '../../../core/world.ts';
import type { Call } from '../../../wire/gateway.ts';
import type { Ask } from './condition.ts';
import type { Identity } from './identity.ts';
import type { Resource } from './requested.ts';

type Tags = readonly { Key?: string; Value?: string; key?: string; value?: string }[];
type Values = readonly string[] | undefined;

const one = (value: string | undefined): Values => (value === undefined ? undefined : [value]);

/**
 * The value of a tag. Its name has no case in a condition, and names that only their case tells apart match none.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourcetag
 */
export const tagNamed = (tags: ReadonlyMap<string, string> | undefined, name: string): Values => {
  const found = [...(tags ?? [])].filter(([key]) => key.toLowerCase() === name.toLowerCase());
  return found.length === 1 ? found.map(([, value]) => value) : undefined;
};

/** Keys of conditions that are about the caller. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
export const callerKeys = (
  world: Pick<World, 'account' | 'partition' | 'region' | 'sessionOf'>,
  identity: Identity,
  accessKey: string,
): Readonly<Record<string, Values>> => {
  const { grantee, principalId } = principalOf(world, accessKey);
  const session = world.sessionOf(accessKey);
  const account = session?.account ?? world.account;
  return {
    'aws:principalarn': [grantee],
    'aws:principalaccount': [account],
    'aws:principalorgid': one(identity.organizationOf(account)),
    'aws:principaltype': [session ? 'AssumedRole' : 'User'],
    'aws:userid': [principalId],
    'aws:sourceidentity': one(session?.sourceIdentity),
    'aws:requestedregion': [world.region],
    'aws:securetransport': ['true'],
    'aws:viaawsservice': ['false'],
    'aws:principalisawsservice': ['false'],
    // Only a service that asks for itself has these.
    'aws:sourceaccount': undefined,
    'aws:sourceorgid': undefined,
    'aws:sourcearn': undefined,
  };
};

const requestTags = ({ input }: Pick<Call, 'input'>): ReadonlyMap<string, string> => {
  const specified = ((input.TagSpecifications ?? []) as { Tags?: Tags }[]).flatMap(({ Tags: own = [] }) => own);
  const given = input.Tags ?? input.tags ?? [];
  const all = Array.isArray(given) ? [...(given as Tags), ...specified] : specified;
  const named = Array.isArray(given) ? [] : Object.entries(given as Record<string, string>);
  return new Map([...all.map(({ Key, Value, key, value }): [string, string] => [Key ?? key ?? '', Value ?? value ?? '']), ...named]);
};

type Entry = { Source?: string; DetailType?: string };
type Change = { Action?: string; ResourceRecordSet?: { Name?: string; Type?: string } };

const changes = ({ input }: Call): Change[] => (input.ChangeBatch as { Changes?: Change[] } | undefined)?.Changes ?? [];
const entries = ({ input }: Call): Entry[] => (input.Entries as Entry[] | undefined) ?? [];

/** A table's partition keys that a call names: those of its keys and items, or of the condition of a query, which isn't read. */
const leadingKeys = ({ input, operation }: Call, hashKey: (table: string) => string | undefined): Values | 'unknown' => {
  type Item = Record<string, { S?: string; N?: string }>;
  type Batch = { Keys?: unknown[] } | { PutRequest?: { Item?: unknown }; DeleteRequest?: { Key?: unknown } }[];
  const of = (table: unknown, item: unknown): string[] => {
    const value = (item as Item | undefined)?.[hashKey(String(table)) ?? ''];
    const text = value?.S ?? value?.N;
    return text === undefined ? [] : [text];
  };
  const tables = input.RequestItems ? Object.keys(input.RequestItems) : [String(input.TableName)];
  if (operation === 'Query' || tables.some((table) => hashKey(table) === undefined)) return 'unknown';
  if (input.RequestItems)
    return Object.entries(input.RequestItems as Record<string, Batch>).flatMap(([table, asked]) => {
      const keys = Array.isArray(asked) ? asked.map((one) => one.PutRequest?.Item ?? one.DeleteRequest?.Key) : (asked.Keys ?? []);
      return keys.flatMap((key) => of(table, key));
    });
  const keys = of(input.TableName, input.Key ?? input.Item);
  return keys.length > 0 ? keys : undefined;
};

/** Keys of services' own conditions. */
const serviceKeys: Readonly<Record<string, (call: Call, hashKey: (table: string) => string | undefined) => Values | 'unknown'>> = {
  'events:source': (call) => entries(call).flatMap(({ Source }) => Source ?? []),
  'events:detail-type': (call) => entries(call).flatMap(({ DetailType }) => DetailType ?? []),
  'cloudwatch:namespace': ({ input }) => one(input.Namespace as string | undefined),
  'dynamodb:leadingkeys': leadingKeys,
  'route53:changeresourcerecordsetsnormalizedrecordnames': (call) =>
    changes(call).flatMap(({ ResourceRecordSet }) => (ResourceRecordSet?.Name ?? '').toLowerCase().replace(/\.$/, '')),
  'route53:changeresourcerecordsetsrecordtypes': (call) => changes(call).flatMap(({ ResourceRecordSet }) => ResourceRecordSet?.Type ?? []),
  'route53:changeresourcerecordsetsactions': (call) => changes(call).flatMap(({ Action }) => Action ?? []),
};

/** Prefixes of keys by which services know the tags of a resource. */
const resourceTag = /^(?:aws:resourcetag|(?:ec2|autoscaling|ecs|ssm|elasticloadbalancing):resourcetag|rds:(?:db|cluster)-tag)\/(.+)$/i;

export type ContextOptions = {
  world: World;
  identity: Identity;
  /** The name of a table's partition key; undefined for a table that nobody knows. */
  hashKey(table: string): string | undefined;
};

/** What the conditions of policies see of a session's call to one resource. */
export const contextOf = ({ world, identity, hashKey }: ContextOptions, session: Session, call: Call) => {
  const caller = callerKeys(world, identity, session.accessKey);
  const roleTags = identity.roles(session.account)?.byArn(session.role.arn)?.tags;
  const requested = requestTags(call);
  return (resource: Resource): Ask => {
    let tags: ReadonlyMap<string, string> | undefined;
    const account = resource.arn.split(':')[4] || world.account;
    return (key) => {
      const lower = key.toLowerCase();
      if (Object.hasOwn(caller, lower)) return caller[lower];
      if (lower === 'aws:resourceaccount') return [account];
      if (lower === 'aws:resourceorgid') return one(identity.organizationOf(account));
      if (lower === 'aws:tagkeys') return requested.size > 0 ? [...requested.keys()] : undefined;
      const name = key.slice(key.indexOf('/') + 1);
      if (lower.startsWith('aws:requesttag/')) return tagNamed(requested, name);
      if (lower.startsWith('aws:principaltag/')) return tagNamed(session.tags, name) ?? tagNamed(roleTags, name);
      if (resourceTag.test(key)) {
        tags ??= resource.tags();
        return tagNamed(tags, name);
      }
      return Object.hasOwn(serviceKeys, lower) ? serviceKeys[lower]?.(call, hashKey) : 'unknown';
    };
  };
};
