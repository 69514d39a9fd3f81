import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, expect, test } from '@jest/globals';
import { serve } from '#local-aws';
import { findScenario, loadScenario } from '../../local/worlds/library.ts';
import { playScenario } from '../../local/worlds/play.ts';
import { serveHost, serveScenario } from '../../local/worlds/serve.ts';
import { createClients } from '../../shared/aws/clients.ts';
import { createIncidents } from '../../shared/aws/incident-archive.ts';
import { testWhole } from '../runner/whole.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const scenarioOf = (name: string) => {
  const found = findScenario(name);
  const read = 'file' in found ? loadScenario(found.file) : { problems: [found.problem] };
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return read.scenario;
};

const served = async (world: Parameters<typeof serve>[0]) => {
  const { url, close, aws } = await serve(world, { speed: 0 });
  closing.push(close);
  const { region } = aws().world;
  const clients = createClients({ region, endpoint: url, credentials: { accessKeyId: 'me', secretAccessKey: 'any' } });
  const control = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${url}/_selfheal/${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return (await answer.json()) as { time: string; error?: string };
  };
  const ended = async () => {
    const now = Date.parse((await control('GET', 'clock')).time);
    const recent = await createIncidents(clients.dynamodb, 'selfheal-local-ledger').recent({ from: 0, to: now, limit: 100 });
    return recent.flatMap(({ incident, outcome }) => (outcome ? [`${incident} ${outcome.status} ${outcome.endedAt}`] : [])).sort();
  };
  return { aws, clients, control, ended };
};

test('a scenario goes on with the clock of the port, and ends as it does without one', async () => {
  const scenario = scenarioOf('demo');
  const { control, ended } = await served(await serveScenario(scenario));
  expect((await control('GET', 'clock')).time).toBe('2026-03-02T09:30:00.000Z');
  expect(await ended()).toEqual([]);
  for (const advanceSeconds of [1, 59, 240, 1500, 1800]) await control('POST', 'clock', { advanceSeconds });
  const { outcomes } = await playScenario(scenario);
  expect(await ended()).toEqual(outcomes.map(({ incident, status, endedAt }) => `${incident} ${status} ${endedAt}`).sort());
});

testWhole('after a reset the scenario begins anew', async () => {
  const { control, ended } = await served(await serveScenario(scenarioOf('demo')));
  await control('POST', 'clock', { advanceSeconds: 3600 });
  const first = await ended();
  expect(first.length).toBeGreaterThan(3);
  expect((await control('POST', 'reset', {})).time).toBe('2026-03-02T09:30:00.000Z');
  expect(await ended()).toEqual([]);
  await control('POST', 'clock', { advanceSeconds: 3600 });
  expect(await ended()).toEqual(first);
});

test('faults in calls are for selfheal, not for callers from outside', async () => {
  const { clients, control, aws } = await served(
    await serveHost({ seed: 1, start: Date.UTC(2026, 2, 2), account: '111122223333', region: 'us-east-1' }),
  );
  const fault = { fault: 'fail-call', service: 'ssm', rate: 1, code: 'InternalServerError', status: 500 };
  expect((await control('POST', 'faults', fault)).error).toBeUndefined();
  const Name = '/selfheal/local/switch';
  await clients.ssm.send(new PutParameterCommand({ Name, Value: 'dry-run', Overwrite: true }));
  expect((await clients.ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value).toBe('dry-run');
  expect((await clients.ec2.send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
  expect(aws().world.calls.filter(({ error }) => error !== null)).toEqual([]);
});
