import * as z from 'zod';

/** What a person can do to a deployment by the command line; answers also on the approval page. */
export const actKinds = ['switch', 'pause', 'resume', 'stop', 'approve', 'reject'] as const;

/** What a person did. */
export const actSchema = z.object({
  id: z.string(),
  /** Milliseconds since the epoch. */
  at: z.number(),
  /** The ARN of whoever did it, as AWS sees the credentials; on the approval page, the source IP address. */
  by: z.string(),
  /** The name that was typed on the approval page, unverified. */
  name: z.string().optional(),
  kind: z.enum(actKinds),
  /** In words: the position, the resource, the question. */
  what: z.string(),
  /** The key of the incident that it is about. */
  incident: z.string().nullable(),
  /** Why, as given; null if no reason was. */
  because: z.string().nullable(),
});
export type Act = z.infer<typeof actSchema>;

/** The name that an ARN ends with, such as `admin/alice`: for people. */
export const nameInArn = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1).replace(/^(?:user|assumed-role)\//, '');

/** A person's order that an incident takes no further action. */
export const stopSchema = actSchema.pick({ at: true, by: true, because: true });
export type Stop = z.infer<typeof stopSchema>;

/** Such as `stopped by admin/alice because of the migration`. */
export const tellStop = ({ by, because }: Stop): string => `stopped by ${nameInArn(by)}${because === null ? '' : ` because ${because}`}`;

/** The longest reason, in characters. */
export const longestBecause = 300;
