import * as z from 'zod';
import { once } from '../model/once.ts';
import { instanceOf } from './ec2-state.ts';
import { anything, defineSignal, eventSignal, read } from './module.ts';

const schema = once(() =>
  z.object({
    'instance-id': anything,
    'instance-action': z.string().nullish(),
    'instance-termination-time': z.string().nullish(),
  }),
);

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitor-interruptible-cr.html */
export const capacityReservation = defineSignal({
  kind: 'capacity-reservation',
  facts: ['interruption'],
  events: {
    source: 'aws.ec2',
    detailTypes: ['EC2 Capacity Reservation Instance Interruption Warning'],
    decode: (detail, envelope) => {
      const { 'instance-id': id, 'instance-action': action, 'instance-termination-time': deadline } = read(schema, detail, 'detail');
      const evidence = { action, deadline, what: `the owner of the capacity reservation reclaims it at ${deadline ?? 'short notice'}` };
      return [eventSignal(envelope, { kind: 'capacity-reservation', fact: 'interruption', ...instanceOf(id, envelope), evidence })];
    },
  },
});
