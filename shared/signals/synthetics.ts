import * as z from 'zod';
import { resourceOf } from './form.ts';
import { anything, eventSignal, once, read, type SignalModule } from './module.ts';

const schema = once(() => z.object({ 'canary-name': anything, 'canary-run-id': anything, message: anything }));

/** docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitoring-events-eventbridge.html */
export const synthetics: SignalModule = {
  kind: 'synthetics',
  events: {
    source: 'aws.synthetics',
    detailTypes: ['Synthetics Canary TestRun Failure', 'Synthetics Canary TestRun Successful', 'Synthetics Canary Status Change'],
    decode: (detail, envelope) => {
      const told = read(schema, detail, 'detail');
      const failed = envelope.detailType === 'Synthetics Canary TestRun Failure';
      return [
        eventSignal(envelope, {
          kind: 'synthetics',
          fact: failed ? 'failed' : 'activity',
          subject: resourceOf('canary', told['canary-name'], 'detail.canary-name'),
          quiet: failed ? null : 'the canary is running as it should',
          evidence: { run: told['canary-run-id'], message: told.message, what: 'a test run failed' },
        }),
      ];
    },
  },
};
