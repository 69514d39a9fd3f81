import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import { noRules } from '../../shared/model/classification-rules.ts';
import { event, instanceId, sqsRecord } from '../signals/fixtures.ts';

describe('readEvent', () => {
  const rebalance = event('aws.ec2', 'EC2 Instance Rebalance Recommendation', { 'instance-id': instanceId });

  test('decodes and classifies all that an event says', () => {
    const { verdicts, rejected } = readEvent({ Records: [sqsRecord(rebalance), sqsRecord('noise')] });
    expect(verdicts.map(({ failure }) => failure)).toEqual(['spot-rebalance']);
    expect(rejected.map(({ record, id }) => [record, id])).toEqual([[1, 'message-1']]);
  });

  test('goes by the rules that it is given', () => {
    expect(readEvent(rebalance, { ...noRules, spotRebalance: 'replace-ahead' }).verdicts[0]?.playbook).toBe('replace-ahead');
  });
});
