import * as z from 'zod';
import { excerpt } from '../model/malformed.ts';
import { once } from '../model/once.ts';
import { resourceOf } from '../model/resource-id.ts';
import { anything, defineSignal, eventSignal, read } from './module.ts';

const schema = once(() => z.object({ 'canary-name': anything, 'canary-run-id': anything, 'current-state': anything, message: anything }));

/** Normal or requested states of a canary; in any other it can't run. */
const goodStates = new Set(['CREATING', 'READY', 'STARTING', 'RUNNING', 'UPDATING', 'STOPPING', 'STOPPED', 'DELETING']);

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitoring-events-eventbridge.html */
export const synthetics = defineSignal({
  kind: 'synthetics',
  facts: ['failed', 'activity'],
  events: {
    source: 'aws.synthetics',
    detailTypes: ['Synthetics Canary TestRun Failure', 'Synthetics Canary TestRun Successful', 'Synthetics Canary Status Change'],
    decode: (detail, envelope) => {
      const parsed = read(schema, detail, 'detail');
      const state = parsed['current-state'];
      const broken = envelope.detailType === 'Synthetics Canary Status Change' && typeof state === 'string' && !goodStates.has(state);
      const failed = broken || envelope.detailType === 'Synthetics Canary TestRun Failure';
      return [
        eventSignal(envelope, {
          kind: 'synthetics',
          fact: failed ? 'failed' : 'activity',
          subject: resourceOf('canary', parsed['canary-name'], 'detail.canary-name'),
          quiet: failed ? null : 'the canary is running as it should',
          evidence: {
            run: parsed['canary-run-id'],
            message: parsed.message,
            state,
            what: broken ? `it can no longer run: its state is ${excerpt(state)}` : 'a test run failed',
          },
        }),
      ];
    },
  },
});
