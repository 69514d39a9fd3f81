import type { BuiltInPlaybookId } from '../model/playbook-id.ts';
import { addClusterReader } from './add-reader.ts';
import { catchUpReplica } from './catch-up-replica.ts';
import { cleanDisk } from './clean-disk.ts';
import { failOverDatabaseCluster } from './fail-over-cluster.ts';
import { growDatabaseStorage } from './grow-storage.ts';
import { healService } from './heal-service.ts';
import { healTargets } from './heal-targets.ts';
import { leaveRetiringHost } from './leave-retiring-host.ts';
import type { Playbook } from './playbook.ts';
import { raiseReservedConcurrency } from './raise-concurrency.ts';
import { rebootImpairedDatabase } from './reboot-database.ts';
import { recoverHost } from './recover-host.ts';
import { relieveMemory } from './relieve-memory.ts';
import { relieveQueue } from './relieve-queue.ts';
import { renewCertificate } from './renew-certificate.ts';
import { replaceAhead } from './replace-ahead.ts';
import { restartApplication } from './restart-application.ts';
import { restartInstance } from './restart-instance.ts';
import { restoreAgent } from './restore-agent.ts';
import { restoreStatusChecks } from './restore-status-checks.ts';
import { rollBackAlias } from './rollback-alias.ts';
import { scaleOutGroup } from './scale-out.ts';
import { scaleOutService } from './scale-service.ts';
import { startStopped } from './start-instance.ts';

/** The built-in playbooks by id. */
export const playbooks: Readonly<Record<BuiltInPlaybookId, Playbook>> = {
  'recover-host': recoverHost,
  'restart-instance': restartInstance,
  'restore-status-checks': restoreStatusChecks,
  'start-instance': startStopped,
  'leave-retiring-host': leaveRetiringHost,
  'replace-ahead': replaceAhead,
  'restart-application': restartApplication,
  'clean-disk': cleanDisk,
  'scale-out': scaleOutGroup,
  'relieve-memory': relieveMemory,
  'heal-targets': healTargets,
  'reboot-database': rebootImpairedDatabase,
  'catch-up-replica': catchUpReplica,
  'grow-storage': growDatabaseStorage,
  'add-reader': addClusterReader,
  'fail-over-cluster': failOverDatabaseCluster,
  'relieve-queue': relieveQueue,
  'heal-service': healService,
  'scale-service': scaleOutService,
  'restore-agent': restoreAgent,
  'rollback-alias': rollBackAlias,
  'raise-concurrency': raiseReservedConcurrency,
  'renew-certificate': renewCertificate,
};
