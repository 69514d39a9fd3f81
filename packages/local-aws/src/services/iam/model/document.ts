import * as z from 'zod';
import { AwsError } from '../../../wire/protocol/errors.ts';

const several = z
  .union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number(), z.boolean()])).min(1)])
  .transform((one) => (Array.isArray(one) ? one : [one]).map(String));

/** Operators with the keys that they look at, and what those are compared with. What an operator is, the judge knows. */
const condition = z.record(z.string(), z.record(z.string(), several));

const principal = z.preprocess(
  (written) => (written === '*' ? { AWS: '*' } : written),
  z.strictObject({ AWS: several.optional(), Service: several.optional() }),
);

const statement = z
  .strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(['Allow', 'Deny']),
    Principal: principal.optional(),
    Action: several.optional(),
    NotAction: several.optional(),
    Resource: several.optional(),
    NotResource: several.optional(),
    Condition: condition.optional(),
  })
  .refine(({ Action, NotAction }) => (Action === undefined) !== (NotAction === undefined), 'needs either Action or NotAction')
  .refine(({ Resource, NotResource }) => Resource === undefined || NotResource === undefined, 'has both Resource and NotResource');

const policy = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: z.string().optional(),
  Statement: z.preprocess((one) => (Array.isArray(one) ? one : [one]), z.array(statement)),
});

/** What a policy is attached to says which elements its statements have: an identity, a role's trust, or a resource. */
export type PolicyKind = 'identity' | 'trust' | 'resource';

export type Statement = z.output<typeof statement>;
export type Policy = z.output<typeof policy>;
/** A policy as it is written: its JSON, or what that stands for. */
export type PolicyText = string | object;

const misplaced: Readonly<Record<PolicyKind, (one: Statement) => string | false>> = {
  identity: ({ Principal, Resource, NotResource }) =>
    (Principal !== undefined && 'Policy document should not specify a principal.') ||
    (Resource === undefined && NotResource === undefined && 'Policy statement must contain resources.'),
  trust: ({ Principal, Resource, NotResource }) =>
    (Principal === undefined && 'A trust policy names a principal.') ||
    ((Resource !== undefined || NotResource !== undefined) && 'Has prohibited field Resource'),
  resource: ({ Principal }) => Principal === undefined && 'A policy of a resource names a principal.',
};

export const textOfPolicy = (written: PolicyText): string => (typeof written === 'string' ? written : JSON.stringify(written));

/**
 * Reads a policy. An element that this AWS doesn't know is refused and not passed over.
 * @throws {AwsError} `MalformedPolicyDocument`, or what `code` says
 */
export const readPolicy = (written: PolicyText, kind: PolicyKind, code = 'MalformedPolicyDocument'): Policy => {
  let value: unknown;
  try {
    value = JSON.parse(textOfPolicy(written));
  } catch {
    throw new AwsError(code, 'This policy contains invalid Json');
  }
  const read = policy.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new AwsError(code, `The local AWS can't judge by this policy: ${issue?.path.map(String).join('.')}: ${issue?.message}`);
  }
  for (const one of read.data.Statement) {
    const why = misplaced[kind](one);
    if (why) throw new AwsError(code, why);
  }
  return read.data;
};
