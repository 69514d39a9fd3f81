import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import { event, verdictOf } from './fixtures.ts';

describe('zonal-shift', () => {
  const told = (type: string, metadata: unknown = { awayFrom: 'usw2-az2' }) => event('aws.arc-zonal-shift', type, { data: '', metadata });

  test('a real autoshift is told, with its zone', () => {
    expect(verdictOf(told('Autoshift In Progress'))).toMatchObject({
      failure: 'zone-impaired',
      disposition: 'escalate',
      resource: { type: 'zone', id: 'usw2-az2' },
    });
  });

  test.each([
    'Autoshift Completed',
    'Practice Run Started',
    'Practice Run Failed',
    'Practice Run Interrupted',
    'Practice Run Succeeded',
    'FIS Experiment Autoshift In Progress',
    'FIS Experiment Autoshift Completed',
    'Manual Shift Started',
    'Manual Shift Canceled',
  ])('%s is ignored', (type) => {
    expect(verdictOf(told(type))).toMatchObject({ failure: null, disposition: 'ignore', resource: { type: 'zone', id: 'usw2-az2' } });
    expect(verdictOf(told(type, null)).resource).toBeNull();
  });

  test('an autoshift away from nowhere is malformed', () => {
    expect(readEvent(told('Autoshift In Progress', {})).rejected[0]?.error).toContain('detail.metadata.awayFrom');
  });
});
