import * as z from 'zod';
import { once } from '../model/once.ts';
import { instanceOf } from './ec2-state.ts';
import { anything, defineSignal, eventSignal, read } from './module.ts';

const schema = once(() => z.object({ 'instance-id': anything }));

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html */
export const spotRebalance = defineSignal({
  kind: 'spot-rebalance',
  facts: ['recommendation'],
  events: {
    source: 'aws.ec2',
    detailTypes: ['EC2 Instance Rebalance Recommendation'],
    decode: (detail, envelope) => {
      const { 'instance-id': id } = read(schema, detail, 'detail');
      return [eventSignal(envelope, { kind: 'spot-rebalance', fact: 'recommendation', ...instanceOf(id, envelope) })];
    },
  },
});
