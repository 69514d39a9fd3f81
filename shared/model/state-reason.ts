/** Why an instance isn't running, derived from EC2's state reason. */
type StopCause = 'on-purpose' | 'by-aws' | 'failed' | 'unknown';

/** Stops that were requested. Every other `Client.…` reason is a failure. */
const requestedStops = new Set(['Client.UserInitiatedShutdown', 'Client.UserInitiatedHibernate', 'Client.InstanceInitiatedShutdown']);
/** EC2 reclaimed a spot instance, which its owner has agreed to. */
const spot = new Set(['Server.SpotInstanceShutdown', 'Server.SpotInstanceTermination']);

/**
 * Only known reasons are accepted; an unknown one is a failure and is reported.
 * - `on-purpose`: must not be undone.
 * - `by-aws`: EC2 stopped it for its own reasons, and it may be started again.
 * - `failed`: an accepted start failed (a KMS key without access, a limit, a deleted snapshot), and another one would fail as well.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html
 */
export const stopCause = (reason: string | null): StopCause => {
  if (reason === null) return 'unknown';
  if (requestedStops.has(reason) || spot.has(reason)) return 'on-purpose';
  return reason.startsWith('Server.') ? 'by-aws' : 'failed';
};
