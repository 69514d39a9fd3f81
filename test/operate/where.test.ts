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
