import * as z from 'zod';

const texts = z.union([z.string(), z.array(z.string())]).transform((one) => [one].flat());

/** The statements of a policy that a role, a topic or another resource has, as AWS keeps it: one or several of everything. */
export const policyDocumentSchema = z.object({
  Statement: z.preprocess(
    (one) => [one].flat(),
    z.array(
      z.object({
        Effect: z.enum(['Allow', 'Deny']),
        Principal: z
          .union([z.string(), z.record(z.string(), texts)])
          .transform((one) => (typeof one === 'string' ? [one] : Object.values(one).flat())),
        Action: texts,
        Condition: z.record(z.string(), z.record(z.string(), texts)).default({}),
      }),
    ),
  ),
});
export type Statement = z.output<typeof policyDocumentSchema>['Statement'][number];

/** The one value that a statement asks for by an operator; undefined where it asks for none, or for any of several. */
export const asksFor = ({ Condition }: Statement, operator: string, key: string): string | undefined => {
  const values = Object.entries(Condition[operator] ?? {}).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1] ?? [];
  return values.length === 1 ? values[0] : undefined;
};

/** Whether a statement asks for one organisation. */
export const asksForOrganization = (statement: Statement): boolean =>
  /^o-[a-z0-9]{10,32}$/.test(asksFor(statement, 'StringEquals', 'aws:PrincipalOrgID') ?? '');
