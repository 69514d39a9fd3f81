import * as z from 'zod';
import { AwsError } from '../../../wire/protocol/errors.ts';

const several = z.union([z.string(), z.array(z.string()).min(1)]).transform((one) => (typeof one === 'string' ? [one] : one));

/** The conditions that an AWS service acting for its caller is held against. What stands here and nowhere else is understood. */
const condition = z.strictObject({
  Bool: z
    .strictObject({
      'kms:GrantIsForAWSResource': z
        .union([z.boolean(), z.enum(['true', 'false'])])
        .transform(String)
        .optional(),
    })
    .optional(),
  StringEquals: z
    .strictObject({
      'kms:ViaService': several.optional(),
      'kms:CallerAccount': several.optional(),
      'aws:SourceAccount': several.optional(),
    })
    .optional(),
});

const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.union([z.literal('*'), z.strictObject({ AWS: several.optional(), Service: several.optional() })]),
  Action: several.refine((actions) => actions.every((action) => /^[^*?]+\*?$|^\*$/.test(action)), {
    error: 'a wildcard may only stand at the end of an action',
  }),
  Resource: several.refine((resources) => resources.every((resource) => resource === '*'), {
    error: "a key's policy is about '*', the key",
  }),
  Condition: condition.optional(),
});

const policySchema = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: z.string().optional(),
  Statement: z.union([statement, z.array(statement)]).transform((one) => (Array.isArray(one) ? one : [one])),
});

export type KeyPolicy = z.output<typeof policySchema>;

/** Who asks for what, and through which service where he doesn't ask himself. */
export type Asked = { principal: string; action: string; account: string; partition: string; via?: string };

/** Reads a key's policy. What this AWS couldn't judge by is refused, and not passed over. */
export const readPolicy = (text: string): KeyPolicy => {
  const malformed = (why: string) => new AwsError('MalformedPolicyDocumentException', why);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('The policy is not JSON.');
  }
  const read = policySchema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw malformed(`The local AWS can't judge by this policy: ${issue?.path.map(String).join('.')}: ${issue?.message}`);
};

/** What a key has whose creator names no policy. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
export const defaultPolicy = ({ account, partition }: { account: string; partition: string }): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:${partition}:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });

const covers = (pattern: string, action: string): boolean => {
  const [wanted, given] = [pattern.toLowerCase(), action.toLowerCase()];
  return wanted.endsWith('*') ? given.startsWith(wanted.slice(0, -1)) : wanted === given;
};

type Statement = KeyPolicy['Statement'][number];

const meets = ({ Condition }: Statement, { via, account }: Asked): boolean => {
  const forResource = Condition?.Bool?.['kms:GrantIsForAWSResource'];
  const services = Condition?.StringEquals?.['kms:ViaService'];
  const accounts = Condition?.StringEquals?.['kms:CallerAccount'];
  // Only a service that asks for itself has one, and none of them asks here.
  if (Condition?.StringEquals?.['aws:SourceAccount'] !== undefined) return false;
  if (forResource !== undefined && forResource !== String(via !== undefined)) return false;
  if (services !== undefined && (via === undefined || !services.includes(via))) return false;
  return accounts === undefined || accounts.includes(account);
};

/** Whether a statement names the caller himself, or his account and so whoever the account's own policies allow it to. */
const names = ({ Principal }: Statement, { principal, account, partition }: Asked): 'caller' | 'account' | null => {
  if (Principal === '*') return 'caller';
  const named = Principal.AWS ?? [];
  if (named.includes('*') || named.includes(principal)) return 'caller';
  return named.includes(account) || named.includes(`arn:${partition}:iam::${account}:root`) ? 'account' : null;
};

/**
 * What a key's policy says: `delegate` leaves it to the policies of the account. A refusal outweighs every permission.
 * https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
 */
export const judge = ({ Statement }: KeyPolicy, asked: Asked): 'allow' | 'deny' | 'delegate' | 'silent' => {
  const said = Statement.flatMap((one) => {
    const whom = names(one, asked);
    if (whom === null || !one.Action.some((pattern) => covers(pattern, asked.action)) || !meets(one, asked)) return [];
    return [one.Effect === 'Deny' ? 'deny' : whom === 'caller' ? 'allow' : 'delegate'] as const;
  });
  return (['deny', 'allow', 'delegate'] as const).find((verdict) => said.includes(verdict)) ?? 'silent';
};
