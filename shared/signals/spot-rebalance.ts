import * as z from 'zod';
import { instanceOf } from './ec2-state.ts';
import { anything, eventSignal, once, read, type SignalModule } from './module.ts';

const schema = once(() => z.object({ 'instance-id': anything }));

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html */
export const spotRebalance: SignalModule = {
  kind: 'spot-rebalance',
  events: {
    source: 'aws.ec2',
    detailTypes: ['EC2 Instance Rebalance Recommendation'],
    decode: (detail, envelope) => {
      const { 'instance-id': id } = read(schema, detail, 'detail');
      return [eventSignal(envelope, { kind: 'spot-rebalance', fact: 'recommendation', ...instanceOf(id, envelope) })];
    },
  },
};
