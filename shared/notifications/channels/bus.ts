import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { publishedInterim } from '../interim.ts';
import { detailTypes, interimDetailType, openedDetailType, published, source } from '../published.ts';
import type { ChannelModule } from './channel.ts';
import { shortened } from './outcome.ts';

/** Events on a bus, for programs. */
export const bus: ChannelModule = {
  id: 'bus',
  quiet: true,
  essential: false,
  withRecord: true,
  reports: {
    permissions: ['events:PutEvents'],
    open: ({ eventBridge, busName, ...deployment }) => {
      const put = async (DetailType: string, Time: Date, detail: object): Promise<void> => {
        const { FailedEntryCount, Entries } = await eventBridge.send(
          new PutEventsCommand({
            Entries: [{ EventBusName: busName, Source: source, DetailType, Time, Resources: [], Detail: JSON.stringify(detail) }],
          }),
        );
        // PutEvents reports a rejected entry in a response with status 200.
        if (FailedEntryCount) throw new Error(`EventBridge refused the outcome: ${Entries?.[0]?.ErrorCode}: ${Entries?.[0]?.ErrorMessage}`);
      };
      return {
        outcome: async (whole, repeat) => {
          const outcome = shortened(whole, deployment);
          await put(detailTypes[outcome.status], new Date(outcome.endedAt), published(outcome, repeat));
        },
        interim: (interim) =>
          put(interim.kind === 'opened' ? openedDetailType : interimDetailType, new Date(interim.at), publishedInterim(interim)),
      };
    },
  },
};
