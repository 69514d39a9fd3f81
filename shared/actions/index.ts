import type { Action } from './action.ts';
import { addReader } from './add-reader.ts';
import { addReplica } from './add-replica.ts';
import { extendFileSystem } from './extend-file-system.ts';
import { failOverCluster } from './fail-over-cluster.ts';
import { growStorage } from './grow-storage.ts';
import { growVolume } from './grow-volume.ts';
import { listDisks } from './list-disks.ts';
import { promoteReplica } from './promote-replica.ts';
import { raiseConcurrency } from './raise-concurrency.ts';
import { rebootDatabase } from './reboot-database.ts';
import { rebootInstance } from './reboot-instance.ts';
import { redrive } from './redrive.ts';
import { replaceContainerInstance } from './replace-container-instance.ts';
import { replaceMember } from './replace-member.ts';
import { restartService } from './restart-service.ts';
import { restoreValidationRecord } from './restore-validation-record.ts';
import { rollBackService } from './roll-back-service.ts';
import { rollbackAlias } from './rollback-alias.ts';
import { runCommand } from './run-command.ts';
import { scaleOut } from './scale-out.ts';
import { scaleService } from './scale-service.ts';
import { startInstance } from './start-instance.ts';
import { stopStartInstance } from './stop-start-instance.ts';
import { stopTask } from './stop-task.ts';

/** All actions. */
export const actions: readonly Action[] = [
  growVolume,
  extendFileSystem,
  listDisks,
  addReader,
  addReplica,
  failOverCluster,
  growStorage,
  promoteReplica,
  raiseConcurrency,
  rebootDatabase,
  rebootInstance,
  redrive,
  replaceContainerInstance,
  replaceMember,
  restartService,
  restoreValidationRecord,
  rollBackService,
  rollbackAlias,
  runCommand,
  scaleOut,
  scaleService,
  startInstance,
  stopStartInstance,
  stopTask,
];
