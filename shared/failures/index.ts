import type { FailureId } from '../model/failure-id.ts';
import { agentLost } from './agent-lost.ts';
import { applicationDown } from './application-down.ts';
import { canaryFailed } from './canary-failed.ts';
import { certificateExpiring } from './certificate-expiring.ts';
import { databaseImpaired } from './database-impaired.ts';
import type { Failure } from './define.ts';
import { diskFull } from './disk-full.ts';
import { errorRate } from './error-rate.ts';
import { hostImpaired } from './host-impaired.ts';
import { instanceRetiring } from './instance-retiring.ts';
import { instanceStopped } from './instance-stopped.ts';
import { instanceTerminated } from './instance-terminated.ts';
import { instanceUnreachable } from './instance-unreachable.ts';
import { latencyHigh } from './latency-high.ts';
import { launchFailed } from './launch-failed.ts';
import { loadSaturated } from './load-saturated.ts';
import { memoryExhausted } from './memory-exhausted.ts';
import { queueBacklog } from './queue-backlog.ts';
import { replicaBehind } from './replica-behind.ts';
import { serviceImpaired } from './service-impaired.ts';
import { spotInterruption } from './spot-interruption.ts';
import { spotRebalance } from './spot-rebalance.ts';
import { statusCheckFailed } from './status-check-failed.ts';
import { targetUnhealthy } from './target-unhealthy.ts';
import { terminateFailed } from './terminate-failed.ts';
import { unclassified } from './unclassified.ts';
import { volumeImpaired } from './volume-impaired.ts';
import { zoneImpaired } from './zone-impaired.ts';

/** All failure classes by id. A missing class doesn't compile. */
export const failures: { readonly [Id in FailureId]: Failure & { id: Id } } = {
  'host-impaired': hostImpaired,
  'instance-unreachable': instanceUnreachable,
  'status-check-failed': statusCheckFailed,
  'volume-impaired': volumeImpaired,
  'instance-stopped': instanceStopped,
  'instance-terminated': instanceTerminated,
  'instance-retiring': instanceRetiring,
  'spot-interruption': spotInterruption,
  'spot-rebalance': spotRebalance,
  'load-saturated': loadSaturated,
  'memory-exhausted': memoryExhausted,
  'application-down': applicationDown,
  'disk-full': diskFull,
  'launch-failed': launchFailed,
  'terminate-failed': terminateFailed,
  'target-unhealthy': targetUnhealthy,
  'error-rate': errorRate,
  'latency-high': latencyHigh,
  'queue-backlog': queueBacklog,
  'database-impaired': databaseImpaired,
  'replica-behind': replicaBehind,
  'service-impaired': serviceImpaired,
  'agent-lost': agentLost,
  'canary-failed': canaryFailed,
  'zone-impaired': zoneImpaired,
  'certificate-expiring': certificateExpiring,
  unclassified: unclassified,
};
