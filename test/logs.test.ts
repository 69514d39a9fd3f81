import type { DurableLogger } from '@aws/durable-execution-sdk-js';
import { describe, expect, test } from '@jest/globals';
import { createFleet } from '../local/testbed/fleet.ts';
import { createHost, type Host, type HostOptions } from '../local/testbed/host.ts';
import { policySchema } from '../shared/model/policy.ts';

const start = Date.parse('2026-03-02T09:00:00Z');
const minute = 60_000;
type Line = { message: string; incident: string; phase: string; at: string };

/** A lone instance whose kernel hangs, and what the execution that treats it writes to the logs. */
const play = async (options: Partial<HostOptions> = {}, during: (host: Host) => Promise<unknown> = async () => {}) => {
  const lines: Line[] = [];
  const write = (message: string, fields: Omit<Line, 'message'>) => void lines.push({ message, ...fields });
  const logger: DurableLogger = { info: write, warn: write, error: write, debug: write };
  const host = await createHost({
    ...{ seed: 7, start, account: '111122223333', region: 'us-east-1' },
    meddle: { deps: (deps) => ({ ...deps, logger }) },
    ...options,
  });
  const id = await createFleet(host).instance({ name: 'web' });
  await createFleet(host).statusAlarm(id, 'Instance');
  await host.run(() => false, start + 20 * minute);
  host.aws.faults.inject({ fault: 'hang-kernel', target: id });
  await host.run(() => host.approvals.length > 0 || (host.outcomes.length > 0 && !host.busy()), start + 600 * minute);
  await during(host);
  await host.run(() => host.outcomes.length > 0 && !host.busy(), start + 600 * minute);
  await host.close();
  return { host, lines };
};
const storyOf = (host: Host) => host.outcomes.flatMap(({ timeline }) => timeline.map(({ at, phase, text }) => `${at} ${phase} ${text}`));
const linesOf = (lines: readonly Line[]) => lines.map(({ at, phase, message }) => `${at} ${phase} ${message}`);

describe('the logs of an execution', () => {
  test('have every decision once, however often it is replayed, under the key of its incident', async () => {
    const { host, lines } = await play();
    expect(host.outcomes).toHaveLength(1);
    expect(linesOf(lines)).toEqual(storyOf(host));
    expect(new Set(lines.map(({ incident }) => incident))).toEqual(new Set([host.outcomes[0]?.incident]));
  });

  test('say nothing twice when the process dies and another goes on', async () => {
    let died = 0;
    const { host, lines } = await play({ dies: ({ checkpoint, when }) => checkpoint === 7 && when === 'after' && died++ === 0 });
    expect(died).toBeGreaterThan(0);
    const told = linesOf(lines);
    expect(new Set(told).size).toBe(told.length);
    for (const line of told) expect(storyOf(host)).toContain(line);
    expect(told.length).toBeGreaterThan(5);
  });

  test('have no link by which somebody could decide', async () => {
    const policy = policySchema.parse({ approval: { required: [{ action: 'reboot-instance' }] } });
    let link = '';
    const { host, lines } = await play({ policy }, async (host) => {
      ({ link } = JSON.parse(host.approvals[0] ?? '{}') as { link: string });
      await host.fetch(link);
      const body = new URLSearchParams({ token: new URL(link).pathname.slice(1), decision: 'approve', name: 'Ana' });
      await host.fetch(new URL('/', link).href, { method: 'POST', body });
    });
    expect(link).toContain('https://');
    expect(host.outcomes).toMatchObject([{ status: 'healed' }]);
    const [id = '', mac = ''] = new URL(link).pathname.slice(1).split('.');
    const everything = [...lines.map((line) => JSON.stringify(line)), ...host.log].join('\n');
    expect(everything).toContain('asking a person');
    for (const secret of [link, id, mac]) expect(everything).not.toContain(secret);
    expect(everything).not.toContain('://');
  });
});
