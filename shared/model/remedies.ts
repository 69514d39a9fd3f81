import type * as z from 'zod';
import { commandSchemas } from './command.ts';
import { type FailureId, failureIds } from './failure-id.ts';
import { type PlaybookId, playbookIds } from './playbook-id.ts';
import { oneOf, settingsFor } from './settings.ts';

/** The parts of the policy that name a remedy for a class of failure. Kept apart so that `intake` need not parse the others. */
export const remedySchemas = {
  playbooks: settingsFor(failureIds, oneOf([...playbookIds, 'none']))
    .default({})
    .describe('Overrides the playbook of a failure class; none only reports it'),
  ...commandSchemas,
};
type RemedySettings = z.infer<z.ZodObject<typeof remedySchemas>>;

/** The playbooks of the classes that are only remediated where the policy names a remedy. */
export type Remedies = Readonly<Partial<Record<FailureId, PlaybookId>>>;

/** The playbooks that a command of the owner is a remedy by, for classes that have none without. */
const byCommand: Remedies = { 'application-down': 'restart-application', 'disk-full': 'clean-disk' };

/** What a policy names for which class: a command for all its resources, or a playbook. */
export const remediesIn = ({ playbooks, run }: RemedySettings): Remedies => {
  const remedies: Partial<Record<FailureId, PlaybookId>> = {};
  for (const { when } of run) {
    const playbook = when.tag === undefined ? byCommand[when.failure] : undefined;
    if (playbook) remedies[when.failure] = playbook;
  }
  for (const [failure, playbook] of Object.entries(playbooks) as [FailureId, PlaybookId | 'none'][]) {
    if (playbook === 'none') delete remedies[failure];
    else remedies[failure] = playbook;
  }
  return remedies;
};
