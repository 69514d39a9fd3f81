import { describe, expect, test } from '@jest/globals';
import { probeVariables } from '../../shared/compose/probe.ts';
import { testVariables, withStage } from './stage.ts';

const ask = { url: 'https://10.0.3.7/health', status: 200, body: null };

describe('the function probe', () => {
  testVariables('probe', probeVariables, {
    PROBE_NETWORKS: async ({ load, context }) => {
      const inVpc = await load('probe', { PROBE_NETWORKS: '127.0.0.0/30,10.0.0.0/16' });
      // Nothing listens there: it was asked, and nothing but its own networks is.
      expect(await inVpc({ ...ask, url: 'https://127.0.0.1:1/' }, context)).toMatchObject({
        seen: expect.stringContaining('does not answer'),
      });
      expect(await inVpc({ ...ask, url: 'https://18.64.0.10/' }, context)).toMatchObject({
        seen: '18.64.0.10 may not be requested',
      });
    },
  });

  test(
    'requests public addresses only, and nothing in the account',
    withStage(async ({ load, context, calls }) => {
      const handler = await load('probe', { PROBE_NETWORKS: '' });
      expect(await handler(ask, context)).toEqual({ good: false, seen: '10.0.3.7 may not be requested' });
      expect(calls('Invoke')).toEqual([]);
    }),
  );
});
