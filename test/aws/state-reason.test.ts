import { expect, test } from '@jest/globals';
import { stopCause } from '../../shared/model/state-reason.ts';

test.each([
  ['on-purpose', 'Client.UserInitiatedShutdown'],
  ['on-purpose', 'Client.UserInitiatedHibernate'],
  ['on-purpose', 'Client.InstanceInitiatedShutdown'],
  ['on-purpose', 'Server.SpotInstanceTermination'],
  ['by-aws', 'Server.ScheduledStop'],
  ['by-aws', 'Server.InsufficientInstanceCapacity'],
  ['failed', 'Client.InternalError'],
  ['failed', 'Client.VolumeLimitExceeded'],
  ['failed', 'client.userinitiatedshutdown'],
  ['failed', 'Client.UserInitiatedShutdown '],
  ['failed', 'Whatever.ComesNext'],
  ['unknown', null],
])('the cause is %s where EC2 says %j', (cause, reason) => {
  expect(stopCause(reason)).toBe(cause);
});
