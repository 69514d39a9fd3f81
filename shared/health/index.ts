import type { HealthCheckId } from '../model/health-check-id.ts';
import { alarmFires, alarmIsOk, alarmSaysOk } from './alarm.ts';
import { beatArrived } from './beat.ts';
import { validationRecordStands } from './certificate.ts';
import { agentIsConnected, hostIsReplaced } from './container-host.ts';
import { serviceIsSteady } from './container-service.ts';
import { databaseIsAvailable, readerServes, replicaStandsAlone, storageHasGrown, writerServes } from './database.ts';
import { groupIsWhole, memberIsReplaced } from './group.ts';
import type { HealthCheck } from './health.ts';
import { nothingScheduled } from './host.ts';
import { queueIsRelieved } from './queue.ts';
import { releaseIsWell } from './release.ts';
import { statusChecksPass } from './status-checks.ts';
import { targetsAreHealthy, treatedTargetIsWell } from './targets.ts';
import { volumeIsGrown } from './volume.ts';

/** All health checks by id. */
export const healthChecks: Readonly<Record<HealthCheckId, HealthCheck>> = {
  'alarm-fires': alarmFires,
  'alarm-is-ok': alarmIsOk,
  'alarm-says-ok': alarmSaysOk,
  'status-checks-pass': statusChecksPass,
  'nothing-scheduled': nothingScheduled,
  'targets-are-healthy': targetsAreHealthy,
  'treated-target-is-well': treatedTargetIsWell,
  'group-is-whole': groupIsWhole,
  'member-is-replaced': memberIsReplaced,
  'database-is-available': databaseIsAvailable,
  'storage-has-grown': storageHasGrown,
  'writer-serves': writerServes,
  'reader-serves': readerServes,
  'replica-stands-alone': replicaStandsAlone,
  'queue-is-relieved': queueIsRelieved,
  'volume-is-grown': volumeIsGrown,
  'service-is-steady': serviceIsSteady,
  'agent-is-connected': agentIsConnected,
  'host-is-replaced': hostIsReplaced,
  'release-is-well': releaseIsWell,
  'validation-record-stands': validationRecordStands,
  'beat-arrived': beatArrived,
};
