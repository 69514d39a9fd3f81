import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, test } from '@jest/globals';
import { shortKey } from '../../local/operate/find.ts';
import { watchUntil } from '../../local/operate/watch.ts';
import { playScenario } from '../../local/worlds/play.ts';
import { recordingIo, selfheal } from '../cli/io.ts';
import { closeServed, scenarioOf, servedHost, servedScenario } from './served.ts';

afterEach(closeServed);

const demo = scenarioOf('demo');

test('incidents and show tell of open incidents what they wait for, and of ended ones how they ended', async () => {
  const { advance, run, json } = await servedScenario(demo);
  expect(await run('incidents')).toEqual({ code: 0, stdout: 'No incident in 24h, stage local.\n', stderr: '' });
  await advance(400);
  const open = await json('incidents --open');
  expect(open).toMatchObject([
    {
      failure: 'host-impaired',
      status: 'open',
      waits: { questions: [], last: { phase: 'wait', text: expect.stringMatching(/^standing aside for/) } },
    },
    { failure: 'instance-unreachable', status: 'open', waits: { last: { text: expect.stringMatching(/^reboot instance i-/) } } },
  ]);
  const key: string = open[0].incident;
  const id: string = open[0].resource.id;
  expect((await run(`incidents --resource ${id}`)).stdout).toMatch(
    new RegExp(`^2026-03-02 09:35  open  ${key.slice(0, 22)}  instance ${id}  for 56 s  09:35 UTC: standing aside [^\n]*\n$`),
  );
  const shown = await run(`show ${key.slice(0, 20)}`);
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  expect(shown.stdout).toMatch(/^ {2}09:35:44 {2}wait {4}standing aside for up to 10 min[^\n]*$/m);
  expect(shown.stdout).toMatch(/^ {2}=> open for 56 s, since 2026-03-02 09:35 UTC$/m);

  await advance(3200);
  const { outcomes } = await playScenario(demo);
  const ended = await json('incidents');
  expect(ended.map(({ incident, status }) => `${incident} ${status}`).sort()).toEqual(
    outcomes.map(({ incident, status }) => `${incident} ${status}`).sort(),
  );
  expect(await json('incidents --open')).toEqual([]);
  expect(await json('incidents --since 1m')).toEqual([]);
  const { timeline, reason } = outcomes.find(({ incident }) => incident === key) ?? {};
  expect(await json(`show ${key}`)).toMatchObject([{ incident: key, status: 'healed', reason, timeline, openedAt: open[0].openedAt }]);
  expect((await run(`show ${key}`)).stdout).toMatch(/^ {2}=> healed \(recovered after /m);
});

test('an incident that waits for another one on its resource says so', async () => {
  const { advance, run, json, aws, clients } = await servedScenario(demo);
  await advance(400);
  const [open] = await json('incidents --open');
  const { account, region } = aws().world;
  const key = { pk: { S: `v1#lease#${account}/${region}#instance/${open.resource.id}` } };
  const lease = { holder: { S: 'disk-full-1' }, leasedUntil: { N: String(Date.parse('2026-03-02T10:00:00Z')) } };
  await clients.dynamodb.send(new PutItemCommand({ TableName: 'selfheal-local-ledger', Item: { ...key, ...lease } }));
  expect((await run(`incidents --resource ${open.resource.id}`)).stdout).toMatch(
    / {2}waits for incident disk-full-1, which treats the resource\n$/,
  );
  expect((await run(`show ${open.incident}`)).stdout).toMatch(/UTC: waits for incident disk-full-1, which treats the resource\n$/);
});

test.each([50, 80])(
  'on a terminal of %d columns every line fits, and in a pipe an incident is one line without colour',
  async (columns) => {
    const { advance, run } = await servedScenario(demo);
    await advance(400);
    const terminal = { isTTY: true, columns };
    const [open] = (await run('incidents')).stdout.split('\n');
    const key = open?.split('  ')[2] ?? '';
    const texts = [await run('incidents', terminal), await run(`show ${key}`, terminal), await run('switch', terminal)];
    for (const name of ['incidents', 'show', 'switch']) texts.push(await run(`${name} --help`, terminal));
    for (const { stdout } of texts) {
      const said = stdout.split(/^Examples?:$/m)[0] ?? '';
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
      for (const line of said.replace(/\u001b\[\d+m/g, '').split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    }
    expect(texts[0]?.stdout).toContain('\u001b[');
    const { stdout } = await run('incidents');
    expect(stdout).not.toContain('\u001b');
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
  },
);

test('the switch is shown and turned, and selfheal obeys', async () => {
  const { run, json, advance } = await servedScenario(demo);
  expect((await run('switch')).stdout).toMatch(/^on since \d{4}-\d\d-\d\d \d\d:\d\d UTC\n$/);
  expect(await json('switch off')).toEqual([{ stage: 'local', position: 'off', before: 'on' }]);
  expect(await json('switch off')).toEqual([{ stage: 'local', position: 'off' }]);
  await advance(3600);
  const statuses = (await json('incidents')).map(({ status, actions }) => [status, actions.length]);
  expect(statuses.filter(([status]) => status === 'healed')).toEqual([]);
  expect(statuses.filter(([, actions]) => actions > 0)).toEqual([]);
});

test.each([
  [['show'], 'selfheal show: name one incident; selfheal show --help says how\n'],
  [['show', 'x'], 'selfheal show: no incident that is kept begins with "x"; selfheal incidents lists them\n'],
  [['switch', 'of'], 'selfheal switch: the switch is one of on, dry-run, off, not "of"\n'],
  [['incidents', '--since', '2y'], 'selfheal incidents: --since must be a duration up to 90d, such as 90m, 24h or 7d, not "2y"\n'],
  [['incidents', '--stage', 'a b'], 'selfheal incidents: --stage must be the name of a stage, not "a b"\n'],
  [
    ['incidents', '--stage', 'other'],
    'selfheal incidents: there is no table selfheal-other-ledger in this account and region: --stage and AWS_REGION name another deployment\n',
  ],
])('%j ends with one line and exit code 2', async (args, stderr) => {
  const { env } = await servedHost();
  expect(await selfheal(args, { env })).toEqual({ code: 2, stdout: '', stderr });
});

test.each([
  [{ SELFHEAL_STAGE: 'local' }, /^selfheal switch: the stage local is on the embedded AWS: npx selfheal aws --deployed/],
  [
    { SELFHEAL_STAGE: 'local', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
    /^selfheal switch: nothing listens at http:\/\/127.0.0.1:1: npx selfheal aws/,
  ],
  [
    { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
    /^selfheal switch: nothing listens at http:\/\/127.0.0.1:1: set AWS_ENDPOINT_URL/,
  ],
])('without a way to AWS, %j, there is one line with the remedy', async (env, stderr) => {
  const said = await selfheal(['switch'], { env });
  expect(said).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(stderr) });
  expect(said.stderr.split('\n')).toHaveLength(2);
});

test('--watch draws a terminal anew, and prints a line in a pipe only when it has changed', async () => {
  const looks = [
    {
      screen: 'one\ntwo',
      lines: new Map([
        ['a', 'one'],
        ['b', 'two'],
      ]),
    },
    {
      screen: 'one\n2',
      lines: new Map([
        ['a', 'one'],
        ['b', '2'],
      ]),
    },
  ];
  const watched = async (isTTY: boolean) => {
    const { io, written } = recordingIo({ isTTY });
    const stopping = new AbortController();
    let count = 0;
    const look = async () => {
      if (count === looks.length) stopping.abort();
      return looks[Math.min(count++, looks.length - 1)] as (typeof looks)[0];
    };
    await watchUntil(io, look, stopping.signal, 1);
    return written.stdout;
  };
  expect(await watched(false)).toBe('one\ntwo\n2\n');
  expect(await watched(true)).toBe('\u001b[Hone\u001b[K\ntwo\u001b[K\n\u001b[J\u001b[Hone\u001b[K\n2\u001b[K\n\u001b[J');
});

test('--watch ends with exit code 130 at Ctrl-C', async () => {
  const { env, advance } = await servedScenario(demo);
  await advance(400);
  const program = join(import.meta.dirname, '../../local/cli/selfheal.js');
  const watching = spawn(process.execPath, [program, 'incidents', '--watch'], { env: { ...process.env, ...env } });
  const exited = once(watching, 'exit');
  const [first] = await once(watching.stdout, 'data');
  expect(String(first)).toMatch(/ {2}open {2}/);
  watching.kill('SIGINT');
  expect(await exited).toEqual([130, null]);
});

test('a short key is unique, and no longer than it has to be', () => {
  const keys = [
    'disk-full-0123456789abcdef0123456789abcdef',
    'disk-full-0123456799abcdef0123456789abcdef',
    'disk-full-ffffffffffffffffffffffffffffffff',
  ];
  expect(keys.map((key) => shortKey(key, keys))).toEqual(['disk-full-012345678', 'disk-full-012345679', 'disk-full-ffffffff']);
  const [first = ''] = keys;
  expect(shortKey(`${first}-2`, [first, `${first}-2`])).toBe(`${first}-2`);
});
