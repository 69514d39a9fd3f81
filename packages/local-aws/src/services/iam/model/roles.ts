import type { Random } from '../../../core/random.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { type Policy, type PolicyText, readPolicy, textOfPolicy } from './document.ts';

export type Written = { text: string; policy: Policy };

export type Role = {
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly id: string;
  readonly createdAt: number;
  readonly description: string | undefined;
  readonly maxSessionSeconds: number;
  readonly tags: ReadonlyMap<string, string>;
  trust: Written;
  /** By their names. */
  readonly inline: Map<string, Written>;
  /** Policies of the account or of AWS, by their ARNs. */
  readonly attached: Map<string, Written>;
  boundary: (Written & { arn: string }) | undefined;
};

/** A role as whoever sets a world up writes it. */
export type PlacedRole = {
  name: string;
  path?: string;
  /** Its AssumeRolePolicyDocument. */
  trust: PolicyText;
  /** Inline policies by their names. */
  policies?: Readonly<Record<string, PolicyText>>;
  /** The ARN of a managed policy, or a policy itself. */
  boundary?: PolicyText;
  description?: string;
  /** 3600 to 43,200; 3600 unless told otherwise. */
  maxSessionSeconds?: number;
  tags?: Readonly<Record<string, string>>;
};

const writing = (written: PolicyText, kind: 'identity' | 'trust'): Written => ({
  text: textOfPolicy(written),
  policy: readPolicy(written, kind),
});

const statement = (Effect: 'Allow' | 'Deny') => ({ Version: '2012-10-17', Statement: { Effect, Action: '*', Resource: '*' } });
/** Of the policies that AWS itself keeps, those that say all in one sentence. */
const awsPolicies: Readonly<Record<string, Written>> = {
  AdministratorAccess: writing(statement('Allow'), 'identity'),
  AWSDenyAll: writing(statement('Deny'), 'identity'),
};

const noSuch = (what: string) => new AwsError('NoSuchEntity', `${what} cannot be found.`, 404);
const invalid = (message: string) => new AwsError('ValidationError', message);

const checkName = (name: string, what: string, most: number): void => {
  if (!/^[\w+=,.@-]+$/.test(name) || name.length > most)
    throw invalid(`The specified value for ${what} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`);
};

/** The roles and managed policies of one account, which all its regions share. */
export const createRoles = (account: string, partition: string, random: Random, now: () => number) => {
  const roles = new Map<string, Role>();
  const managed = new Map<string, Written & { name: string; id: string; createdAt: number }>();
  const id = (prefix: string) => `${prefix}${random.hex(17).toUpperCase()}`;

  const managedPolicy = (arn: string): Written => {
    const ofAws = new RegExp(`^arn:${partition}:iam::aws:policy/(.+)$`).exec(arn)?.[1];
    const found = ofAws === undefined ? managed.get(arn) : Object.hasOwn(awsPolicies, ofAws) ? awsPolicies[ofAws] : undefined;
    if (!found) throw noSuch(`Policy ${arn.slice(0, 200)} does not exist or is not attachable, or`);
    return found;
  };

  const boundaryOf = (written: PolicyText): Role['boundary'] => {
    if (typeof written === 'string' && written.startsWith('arn:')) return { arn: written, ...managedPolicy(written) };
    return { arn: `arn:${partition}:iam::${account}:policy/boundary`, ...writing(written, 'identity') };
  };

  const put = (placed: PlacedRole): Role => {
    const { name, path = '/', trust, policies = {}, boundary, description, maxSessionSeconds = 3600, tags = {} } = placed;
    checkName(name, 'roleName', 64);
    if (!/^\/([!-~]*\/)?$/.test(path)) throw invalid('The specified value for path is invalid.');
    if (!(Number.isInteger(maxSessionSeconds) && maxSessionSeconds >= 3600 && maxSessionSeconds <= 43_200))
      throw invalid('MaxSessionDuration must have a value from 3600 to 43200');
    const before = roles.get(name);
    const role: Role = {
      name,
      path,
      arn: `arn:${partition}:iam::${account}:role${path}${name}`,
      id: before?.id ?? id('AROA'),
      createdAt: before?.createdAt ?? now(),
      description,
      maxSessionSeconds,
      tags: new Map(Object.entries(tags)),
      trust: writing(trust, 'trust'),
      inline: new Map(Object.entries(policies).map(([policyName, text]) => [policyName, writing(text, 'identity')])),
      attached: new Map(),
      boundary: boundary === undefined ? undefined : boundaryOf(boundary),
    };
    roles.set(name, role);
    return role;
  };

  const expect = (name: string): Role => {
    const role = roles.get(name);
    if (!role) throw noSuch(`The role with name ${name.slice(0, 64)}`);
    return role;
  };

  return {
    put,
    /** As `CreateRole` does: never in the place of another one. */
    create: (placed: PlacedRole): Role => {
      if (roles.has(placed.name)) throw new AwsError('EntityAlreadyExists', `Role with name ${placed.name} already exists.`, 409);
      return put(placed);
    },
    get: (name: string): Role | undefined => roles.get(name),
    byArn: (arn: string): Role | undefined => {
      const role = roles.get(arn.slice(arn.lastIndexOf('/') + 1));
      return role?.arn === arn ? role : undefined;
    },
    expect,
    all: (): Role[] => [...roles.values()],
    remove: (name: string): void => {
      const { inline, attached } = expect(name);
      if (inline.size + attached.size > 0) throw new AwsError('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409);
      roles.delete(name);
    },
    trust: (name: string, text: PolicyText): void => {
      expect(name).trust = writing(text, 'trust');
    },
    putInline: (name: string, policyName: string, text: PolicyText): void => {
      checkName(policyName, 'policyName', 128);
      expect(name).inline.set(policyName, writing(text, 'identity'));
    },
    removeInline: (name: string, policyName: string): void => {
      if (!expect(name).inline.delete(policyName)) throw noSuch(`The role policy with name ${policyName.slice(0, 128)}`);
    },
    attach: (name: string, arn: string): void => {
      expect(name).attached.set(arn, managedPolicy(arn));
    },
    detach: (name: string, arn: string): void => {
      if (!expect(name).attached.delete(arn)) throw noSuch(`Policy ${arn.slice(0, 200)} was not attached to role, or`);
    },
    bound: (name: string, boundary: PolicyText | undefined): void => {
      expect(name).boundary = boundary === undefined ? undefined : boundaryOf(boundary);
    },
    createPolicy: (name: string, text: PolicyText, path = '/') => {
      checkName(name, 'policyName', 128);
      const arn = `arn:${partition}:iam::${account}:policy${path}${name}`;
      if (managed.has(arn)) throw new AwsError('EntityAlreadyExists', `A policy called ${name} already exists.`, 409);
      const made = { name, id: id('ANPA'), createdAt: now(), ...writing(text, 'identity') };
      managed.set(arn, made);
      return { arn, ...made };
    },
  };
};

export type Roles = ReturnType<typeof createRoles>;

/** What a role itself permits. */
export const policiesOf = ({ inline, attached }: Role): Policy[] => [...inline.values(), ...attached.values()].map(({ policy }) => policy);
