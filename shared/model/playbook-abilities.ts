import type { ActionId } from './action-id.ts';
import type { PlaybookId } from './playbook-id.ts';
import type { ResourceType } from './resource.ts';

type Abilities = {
  /** What it can treat. */
  subjects: readonly ResourceType[];
  /** What its rungs do. */
  actions: readonly ActionId[];
  /** The health checks that must find the failure there before anything is done. */
  looksFor: readonly string[];
};

const restarting: Abilities = {
  subjects: ['instance'],
  actions: ['reboot-instance', 'stop-start-instance', 'replace-member'],
  looksFor: ['status-checks-pass'],
};

/**
 * What each playbook can do, for whoever only names one: like the ids it stands apart from the playbooks, so that `intake` and a check
 * of the policy don't bundle the clients of their actions. A test holds it to the ladders.
 */
export const abilities: Readonly<Record<PlaybookId, Abilities>> = {
  'recover-host': { subjects: ['instance'], actions: ['stop-start-instance', 'replace-member'], looksFor: ['status-checks-pass'] },
  'restart-instance': restarting,
  'restore-status-checks': restarting,
  'start-instance': { subjects: ['instance'], actions: ['start-instance'], looksFor: ['status-checks-pass'] },
  'leave-retiring-host': { subjects: ['instance'], actions: ['stop-start-instance', 'replace-member'], looksFor: ['nothing-scheduled'] },
  'replace-ahead': { subjects: ['instance'], actions: ['replace-member'], looksFor: ['member-is-replaced'] },
  'scale-out': { subjects: ['group', 'instance'], actions: ['scale-out'], looksFor: ['alarm-fires'] },
  'relieve-memory': {
    subjects: ['instance', 'group'],
    actions: ['scale-out', 'reboot-instance', 'replace-member'],
    looksFor: ['alarm-fires'],
  },
  'heal-targets': {
    subjects: ['target-group', 'load-balancer'],
    actions: ['reboot-instance', 'replace-member'],
    looksFor: ['targets-are-healthy'],
  },
};
