import * as z from 'zod';
import { once } from '../model/once.ts';
import { resourceOf } from '../model/resource-id.ts';
import { anything, defineSignal, eventSignal, isFields, read } from './module.ts';

const schema = once(() => z.object({ metadata: anything }));

const quiet: Record<string, string> = {
  'Autoshift Completed': 'the zonal autoshift is over',
  'Practice Run Started': 'a practice run',
  'Practice Run Interrupted': 'a practice run',
  'Practice Run Failed': 'a practice run',
  'Practice Run Succeeded': 'a practice run',
  'FIS Experiment Autoshift In Progress': 'an experiment',
  'FIS Experiment Autoshift Completed': 'an experiment',
  'FIS Experiment Autoshift Canceled': 'an experiment',
  'Manual Shift Started': 'a person shifted traffic',
  'Manual Shift Updated': 'a person shifted traffic',
  'Manual Shift Canceled': 'a person shifted traffic back',
};

/** https://docs.aws.amazon.com/r53recovery/latest/dg/eventbridge-zonal-autoshift.html */
export const zonalShift = defineSignal({
  kind: 'zonal-shift',
  facts: ['autoshift'],
  events: {
    source: 'aws.arc-zonal-shift',
    detailTypes: ['Autoshift In Progress', ...Object.keys(quiet)],
    decode: (detail, envelope) => {
      const { metadata } = read(schema, detail, 'detail');
      const away = isFields(metadata) ? metadata.awayFrom : undefined;
      const why = quiet[envelope.detailType] ?? null;
      return [
        eventSignal(envelope, {
          kind: 'zonal-shift',
          fact: 'autoshift',
          subject: why !== null && away === undefined ? null : resourceOf('zone', away, 'detail.metadata.awayFrom'),
          quiet: why,
          evidence: { what: 'AWS shifts traffic away from the zone' },
        }),
      ];
    },
  },
});
