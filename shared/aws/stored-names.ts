/**
 * Names of attributes and values as version 0.1 stores them in the table. Items of that version have to be read by every later one, so
 * they stay as they are, whatever the code calls them by now.
 */
export const stored = {
  /** Of an incident: the channels that have its outcome, and whether a dead execution's has been settled. */
  notified: 'told',
  reconciled: 'seenTo',
  /** Of an incident that has taken something out of service: whether people know that it has not come back. */
  outNotified: 'outTold',
  /** Of an approval: what came of passing the decision on, and the value for an incident that has it. */
  delivery: 'told',
  delivered: 'told',
  /** Of a common mass failure: when it was last reported, and the places that no report has named. */
  reportedAt: 'told',
  unreported: 'untold',
} as const;
