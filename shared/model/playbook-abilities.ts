import type { ActionId } from './action-id.ts';
import type { FailureId } from './failure-id.ts';
import type { HealthCheckId } from './health-check-id.ts';
import type { BuiltInPlaybookId } from './playbook-id.ts';
import type { ResourceType } from './resource.ts';

export type Abilities = {
  /** The resource types that it can treat. */
  subjects: readonly ResourceType[];
  /** The actions of its rungs. */
  actions: readonly ActionId[];
  /** The health checks, one of which must confirm the failure before any action. */
  looksFor: readonly HealthCheckId[];
  /** The health checks that must all confirm that it is over. */
  proves: readonly HealthCheckId[];
  /** The only failure classes that it is for; for a built-in one, its checks say that. */
  treats?: readonly FailureId[];
  /** Settings of the policy of which one must be on; otherwise it never runs, whatever else names it. */
  settings?: readonly string[];
};

const restarting: Abilities = {
  subjects: ['instance'],
  actions: ['reboot-instance', 'stop-start-instance', 'replace-member'],
  looksFor: ['status-checks-pass'],
  proves: ['status-checks-pass', 'alarm-is-ok'],
};

/**
 * What each playbook can do, for code that only names one. Kept apart from the playbooks so that `intake` and the policy check don't bundle
 * the SDK clients of their actions. A test compares it with the playbooks.
 */
export const abilities: Readonly<Record<BuiltInPlaybookId, Abilities>> = {
  'recover-host': {
    subjects: ['instance'],
    actions: ['stop-start-instance', 'replace-member'],
    looksFor: ['status-checks-pass'],
    proves: ['status-checks-pass', 'alarm-is-ok'],
  },
  'restart-instance': restarting,
  'restore-status-checks': restarting,
  'start-instance': {
    subjects: ['instance'],
    actions: ['start-instance'],
    looksFor: ['status-checks-pass'],
    proves: ['status-checks-pass'],
  },
  'leave-retiring-host': {
    subjects: ['instance'],
    actions: ['stop-start-instance', 'replace-member'],
    looksFor: ['nothing-scheduled'],
    proves: ['nothing-scheduled', 'status-checks-pass'],
  },
  'replace-ahead': {
    subjects: ['instance'],
    actions: ['replace-member'],
    looksFor: ['member-is-replaced'],
    proves: ['member-is-replaced'],
  },
  'restart-application': {
    subjects: ['instance'],
    actions: ['run-command', 'reboot-instance', 'replace-member'],
    looksFor: ['alarm-fires'],
    proves: ['alarm-says-ok', 'status-checks-pass'],
  },
  'clean-disk': {
    subjects: ['instance'],
    actions: ['run-command', 'list-disks', 'extend-file-system', 'grow-volume'],
    looksFor: ['alarm-fires'],
    proves: ['volume-is-grown', 'alarm-says-ok'],
  },
  'scale-out': {
    subjects: ['group', 'instance'],
    actions: ['scale-out'],
    looksFor: ['alarm-fires'],
    proves: ['alarm-says-ok', 'group-is-whole'],
  },
  'relieve-memory': {
    subjects: ['instance', 'group'],
    actions: ['run-command', 'scale-out', 'reboot-instance', 'replace-member'],
    looksFor: ['alarm-fires'],
    proves: ['alarm-says-ok'],
  },
  'heal-targets': {
    subjects: ['target-group', 'load-balancer'],
    actions: ['stop-task', 'run-command', 'reboot-instance', 'stop-start-instance', 'replace-member'],
    looksFor: ['targets-are-healthy'],
    proves: ['targets-are-healthy', 'alarm-is-ok'],
  },
  'reboot-database': {
    subjects: ['database'],
    actions: ['reboot-database'],
    looksFor: ['database-is-available', 'alarm-fires'],
    proves: ['database-is-available', 'alarm-says-ok'],
    settings: ['databases.reboot'],
  },
  'catch-up-replica': {
    subjects: ['database'],
    actions: ['promote-replica', 'reboot-database'],
    looksFor: ['alarm-fires'],
    proves: ['database-is-available', 'alarm-says-ok'],
    settings: ['databases.reboot', 'databases.promote'],
  },
  'grow-storage': {
    subjects: ['database'],
    actions: ['grow-storage'],
    looksFor: ['alarm-fires'],
    proves: ['alarm-says-ok'],
    settings: ['databases.storage'],
  },
  'add-reader': {
    subjects: ['database'],
    actions: ['add-reader', 'add-replica'],
    looksFor: ['alarm-fires'],
    proves: ['alarm-says-ok'],
    settings: ['readers'],
  },
  'fail-over-cluster': {
    subjects: ['database'],
    actions: ['fail-over-cluster'],
    looksFor: ['writer-serves', 'alarm-fires'],
    proves: ['writer-serves', 'alarm-says-ok'],
    settings: ['databases.failover'],
  },
  'relieve-queue': {
    subjects: ['queue'],
    actions: ['redrive', 'scale-out', 'scale-service'],
    looksFor: ['alarm-fires'],
    proves: ['queue-is-relieved', 'alarm-says-ok'],
    settings: ['redrive', 'consumers'],
  },
  'heal-service': {
    subjects: ['service'],
    actions: ['roll-back-service', 'restart-service'],
    looksFor: ['service-is-steady'],
    proves: ['service-is-steady'],
    settings: ['ecs.rollback', 'ecs.restart'],
  },
  'scale-service': {
    subjects: ['service'],
    actions: ['scale-service'],
    looksFor: ['alarm-fires'],
    proves: ['alarm-says-ok'],
    settings: ['ecs.scale'],
  },
  'restore-agent': {
    subjects: ['instance'],
    actions: ['run-command', 'replace-container-instance'],
    looksFor: ['agent-is-connected'],
    proves: ['agent-is-connected'],
    settings: ['ecs.hosts'],
  },
  'rollback-alias': {
    subjects: ['service'],
    actions: ['rollback-alias'],
    looksFor: ['alarm-fires'],
    proves: ['release-is-well', 'alarm-says-ok'],
    settings: ['lambda.rollback'],
  },
  'renew-certificate': {
    subjects: ['certificate'],
    actions: ['restore-validation-record'],
    looksFor: ['validation-record-stands'],
    proves: ['validation-record-stands'],
    settings: ['certificates.zones'],
  },
  'raise-concurrency': {
    subjects: ['service'],
    actions: ['raise-concurrency'],
    looksFor: ['alarm-fires'],
    proves: ['alarm-says-ok'],
    settings: ['lambda.concurrency'],
  },
};
