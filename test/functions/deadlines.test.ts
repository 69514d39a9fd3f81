import { describe, expect, jest, test } from '@jest/globals';
import { budgets } from '../../shared/compose/budgets.ts';
import { incident } from '../remediation/examples.ts';
import { account, region, type Stage, scheduled, start, stopped, withStage } from './stage.ts';

const open = incident({ account, region, at: start });
const alarm = {
  version: '0',
  id: 'b2a1f0de-8f0b-4b0c-8a77-1d3f5a7c9e21',
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  account,
  region,
  time: '2026-03-02T09:00:00Z',
  resources: [`arn:aws:ec2:${region}:${account}:instance/i-0a1b2c3d4e5f60718`],
  detail: { 'instance-id': 'i-0a1b2c3d4e5f60718', state: 'stopped' },
};
const ended = stopped(open.key);
const request = (method: string) => ({
  rawPath: `/${'a'.repeat(22)}.${'b'.repeat(43)}`,
  headers: {},
  isBase64Encoded: false,
  requestContext: { domainName: 'people.example.com', http: { method, sourceIp: '203.0.113.7' } },
});

type Run = (stage: Stage) => Promise<unknown>;
const invoke =
  (name: string, event: unknown): Run =>
  async ({ load, context }) =>
    (await load(name))(event, context).catch(() => {});

const runs: [string, keyof typeof budgets, Run][] = [
  ['intake', 'intake', invoke('intake', alarm)],
  ['watch, of one execution', 'watch', invoke('watch', ended)],
  ['watch, on its schedule', 'watch', invoke('watch', scheduled)],
  ['watch, on the other', 'watch', invoke('watch', { ...scheduled, detail: { sweep: 'out-of-service' } })],
  [
    'watch, for heartbeats',
    'watch',
    async ({ load, context }) => {
      const watch = await load('watch', { SELFHEAL_POLICY: JSON.stringify({ beats: [{ name: 'export', every: '24h', grace: '1h' }] }) });
      return watch({ ...scheduled, detail: { sweep: 'beats' } }, context).catch(() => {});
    },
  ],
  ['beat', 'beat', invoke('beat', { ...request('POST'), rawPath: '/beat/export', headers: { authorization: `Bearer ${'x'.repeat(43)}` } })],
  ['approve', 'approve', invoke('approve', request('GET'))],
  ['dashboard-widget', 'dashboardWidget', invoke('dashboard-widget', {})],
  ['early-warning', 'earlyWarning', invoke('early-warning', {})],
  [
    'remediate',
    'remediate',
    async ({ load, execute, advanceTo }) => {
      let looks = 0;
      await advanceTo(start);
      await execute(await load('remediate'), open.key, JSON.stringify(open), () => ++looks > 5);
    },
  ],
];

describe('a function', () => {
  test.each(runs)('calls nobody once its time for a piece of work is over: %s', async (_, name, run) => {
    const asked: number[] = [];
    const timers = jest.spyOn(AbortSignal, 'timeout');
    try {
      await withStage(async (stage) => {
        const before = stage.aws.world.calls.length;
        await run(stage);
        // So there is something to be kept from calling.
        expect(stage.aws.world.calls.slice(before).filter(({ accessKey }) => accessKey === 'selfheal').length).toBeGreaterThan(0);
      })();
      timers.mockImplementation((milliseconds) => {
        asked.push(milliseconds);
        return AbortSignal.abort();
      });
      await withStage(async (stage) => {
        await run(stage);
        expect(stage.aws.world.calls.filter(({ accessKey }) => accessKey === 'selfheal')).toEqual([]);
      })();
    } finally {
      timers.mockRestore();
    }
    expect(new Set(asked)).toEqual(new Set([budgets[name]]));
  });
});
