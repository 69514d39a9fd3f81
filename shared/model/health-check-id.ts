/** Ids of all health checks. Kept apart from the checks so that a policy can name one. */
export const healthCheckIds = [
  'alarm-fires',
  'alarm-is-ok',
  'alarm-says-ok',
  'status-checks-pass',
  'nothing-scheduled',
  'targets-are-healthy',
  'treated-target-is-well',
  'group-is-whole',
  'member-is-replaced',
  'database-is-available',
  'storage-has-grown',
  'writer-serves',
  'queue-is-relieved',
  'volume-is-grown',
  'service-is-steady',
  'agent-is-connected',
  'host-is-replaced',
  'release-is-well',
  'validation-record-stands',
  'beat-arrived',
] as const;
export type HealthCheckId = (typeof healthCheckIds)[number];
