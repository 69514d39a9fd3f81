/** Why an instance isn't running, by what EC2 gives as its reason. */
type StopCause = 'on-purpose' | 'by-aws' | 'failed' | 'unknown';

/** What a person, a program or the instance itself wished. Everything else that the customer's side is named for is a failure. */
const wishes = new Set(['Client.UserInitiatedShutdown', 'Client.UserInitiatedHibernate', 'Client.InstanceInitiatedShutdown']);
/** EC2 takes spot instances back, as their owner has agreed to. */
const spot = new Set(['Server.SpotInstanceShutdown', 'Server.SpotInstanceTermination']);

/**
 * A list of what is allowed for: a reason that isn't known is a failure, and told.
 * - `on-purpose`: nobody is to undo it.
 * - `by-aws`: EC2 stopped it for reasons of its own, and it may be started again.
 * - `failed`: a start that was accepted came to nothing (a key that may not be used, a limit, a snapshot that is gone): another one would,
 *   too.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html
 */
export const stopCause = (reason: string | null): StopCause => {
  if (reason === null) return 'unknown';
  if (wishes.has(reason) || spot.has(reason)) return 'on-purpose';
  return reason.startsWith('Server.') ? 'by-aws' : 'failed';
};
