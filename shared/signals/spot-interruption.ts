import * as z from 'zod';
import { once } from '../model/once.ts';
import { instanceOf } from './ec2-state.ts';
import { anything, defineSignal, eventSignal, read } from './module.ts';

const schema = once(() => z.object({ 'instance-id': anything, 'instance-action': z.string().nullish() }));

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
export const spotInterruption = defineSignal({
  kind: 'spot-interruption',
  facts: ['interruption'],
  events: {
    source: 'aws.ec2',
    detailTypes: ['EC2 Spot Instance Interruption Warning'],
    decode: (detail, envelope) => {
      const { 'instance-id': id, 'instance-action': action } = read(schema, detail, 'detail');
      const evidence = { action, what: `EC2 will ${action ?? 'interrupt'} it in about two minutes` };
      return [eventSignal(envelope, { kind: 'spot-interruption', fact: 'interruption', ...instanceOf(id, envelope), evidence })];
    },
  },
});
