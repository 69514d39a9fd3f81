import * as z from 'zod';
import { type ActionId, actionIds } from './action-id.ts';
import { commandName } from './command.ts';
import { conditionIds } from './condition-id.ts';
import { limit } from './duration.ts';
import { type FailureId, failureIds } from './failure-id.ts';
import { healthCheckIds } from './health-check-id.ts';
import type { Abilities } from './playbook-abilities.ts';
import { playbookId, playbookIds } from './playbook-id.ts';
import type { ResourceType } from './resource.ts';
import { oneOf, settings } from './settings.ts';

const checks = z.array(oneOf(healthCheckIds)).min(1).max(10);
const when = z.array(oneOf(conditionIds)).max(10).default([]).describe('Conditions that must all hold, or the step is left out');
const text = z.string().min(1).max(300);

const actStep = settings({
  do: oneOf(actionIds).describe('The action'),
  with: settings({ command: commandName.describe('The name of one of the commands') })
    .optional()
    .describe('Which command run-command runs; without it, the one that run names for the failure'),
  when,
  tries: z.int().min(1).max(5).default(1).describe('How often the action may be done before the next step'),
  within: limit('1m', '2h').default('15m').describe('How long its effect may take'),
  healthy: checks.optional().describe('What counts as healed after this step, where it differs from the playbook'),
  backoff: settings({
    initial: limit('1s', '1h').default('15s').describe('The bound of the first wait'),
    cap: limit('1s', '1h').default('5m').describe('The bound of every wait'),
    attempts: z.int().min(1).max(10).default(5).describe('How often the call is made in all'),
  })
    .prefault({})
    .describe('Waits between tries'),
});
const waitStep = settings({
  wait: text.describe('Who or what heals it meanwhile'),
  atMost: limit('10s', '2h').describe('How long to wait'),
  when,
  or: checks.optional().describe('Checks that also count as healed, such as that its group has replaced it'),
  grace: oneOf(['group']).optional().describe('Wait at least as long as its group gives a new member'),
});
const maintenanceStep = settings({
  until: oneOf(['maintenance-window']).describe('Wait for the next maintenance window, but not past the incident’s deadline'),
});
const step = z.union([actStep, waitStep, maintenanceStep]);

const customPlaybook = settings({
  id: playbookId
    .refine((id) => !(playbookIds as readonly string[]).includes(id), { error: 'is the id of a built-in playbook' })
    // An execution with another version of the policy looks it up, and would find what every object has.
    .refine((id) => !(id in {}), { error: 'is a name that JavaScript has a meaning for: choose another' })
    .describe('Its id, which no built-in playbook has'),
  summary: text.describe('What it does, in a sentence'),
  treats: z.array(oneOf(failureIds)).min(1).max(failureIds.length).describe('The failure classes that it is for'),
  failing: checks.describe('One of these checks must show the failure before any action'),
  healthy: checks.describe('All of these checks must pass twice before the incident counts as healed'),
  passes: z.int().min(1).max(10).optional().describe('How often it may begin anew where it heals one part of the resource at a time'),
  steps: z.array(step).min(1).max(20).describe('What to do, least disruptive first; after the last step a person is notified'),
});
export type CustomPlaybook = z.infer<typeof customPlaybook>;
export type CustomStep = CustomPlaybook['steps'][number];

/** The part of the policy with playbooks of its own. */
export const customPlaybookSchemas = {
  customPlaybooks: z
    .array(customPlaybook)
    .max(100)
    .default([])
    .describe('Playbooks of your own, of the same actions, conditions and health checks as the built-in ones'),
};

/** The types of resource that an action is done to, as the subject of an incident or found from it. */
export const targetsOfAction: Readonly<Record<ActionId, readonly ResourceType[]>> = {
  'grow-volume': ['instance'],
  'extend-file-system': ['instance'],
  'list-disks': ['instance'],
  'add-reader': ['database'],
  'add-replica': ['database'],
  'fail-over-cluster': ['database'],
  'grow-storage': ['database'],
  'promote-replica': ['database'],
  'raise-concurrency': ['service'],
  'reboot-database': ['database'],
  'reboot-instance': ['instance'],
  redrive: ['queue'],
  'replace-container-instance': ['instance'],
  'replace-member': ['instance'],
  'restart-service': ['service'],
  'restore-validation-record': ['certificate'],
  'roll-back-service': ['service'],
  'rollback-alias': ['service'],
  'run-command': ['instance'],
  'scale-out': ['group', 'instance'],
  'scale-service': ['service'],
  'start-instance': ['instance'],
  'stop-start-instance': ['instance'],
  'stop-task': ['task'],
};

/** Classes whose incidents are about something that leads to instances. */
const leadTo: Readonly<Partial<Record<FailureId, readonly ResourceType[]>>> = { 'target-unhealthy': ['target-group', 'load-balancer'] };

/** Settings of the policy without which an action never happens. */
const settingsOfAction: Readonly<Partial<Record<ActionId, string>>> = {
  'grow-volume': 'disks',
  'extend-file-system': 'disks',
  'list-disks': 'disks',
  'add-reader': 'readers',
  'add-replica': 'readers',
  'fail-over-cluster': 'databases.failover',
  'grow-storage': 'databases.storage',
  'promote-replica': 'databases.promote',
  'raise-concurrency': 'lambda.concurrency',
  'reboot-database': 'databases.reboot',
  redrive: 'redrive',
  'replace-container-instance': 'ecs.hosts',
  'restart-service': 'ecs.restart',
  'restore-validation-record': 'certificates.zones',
  'roll-back-service': 'ecs.rollback',
  'rollback-alias': 'lambda.rollback',
  'scale-service': 'ecs.scale',
};

/** What a playbook of the policy can do. */
export const abilitiesOf = ({ treats, failing, healthy, steps }: CustomPlaybook): Abilities => {
  const actions = [...new Set(steps.flatMap((one) => ('do' in one ? [one.do] : [])))];
  const settings = [...new Set(actions.flatMap((id) => settingsOfAction[id] ?? []))];
  const subjects = [...actions.flatMap((id) => targetsOfAction[id]), ...treats.flatMap((failure) => leadTo[failure] ?? [])];
  return {
    subjects: [...new Set(subjects)],
    actions,
    looksFor: failing,
    proves: healthy,
    treats,
    // A setting of its own is needed for what a built-in playbook needs it for.
    ...(settings.length > 0 ? { settings } : {}),
  };
};
