import { defineFailure, event, onlyIfOptedIn } from './define.ts';

export const spotRebalance = defineFailure({
  id: 'spot-rebalance',
  severity: 'low',
  says: 'EC2 recommends rebalancing: the instance has an elevated risk of interruption',
  match: [event('spot-rebalance', 'recommendation')],
  playbook: onlyIfOptedIn('replace-ahead', 'a recommendation is not an interruption, and acting on each one churns the group'),
});
