/** The promises as the observer checks them. The numbers are those of the README. */
export const promises = {
  'opt-in': 'No opt-in, no action',
  once: 'The same episode, however often it is delivered, is acted upon once',
  alone: 'Two incidents never act on one resource at the same time',
  budget: 'At most N actions on one resource in a window',
  'blast-radius': 'At most max(1, share) members of a group are under treatment at once',
  'mass-failure': 'When many resources fail together, single actions stop',
  'max-size': 'A group is never asked for more than its maximum',
  'group-member': 'A member of a group is never stopped, started or rebooted',
  'would-not-replace': 'A member is never terminated when its group would not replace it',
  'group-gives-back': 'Nothing is taken from a group that can launch no other, or would register none',
  'group-budget': 'Members of one group are replaced a few times at most, and not again once their successors fail young',
  'instance-store': 'An instance with an instance store is never stopped without approval',
  'people-first': 'What a person did is never undone',
  silenced: 'Nothing is done on an alarm whose actions somebody has disabled',
  'one-healer': 'Nothing is done while the alarm itself heals, and nothing ever where it stops or terminates',
  owners: 'What belongs to somebody else is left to its owner',
  'not-failing': 'Nothing is done to what does not fail',
  'healed-is-true': 'Healed is only said of what is healthy',
  'taken-out-is-told': 'What selfheal takes out of service is back, or people know within five minutes',
  'put-back': 'What selfheal takes out of load balancers is put back, or people know',
  'last-target': 'The last healthy target is never taken out',
  'command-once': 'A command is sent once for each try, whatever becomes of the answer',
  'known-documents': 'No command is run but those that the policy names, in the version that it names',
  'probe-public': 'Only public addresses are requested, whatever a name resolves to',
  'never-forwards': 'A rollback goes to an earlier version, and to none twice',
  'not-its-fault': 'Nothing is rolled back for a fault of something else',
  'one-outcome': 'Every incident ends in exactly one outcome, recorded and published',
  'kill-switch': 'Within a minute of the kill switch nothing is acted upon',
  'dry-run': 'A dry run changes nothing',
  'known-calls': 'Nothing is called that is not an action',
} as const;

export type PromiseId = keyof typeof promises;

export type Violation = { promise: PromiseId; at: number; resource: string; text: string };
