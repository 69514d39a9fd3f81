/**
 * What RDS says has happened, by the numbers of its events: categories and words. `$` is the name, or what else the event tells. In
 * accounts the words come without the full stop that the page puts after short ones.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
 */
const told = {
  '0001': ['backup', 'Backing up DB instance'],
  '0002': ['backup', 'Finished DB Instance backup'],
  '0003': ['deletion', 'DB instance deleted'],
  '0004': ['availability', 'DB instance shutdown'],
  '0005': ['creation', 'DB instance created'],
  '0006': ['availability', 'DB instance restarted'],
  '0007': ['low storage', 'Allocated storage has been exhausted. Allocate additional storage to resolve.'],
  '0011': ['configuration change', 'Updated to use DBParameterGroup $'],
  '0012': ['configuration change', 'Applying modification to database instance class'],
  '0013': ['failover', 'Multi-AZ instance failover started.'],
  '0014': ['configuration change', 'Finished applying modification to DB instance class'],
  '0017': ['configuration change', 'Finished applying modification to allocated storage'],
  '0018': ['configuration change', 'Applying modification to allocated storage'],
  '0024': ['configuration change', 'Applying modification to convert to a Multi-AZ DB Instance'],
  '0025': ['configuration change', 'Finished applying modification to convert to a Multi-AZ DB Instance'],
  '0026': ['maintenance', 'Applying off-line patches to DB instance'],
  '0027': ['maintenance', 'Finished applying off-line patches to DB instance'],
  '0029': ['configuration change', 'Finished applying modification to convert to a standard (Single-AZ) DB Instance'],
  '0030': ['configuration change', 'Applying modification to convert to a standard (Single-AZ) DB Instance'],
  '0031': ['failure', 'DB instance put into $ state. RDS recommends that you initiate a point-in-time-restore.'],
  '0035': ['failure', 'Database instance put into incompatible-parameters. $'],
  '0037': ['configuration change', 'Updated parameter $'],
  '0045': ['read replica', 'Replication has stopped.'],
  '0046': ['read replica', 'Replication for the Read Replica resumed'],
  '0049': ['failover', 'Multi-AZ instance failover completed'],
  '0069': ['failover', 'Cluster failover failed, check the health of your cluster instances and try again.'],
  '0071': ['failover', 'Completed failover to DB instance: $'],
  '0072': ['failover', 'Started same AZ failover to DB instance: $'],
  '0073': ['failover', 'Started cross AZ failover to DB instance: $'],
  '0089': ['low storage', '$'],
  '0170': ['creation', 'DB cluster created'],
  '0171': ['deletion', 'DB cluster deleted'],
  '0217': ['configuration change', 'Applying autoscaling-initiated modification to allocated storage.'],
  '0218': ['configuration change', 'Finished applying autoscaling-initiated modification to allocated storage.'],
  '0220': [
    'failure',
    "DB instance is in the cooling-off period for a previous scale storage operation. We're optimizing your DB instance. This takes at least 6 hours. No actions are necessary. Autoscaling will retry after the cooling-off period.",
  ],
  '0224': [
    'failure',
    'Storage autoscaling has triggered a pending scale storage task that will reach or exceed the maximum storage threshold. Increase the maximum storage threshold.',
  ],
  '0225': [
    'notification',
    'Allocated storage size $ GB is approaching the maximum storage threshold. Increase the maximum storage threshold.',
  ],
  '0230': [
    'security patching',
    "A system update is available for your DB instance. For information about applying updates, see 'Maintaining a DB instance' in the RDS User Guide.",
  ],
} as const;

export type EventNumber = keyof typeof told;

export const wordsOf = (number: EventNumber, name: string): { message: string; categories: string[] } => {
  const [category, text] = told[number];
  return { message: text.replace('$', () => name), categories: [category] };
};
