import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundle } from '../../bench/bundles.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { account, minute, region, start, withStage } from './stage.ts';

/** What is deployed has less of the SDK and of zod in it than its sources: it has to do the same. */
describe('the functions as they are bundled', () => {
  let folder: string;
  const globals = globalThis as { __zod_globalConfig?: unknown };
  const before = { zod: globals.__zod_globalConfig, trace: Error.prepareStackTrace };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'selfheal-bundled-'));
  });
  afterAll(async () => {
    globals.__zod_globalConfig = before.zod;
    Error.prepareStackTrace = before.trace;
    await rm(folder, { recursive: true, force: true });
  });

  test(
    'take an alarm in, and treat it to its end',
    withStage(async ({ aws, advanceTo, fleet, load, execute, context, invocations, outcomes, calls }) => {
      const loadBundle = async (name: string, variables = {}) => load(name, variables, 'handler', (await bundle(name, folder)).file);
      const web = await fleet.instance({ name: 'web' });
      await fleet.statusAlarm(web, 'Instance');
      await advanceTo(start + 20 * minute);
      aws.faults.inject({ fault: 'hang-kernel', target: web });
      await advanceTo(start + 30 * minute);
      const intake = await loadBundle('intake');
      await intake(
        {
          ...{ version: '0', id: 'b2a1f0de-8f0b-4b0c-8a77-1d3f5a7c9e21', source: 'aws.cloudwatch', account, region },
          'detail-type': 'CloudWatch Alarm State Change',
          time: new Date(start + 25 * minute).toISOString(),
          resources: [`arn:aws:cloudwatch:${region}:${account}:alarm:${web}-status-check-instance`],
          detail: {
            alarmName: `${web}-status-check-instance`,
            state: { value: 'ALARM', reason: 'Threshold Crossed', timestamp: '2026-03-02T09:25:00.000+0000' },
            previousState: { value: 'OK', reason: '', timestamp: '2026-03-02T09:00:00.000+0000' },
            configuration: {
              metrics: [
                {
                  id: 'm1',
                  metricStat: {
                    metric: { namespace: 'AWS/EC2', name: 'StatusCheckFailed_Instance', dimensions: { InstanceId: web } },
                    ...{ period: 60, stat: 'Maximum' },
                  },
                  returnData: true,
                },
              ],
            },
          },
        },
        context,
      );
      const [{ payload, executionName = 'one' } = {} as never] = invocations as unknown as { payload: object; executionName?: string }[];
      const remediate = await loadBundle('remediate', { SELFHEAL_POLICY: '{"mode":"enforce"}' });
      await execute(remediate, executionName, JSON.stringify(payload));
      expect(calls('RebootInstances').map(({ error }) => error)).toContain(null);
      expect(outcomes.at(-1) as Outcome).toMatchObject({ status: 'healed', verified: true, resource: { id: web } });
    }),
  );
});
