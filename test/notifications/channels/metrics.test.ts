import { describe, expect, test } from '@jest/globals';
import { metrics } from '../../../shared/notifications/channels/metrics.ts';
import { metricsOf } from '../../../shared/notifications/metrics.ts';
import { outcome } from '../../remediation/examples.ts';
import { openChannel } from './open.ts';

describe('metrics', () => {
  test('are lines of JSON, and calls of nobody', async () => {
    const { outcome: tell, calls, lines } = openChannel(metrics);
    await tell(outcome());
    expect(lines).toHaveLength(metricsOf(outcome()).length);
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('_aws');
    expect(calls.map(({ permission }) => permission)).toEqual(metrics.reports.permissions);
  });

  test('are counted where the deployment says', async () => {
    const { outcome: tell, lines } = openChannel(metrics, { namespace: 'selfheal/prod' });
    await tell(outcome());
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toContain('"Namespace":"selfheal/prod"');
  });
});
