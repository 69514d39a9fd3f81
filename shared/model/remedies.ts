import type * as z from 'zod';
import { commandSchemas } from './command.ts';
import { customPlaybookSchemas } from './custom-playbook.ts';
import { type FailureId, failureIds } from './failure-id.ts';
import { type BuiltInPlaybookId, type PlaybookId, playbookId } from './playbook-id.ts';
import { oneOf, settings, settingsFor } from './settings.ts';

/** The parts of the policy that name a remedy for a class of failure. Kept apart so that `intake` need not parse the others. */
export const remedySchemas = {
  playbooks: settingsFor(failureIds, playbookId).default({}).describe('Overrides the playbook of a failure class; none only reports it'),
  ...commandSchemas,
  ...customPlaybookSchemas,
  databases: settings({
    reboot: oneOf(['off', 'on']).default('off').describe('Whether one that an alarm shows as impaired may be rebooted'),
    approval: oneOf(['required', 'waived']).default('required').describe('Whether a person is asked before a database is interrupted'),
  })
    .prefault({})
    .describe('What may be done to database instances of RDS that are opted in; nothing that is not named here'),
};
export type RemedySettings = z.infer<z.ZodObject<typeof remedySchemas>>;

/** The playbooks of the classes that are only remediated where the policy names a remedy. */
export type Remedies = Readonly<Partial<Record<FailureId, PlaybookId>>>;

/** The playbooks that a command of the owner is a remedy by, for classes that have none without. */
const byCommand: Remedies = { 'application-down': 'restart-application', 'disk-full': 'clean-disk' };

/** Settings of their own without which some playbooks never run, and the built-in playbook that each names for a class. */
const apart: readonly { setting: string; isOn: (given: RemedySettings) => boolean; failure: FailureId; playbook: BuiltInPlaybookId }[] = [
  {
    setting: 'databases.reboot',
    isOn: ({ databases }) => databases.reboot === 'on',
    failure: 'database-impaired',
    playbook: 'reboot-database',
  },
];

/** The settings that are off. */
export const settingsOff = (given: RemedySettings): string[] => apart.flatMap(({ setting, isOn }) => (isOn(given) ? [] : [setting]));

/** What a policy names for which class: a setting of its own, a command for all its resources, or a playbook. */
export const remediesIn = (given: RemedySettings): Remedies => {
  const remedies: Partial<Record<FailureId, PlaybookId>> = {};
  for (const { isOn, failure, playbook } of apart) if (isOn(given)) remedies[failure] = playbook;
  for (const { when } of given.run) {
    const playbook = when.tag === undefined ? byCommand[when.failure] : undefined;
    if (playbook) remedies[when.failure] = playbook;
  }
  for (const [failure, playbook] of Object.entries(given.playbooks) as [FailureId, PlaybookId][]) {
    if (playbook === 'none') delete remedies[failure];
    else if (!apart.some((one) => one.playbook === playbook && !one.isOn(given))) remedies[failure] = playbook;
  }
  return remedies;
};
