import { withoutInvisible } from '../../model/text.ts';
import { metricsOf } from '../metrics.ts';
import type { ChannelModule } from './channel.ts';

/** Counts and times, which need nobody's permission: lines of the log, in CloudWatch's embedded metric format. */
export const metrics: ChannelModule = {
  id: 'metrics',
  quiet: true,
  essential: false,
  reports: {
    permissions: [],
    open: ({ log, namespace }) => ({
      outcome: async (outcome) => {
        for (const line of metricsOf(outcome, namespace)) log(JSON.stringify(line, withoutInvisible));
      },
    }),
  },
};
