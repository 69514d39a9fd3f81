import { defineFailure, event } from './define.ts';

export const spotInterruption = defineFailure({
  id: 'spot-interruption',
  severity: 'high',
  says: 'EC2 is about to take the instance back',
  match: [
    event('spot-interruption', 'interruption'),
    event('capacity-reservation', 'interruption', 'its replacement needs capacity outside of the reservation that is being taken back'),
  ],
  playbook: 'replace-ahead',
});
