import { withoutInvisible } from '../../model/text.ts';
import { metricsOf } from '../metrics.ts';
import type { ChannelModule } from './channel.ts';

/** Counts and times as log lines in CloudWatch's embedded metric format, which needs no permission. */
export const metrics: ChannelModule = {
  id: 'metrics',
  quiet: true,
  essential: false,
  withRecord: true,
  reports: {
    permissions: [],
    open: ({ log, namespace }) => ({
      outcome: async (outcome) => {
        for (const line of metricsOf(outcome, namespace)) log(JSON.stringify(line, withoutInvisible));
      },
    }),
  },
};
