import { defineFailure, metricAlarm, onlyIfNamed } from './define.ts';

export const replicaBehind = defineFailure({
  id: 'replica-behind',
  severity: 'medium',
  says: 'a replica is behind what it replicates',
  match: [
    metricAlarm({ namespace: 'AWS/RDS', metric: ['ReplicaLag', 'AuroraReplicaLag'], direction: 'above', subject: 'database' }),
    // Reported by the writer, or of a cluster.
    metricAlarm({
      namespace: 'AWS/RDS',
      metric: ['AuroraReplicaLagMaximum', 'AuroraReplicaLagMinimum'],
      direction: 'above',
      named: 'database',
      because: 'the metric does not say which of the readers is behind',
    }),
  ],
  playbook: onlyIfNamed('catch-up-replica', 'most replicas catch up by themselves, and a person decides on a reboot of one'),
});
