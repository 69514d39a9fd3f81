import * as z from 'zod';
import { wasDone } from './action-result.ts';
import { formatDuration } from './duration.ts';

/** What becomes of an instance's public address. */
const addresses = ['kept', 'changes', 'goes', 'none'] as const;
export type AddressAfter = (typeof addresses)[number];

/** What a person who decides on an action reads of it. A question of an earlier version has none of it. */
export const foreseenSchema = z.object({
  downtime: z
    .object({ seconds: z.number(), source: z.string().describe('An address of AWS’s documentation, policy, or assumed') })
    .nullable()
    .describe('How long what it is done to is expected to be away; null if nothing is interrupted'),
  address: z.enum(addresses).nullable().describe('What becomes of the public address of an instance; null if it is done to something else'),
  undo: z.string().nullable().describe('How it is undone; null if it can not be'),
  tried: z
    .array(z.object({ at: z.string(), action: z.string(), attempt: z.number(), result: z.string() }))
    .describe('What the incident has tried before, oldest first'),
});
export type Foreseen = z.infer<typeof foreseenSchema>;

const downtimeOf = ({ downtime }: Foreseen): string => {
  if (downtime === null) return 'none: it interrupts nothing';
  const time = formatDuration(downtime.seconds);
  if (downtime.source === 'policy') return `at most ${time} (the policy gives it no longer)`;
  return `about ${time} (${downtime.source === 'assumed' ? 'assumed' : 'by AWS’s documentation'})`;
};

const addressWords: Readonly<Record<AddressAfter, string>> = {
  kept: 'it is kept',
  changes: 'it changes, as it is not an elastic one',
  goes: 'it goes with the instance',
  none: 'it has none',
};

const triedOf = ({ tried }: Foreseen): string =>
  tried.length === 0
    ? 'nothing yet'
    : tried
        .map(
          ({ at, action, result }) =>
            `${action} at ${at.slice(11, 16)} UTC (${wasDone({ result }) ? 'done, and it has not healed it' : result})`,
        )
        .join('; ');

/** What will happen, as people read it: a term and what there is to say of it. */
export const foreseenWords = (foreseen: Foreseen): [term: string, text: string][] => [
  ['Expected downtime', downtimeOf(foreseen)],
  ...(foreseen.address === null ? [] : [['Public address', addressWords[foreseen.address]] as [string, string]]),
  ['To undo it', foreseen.undo ?? 'it can not be undone'],
  ['Tried so far', triedOf(foreseen)],
];
