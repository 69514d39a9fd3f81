import { dayMs, minuteMs } from './duration.ts';

/**
 * The states of an RDS instance: it is up, RDS is at work on it, or it is down until someone acts.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html#Overview.DBInstance.Status
 */
export const databaseStages = {
  available: 'up',
  'backing-up': 'busy',
  backtracking: 'busy',
  'configuring-enhanced-monitoring': 'busy',
  'configuring-iam-database-auth': 'busy',
  'configuring-log-exports': 'busy',
  'converting-to-vpc': 'busy',
  creating: 'busy',
  'delete-precheck': 'busy',
  deleting: 'busy',
  // Of a cluster.
  'failing-over': 'busy',
  maintenance: 'busy',
  modifying: 'busy',
  'moving-to-vpc': 'busy',
  rebooting: 'busy',
  renaming: 'busy',
  'resetting-master-credentials': 'busy',
  starting: 'busy',
  stopping: 'busy',
  'storage-config-upgrade': 'busy',
  'storage-initialization': 'busy',
  'storage-optimization': 'busy',
  upgrading: 'busy',
  failed: 'down',
  'inaccessible-encryption-credentials': 'down',
  'inaccessible-encryption-credentials-recoverable': 'down',
  'incompatible-create': 'down',
  'incompatible-network': 'down',
  'incompatible-option-group': 'down',
  'incompatible-parameters': 'down',
  'incompatible-restore': 'down',
  'insufficient-capacity': 'down',
  'restore-error': 'down',
  stopped: 'down',
  'storage-full': 'down',
} as const;

export type DatabaseState = keyof typeof databaseStages;

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const weekMs = 7 * dayMs;
/** 1 January 1970 was a Thursday. */
const intoWeek = (at: number): number => (at + 4 * dayMs) % weekMs;

/** `sun:06:30` in milliseconds since the beginning of Sunday; null if it is no time. */
const timeOfWeek = (text: string): number | null => {
  const [, day = '', hour, minute] = /^([a-z]{3}):([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  return days.includes(day) ? days.indexOf(day) * dayMs + (Number(hour) * 60 + Number(minute)) * minuteMs : null;
};

/**
 * When a weekly window such as `sat:23:45-sun:00:15`, in UTC, that is open at `at` ends; null if it is not open. All in milliseconds since
 * the epoch. Undefined if the text is no such window.
 */
export const windowEnd = (window: string, at: number): number | null | undefined => {
  const [from = null, to = null, ...rest] = window.toLowerCase().split('-').map(timeOfWeek);
  if (from === null || to === null || rest.length > 0 || from === to) return undefined;
  const since = (intoWeek(at) - from + weekMs) % weekMs;
  const length = (to - from + weekMs) % weekMs;
  return since < length ? at - since + length : null;
};
