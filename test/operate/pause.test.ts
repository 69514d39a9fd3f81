import { RebootInstancesCommand } from '@aws-sdk/client-ec2';
import { afterEach, expect, test } from '@jest/globals';
import { closeServed, scenarioOf, servedScenario } from './served.ts';

afterEach(closeServed);

const served = async () => {
  const all = await servedScenario(scenarioOf('demo'));
  /** The lone instance whose kernel hangs a minute after the beginning. */
  const hung = [...all.aws().ec2.list()].find(({ tags }) => tags.get('Name') === 'web')?.id ?? '';
  expect(hung).toMatch(/^i-/);
  return { ...all, hung, about: () => all.json(`incidents --resource ${hung}`) };
};

const told = ({ aws }: Pick<Awaited<ReturnType<typeof served>>, 'aws'>, id: string) =>
  aws().world.calls.filter(
    ({ accessKey, service, operation, input }) =>
      accessKey === 'selfheal' &&
      service === 'sns' &&
      operation === 'Publish' &&
      String((input as { TopicArn?: string }).TopicArn).endsWith('-outcomes') &&
      JSON.stringify(input).includes(id),
  ).length;

test('what fails under a pause is held quietly, and told once when the pause is over and it still fails', async () => {
  const { hung, run, json, advance, about, aws } = await served();
  expect((await run('pause')).stdout).toBe('Nothing is paused, stage local.\n');
  expect(await run(`pause ${hung} --for 20m --because debugging`)).toEqual({
    code: 0,
    stdout: `${hung} is paused until 2026-03-02 09:50 UTC\n`,
    stderr: '',
  });
  await advance(15 * 60);
  expect(await about()).toMatchObject([
    {
      status: 'held',
      quiet: true,
      actions: [],
      reason: expect.stringMatching(/^paused until 2026-03-02 09:50 UTC by \S+ because debugging$/),
    },
  ]);
  expect((await run('pause')).stdout).toMatch(
    new RegExp(`^${hung} paused until 2026-03-02 09:50 UTC by \\S+ because debugging; 1 incident held\n$`),
  );
  expect(told({ aws }, hung)).toBe(0);

  await advance(10 * 60);
  const [after, ...before] = await about();
  expect(before).toHaveLength(1);
  expect(after).toMatchObject({
    status: 'held',
    quiet: false,
    actions: [],
    reason: expect.stringMatching(/^the pause by \S+ is over, and it still fails$/),
  });
  expect(told({ aws }, hung)).toBe(1);
  expect(await json('pause')).toEqual([]);
  await advance(3600);
  expect(told({ aws }, hung)).toBe(1);
  expect(await json('acts')).toMatchObject([{ kind: 'pause', what: hung, because: 'debugging', done: true }]);
});

test('of what is healthy again when the pause is over nobody hears', async () => {
  const { hung, run, advance, about, aws, clients } = await served();
  expect((await run(`pause instance/${hung} --for 20m --because debugging`)).code).toBe(0);
  await advance(10 * 60);
  await clients.ec2.send(new RebootInstancesCommand({ InstanceIds: [hung] }));
  await advance(20 * 60);
  expect(await about()).toMatchObject([
    { status: 'healed-itself', quiet: true },
    { status: 'held', quiet: true },
  ]);
  expect(told({ aws }, hung)).toBe(0);
});

test('a pause that is ended before its time is over within two minutes, and one that held nothing leaves nothing', async () => {
  const { hung, run, json, advance, about } = await served();
  expect(await run(`resume ${hung}`)).toMatchObject({ code: 1, stderr: expect.stringContaining('is not paused') });
  await run(`pause ${hung} --for 30d --because debugging`);
  await run('pause group/shop --for 10m --because release');
  expect(await json('pause')).toMatchObject([{ resource: { type: 'group', id: 'shop' } }, { resource: { type: null, id: hung } }]);
  await advance(8 * 60);
  expect((await run(`resume ${hung}`)).stdout).toBe(`${hung} is no longer paused; what it held is looked at within two minutes\n`);
  await advance(200);
  expect(await about()).toMatchObject([
    { status: 'held', quiet: false },
    { status: 'held', quiet: true },
  ]);
  expect(await json('pause')).toEqual([]);
  expect((await json('acts')).map(({ kind }) => kind)).toEqual(['resume', 'pause', 'pause']);
});

test('what only people can treat is held as well, before anybody is told', async () => {
  const { run, json, advance, aws } = await servedScenario(scenarioOf('database-not-named'));
  expect((await run('pause database/orders --for 3h --because restore')).code).toBe(0);
  await advance(2 * 3600);
  expect(await json('incidents --resource database/orders')).toMatchObject([{ status: 'held', quiet: true }]);
  expect(told({ aws }, 'orders')).toBe(0);
  await advance(2 * 3600);
  const [after] = await json('incidents --resource database/orders');
  expect(after).toMatchObject({
    status: 'escalated',
    quiet: false,
    reason: expect.stringMatching(/^the pause by \S+ is over, and it still fails: the database is impaired/),
  });
  expect(told({ aws }, 'orders')).toBe(1);
});

test.each([
  ['pause i-1 --for 2h', 'say why: --because TEXT'],
  ['pause i-1 --because x', '--for must be a duration from 1m to 30d, such as 2h or 1d12h'],
  ['pause i-1 --for 31d --because x', '--for must be a duration from 1m to 30d, such as 2h or 1d12h'],
  ['pause --for 2h', 'name the resource to pause'],
  ['pause a b --for 2h --because x', 'pause one resource, not 2'],
])('%s is refused', async (args, problem) => {
  const { run } = await servedScenario(scenarioOf('approval-granted'));
  expect(await run(args)).toEqual({ code: 2, stdout: '', stderr: `selfheal pause: ${problem}\n` });
});
