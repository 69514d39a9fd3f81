import type * as z from 'zod';
import { type FailureId, failureIds } from './failure-id.ts';
import { type PlaybookId, playbookIds } from './playbook-id.ts';
import { oneOf, settingsFor } from './settings.ts';

/** The parts of the policy that name a remedy for a class of failure. Kept apart so that `intake` need not parse the others. */
export const remedySchemas = {
  playbooks: settingsFor(failureIds, oneOf([...playbookIds, 'none']))
    .default({})
    .describe('Overrides the playbook of a failure class; none only reports it'),
};
type RemedySettings = z.infer<z.ZodObject<typeof remedySchemas>>;

/** The playbooks of the classes that are only remediated where the policy names a remedy. */
export type Remedies = Readonly<Partial<Record<FailureId, PlaybookId>>>;

/** What a policy names for which class. */
export const remediesIn = ({ playbooks }: RemedySettings): Remedies =>
  Object.fromEntries(Object.entries(playbooks).filter(([, playbook]) => playbook !== 'none'));
