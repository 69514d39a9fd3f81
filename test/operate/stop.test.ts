import { DescribeTargetGroupsCommand, DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, expect, test } from '@jest/globals';
import { closeServed, scenarioOf, servedScenario } from './served.ts';

afterEach(closeServed);

/** selfheal's calls with effect on what it treats. */
const changes = ({ aws }: Awaited<ReturnType<typeof servedScenario>>): string[] =>
  aws()
    .world.calls.filter(
      ({ accessKey, service, error, input }) =>
        accessKey === 'selfheal' &&
        error === null &&
        !(input as { DryRun?: boolean }).DryRun &&
        !['dynamodb', 'sns', 'events', 'ssm', 'lambda'].includes(service),
    )
    .map(({ operation }) => operation)
    .filter((operation) => !/^(Describe|Get|List|Lookup)/.test(operation));

test('an incident that is stopped before its first action takes none, and a person is told', async () => {
  const served = await servedScenario(scenarioOf('demo'));
  const { advance, run, json } = served;
  await advance(400);
  const [{ incident }] = await json('incidents --open');
  expect(incident).toMatch(/^host-impaired-/);
  const stopped = await run(`stop ${incident} --because migration`);
  expect(stopped).toEqual({ code: 0, stdout: `${incident} is stopped: it ends before its next action\n`, stderr: '' });
  expect((await run(`show ${incident}`)).stdout).toMatch(
    /it is stopped, and ends before its next action\n {5}2026-03-02 09:36 UTC: \S+ stopped host-impaired-\S+ because migration\n$/,
  );
  await advance(900);
  const [outcome] = await json(`show ${incident}`);
  expect(outcome).toMatchObject({
    status: 'escalated',
    quiet: false,
    reason: expect.stringMatching(/^stopped by \S+ because migration$/),
    actions: [{ result: 'not begun' }],
  });
  expect(changes(served)).not.toContain('TerminateInstanceInAutoScalingGroup');
  expect(await run(`stop ${incident}`)).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^selfheal stop: it ended at 2026-03-02 09:4\d UTC: escalated\n$/),
  });
  expect(await json('acts')).toMatchObject([{ kind: 'stop', incident, done: true }]);
});

test('what waits for an approval is answered with no, and ends by the name of who stopped it', async () => {
  const served = await servedScenario(scenarioOf('approval-granted'));
  const { advance, run, json } = served;
  await advance(1200);
  const [{ incident, waits }] = await json('incidents --open');
  expect(waits.questions).toMatchObject([{ what: expect.any(String), why: expect.any(String) }]);
  const before = changes(served);
  expect((await run(`stop ${incident}`)).stdout).toBe(`${incident} is stopped: what it asked is answered with no\n`);
  await advance(60);
  expect(await json(`show ${incident}`)).toMatchObject([
    { status: 'escalated', reason: expect.stringMatching(/^stopped by /), actions: [] },
  ]);
  expect(changes(served)).toEqual(before);
});

test('what was taken out of service is put back before the incident ends', async () => {
  const served = await servedScenario(scenarioOf('drained-reboot'));
  const { advance, run, json, clients } = served;
  for (let i = 0; i < 400 && !changes(served).includes('DeregisterTargets'); i++) await advance(15);
  const [{ incident }] = await json('incidents --open');
  const { TargetGroups = [] } = await clients.elb.send(new DescribeTargetGroupsCommand({}));
  const targets = async () =>
    (
      await clients.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: TargetGroups[0]?.TargetGroupArn }))
    ).TargetHealthDescriptions?.map(({ TargetHealth }) => TargetHealth?.State);
  expect(await targets()).toContain('draining');
  expect((await run(`stop ${incident}`)).code).toBe(0);
  await advance(150);
  expect(await json(`show ${incident}`)).toMatchObject([{ status: 'escalated', reason: expect.stringMatching(/^stopped by /) }]);
  expect(changes(served)).toEqual(['DeregisterTargets', 'RegisterTargets']);
  expect(await targets()).not.toContain('draining');
});
