import { afterEach, expect, test } from '@jest/globals';
import { closeServed, scenarioOf, servedHost, servedScenario } from './served.ts';

afterEach(closeServed);

const other = '--account 999999999999';

test('incidents and the digest of one account or region are those of it, and of all without one', async () => {
  const { advance, run, json, aws } = await servedScenario(scenarioOf('demo'));
  const { account, region } = aws().world;
  await advance(400);
  const open = await json('incidents --open');
  expect(open.length).toBeGreaterThan(0);
  expect(open[0]).toMatchObject({ account, region });
  expect(await json(`incidents --open --account ${account} --region ${region}`)).toEqual(open);
  expect(await json(`incidents --open ${other}`)).toEqual([]);
  await advance(3200);
  const ended = await json('incidents');
  expect(await json(`incidents --account ${account}`)).toEqual(ended);
  expect(await json('incidents --region eu-north-1')).toEqual([]);
  expect((await run(`incidents ${other} --region eu-north-1`)).stdout).toBe(
    'No incident in 24h in account 999999999999 in eu-north-1, stage local.\n',
  );
  const incidentsIn = async (args: string) => (await json(`digest ${args}`))[0].now.incidents;
  expect(await incidentsIn(`--since 7d --account ${account} --region ${region}`)).toBe(ended.length);
  expect(await incidentsIn(`--since 7d ${other}`)).toBe(0);
});

test.each([
  ['incidents --account 12', '--account must be 12 digits, not "12"'],
  ['digest --region europe', '--region must be a region such as eu-west-1, not "europe"'],
])('%s is refused', async (args, problem) => {
  const { run } = await servedHost();
  expect(await run(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(problem) });
});

test('a pause of one place is listed, changed and ended apart from one of everywhere', async () => {
  const { run, json } = await servedHost();
  const id = 'i-0a1b2c3d4e5f60718';
  const there = '--account 111122223333 --region eu-west-1';
  await run(`pause ${id} --for 2h --because all`);
  expect((await run(`pause ${id} --for 1h --because there ${there}`)).stdout).toContain(
    `${id} in account 111122223333 in eu-west-1 is paused until`,
  );
  await run(`pause ${id} --for 3h --because again ${there}`);
  expect((await json('pause')).map(({ account, region, because }) => [account, region, because])).toEqual([
    [undefined, undefined, 'all'],
    ['111122223333', 'eu-west-1', 'again'],
  ]);
  expect((await json(`pause ${other}`)).map(({ because }) => because)).toEqual(['all']);
  expect((await run(`resume ${id} ${there}`)).code).toBe(0);
  expect((await json('pause')).map(({ because, over }) => [because, over])).toEqual(
    expect.arrayContaining([
      ['all', false],
      ['again', true],
    ]),
  );
});

test("the switch of an account is turned with that account's credentials alone", async () => {
  const { run, json } = await servedHost();
  expect(await run(`switch off ${other}`)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('these credentials are of account 111122223333: the switch of 999999999999 is turned with'),
  });
  expect((await run('switch')).stdout).toMatch(/^on/);
  expect(await json('switch off --account 111122223333 --region us-east-1')).toMatchObject([
    { account: '111122223333', region: 'us-east-1', position: 'off', before: 'on' },
  ]);
  // Where there is a ledger, it is recorded as ever.
  expect(await json('acts')).toMatchObject([{ kind: 'switch', what: 'off' }]);
});

test('the switch of a member, where there is no ledger that could record it, is turned all the same', async () => {
  const { run } = await servedHost(new Set(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']));
  expect((await run('switch off')).code).toBe(2);
  expect(await run('switch dry-run --account 111122223333')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^dry-run; it was on/),
  });
  expect((await run('switch')).stdout).toMatch(/^dry-run/);
});

test('all is accepted where it is the default, and says nothing else; with some it is refused', async () => {
  const { run, json } = await servedHost();
  const id = 'i-0a1b2c3d4e5f60718';
  expect((await run(`pause ${id} --for 2h --because all --all`)).code).toBe(0);
  expect(await json('pause --all')).toEqual(await json('pause'));
  for (const command of ['incidents', 'digest']) expect(await run(`${command} --all`)).toEqual(await run(command));
  for (const command of ['incidents', 'digest', 'pause', `pause ${id} --for 1h --because x`, `resume ${id}`, 'switch off'])
    expect(await run(`${command} --all --region eu-west-1`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--all means all accounts and regions: leave --account and --region out'),
    });
  expect((await run('switch')).stdout).toMatch(/^on/);
});

test('everything is resumed only by name and with a reason, and each pause that is ended is listed', async () => {
  const { run, json } = await servedHost();
  const there = '--account 444455556666 --region eu-west-1';
  expect(await run('resume --all --because done')).toMatchObject({ code: 1, stderr: 'selfheal resume: nothing is paused\n' });
  await run('pause i-1 --for 2h --because x');
  await run(`pause i-1 --for 2h --because x ${there}`);
  await run(`pause group/web --for 2h --because x ${there}`);
  for (const refused of ['resume', 'resume --because done', 'resume --all', `resume --all --because done ${there}`])
    expect((await run(refused)).code).toBe(2);
  expect((await json('pause')).filter(({ over }) => over)).toEqual([]);
  expect((await run('resume i-1 --all')).stdout.trimEnd().split('\n').sort()).toEqual([
    'i-1 in account 444455556666 in eu-west-1 is no longer paused',
    'i-1 is no longer paused',
  ]);
  await run('pause i-2 --for 2h --because x');
  const ended = await json('resume --all --because done');
  expect(ended).toHaveLength(2);
  expect(ended).toContainEqual({ resource: { type: null, id: 'i-2' }, resumed: 1 });
  expect(ended).toContainEqual({
    ...{ resource: { type: 'group', id: 'web' }, account: '444455556666', region: 'eu-west-1', resumed: 1 },
  });
  expect((await json('pause')).filter(({ over }) => !over)).toEqual([]);
  const [last] = (await json('acts')).filter(({ because }) => because === 'done');
  expect(last).toMatchObject({ kind: 'resume', what: 'everything that was paused', done: true });
});

test("the switch of all is the hub's own, and not that of an account without a ledger", async () => {
  const { run } = await servedHost();
  expect((await run('switch off --all')).stdout).toMatch(/^off; it was on .*it holds in all accounts and regions/);
  const member = await servedHost(new Set(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']));
  expect((await member.run('switch off --all')).code).toBe(2);
  expect((await member.run('switch --all')).code).toBe(2);
  expect((await member.run('switch')).stdout).toMatch(/^on/);
});
