import { defineFailure, event } from './define.ts';

export const spotInterruption = defineFailure({
  id: 'spot-interruption',
  severity: 'high',
  says: 'EC2 is about to reclaim the instance',
  match: [
    event('spot-interruption', 'interruption'),
    event('capacity-reservation', 'interruption', 'its replacement needs capacity outside the reservation that is being reclaimed'),
  ],
  playbook: 'replace-ahead',
});
