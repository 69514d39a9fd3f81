import * as z from 'zod';
import { parseArn } from '../model/arn.ts';
import { once } from '../model/once.ts';
import { resourceOf } from '../model/resource-id.ts';
import { anything, defineSignal, type Envelope, eventSignal, read } from './module.ts';

const schema = once(() => z.object({ event: z.string(), result: z.string(), cause: anything, snapshot_id: anything }));

const bad = new Set(['failed', 'impaired', 'error', 'lost']);

const decode = (detail: unknown, envelope: Envelope) => {
  const { event, result, cause, snapshot_id: snapshotId } = read(schema, detail, 'detail');
  const type = envelope.detailType === 'EBS Volume Notification' ? ('volume' as const) : ('snapshot' as const);
  const of = (text: unknown) => parseArn(text)?.resource.split('/').at(-1);
  const id = of(envelope.resources.find((text) => parseArn(text)?.resource.startsWith(`${type}/`) ?? false)) ?? of(snapshotId);
  const failed = bad.has(result.toLowerCase());
  return [
    eventSignal(envelope, {
      kind: 'ebs',
      fact: failed ? (`${type}-failed` as const) : 'activity',
      subject: id === undefined ? null : resourceOf(type, id, 'resources'),
      quiet: failed ? null : `${event} ended as ${result}`.slice(0, 200),
      evidence: { event, result, cause, what: `${event} ${result}${typeof cause === 'string' && cause !== '' ? `: ${cause}` : ''}` },
    }),
  ];
};

/** https://docs.aws.amazon.com/ebs/latest/userguide/ebs-cloud-watch-events.html */
export const ebs = defineSignal({
  kind: 'ebs',
  facts: ['volume-failed', 'snapshot-failed', 'activity'],
  events: {
    source: 'aws.ec2',
    detailTypes: ['EBS Volume Notification', 'EBS Snapshot Notification', 'EBS Multi-Volume Snapshots Completion Status'],
    decode,
  },
});
