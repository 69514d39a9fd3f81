import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Host, HostOptions } from '../../local/testbed/host.ts';
import { policySchema } from '../../shared/model/policy.ts';
import { sdkError } from '../aws/recorder.ts';
import { hungInstance, minute, start } from '../hung-instance.ts';

const policy = policySchema.parse({ approval: { timeout: 3600, required: [{ action: 'reboot-instance' }] } });

let host: Host;
afterEach(() => host.close());

/** A lone instance whose kernel hangs, and whose reboot needs a person: up to the question. */
const untilAsked = async (options: Partial<HostOptions> = {}): Promise<{ web: string; link: string }> => {
  const hung = await hungInstance({ policy, ...options });
  ({ host } = hung);
  expect(await host.run(() => host.approvals.length > 0, start + 60 * minute)).toBe(true);
  return { web: hung.web, link: JSON.parse(host.approvals[0] ?? '').link };
};
const toTheEnd = () => host.run(() => host.outcomes.some(({ quiet }) => !quiet) && !host.busy(), start + 600 * minute);

const calls = (operation: string) => host.aws.world.calls.filter((call) => call.operation === operation && call.error === null);
const send = (link: string, fields: Record<string, string>) => {
  const { origin, pathname } = new URL(link);
  return host.fetch(`${origin}/`, { method: 'POST', body: new URLSearchParams({ token: pathname.slice(1), name: 'Ana', ...fields }) });
};
/** Where the question of a link is kept. */
const keyOf = (link: string) => ({ pk: { S: `v1#approval#${new URL(link).pathname.slice(1).split('.')[0]}` } });
/** The id that the durable engine waits for. */
const callback = (): string => {
  const operations = [...host.engine.executions.values()].flatMap((execution) => [...execution.operations.values()]);
  const [id] = operations.flatMap(({ CallbackDetails }) => CallbackDetails?.CallbackId ?? []);
  expect(id).toMatch(/^[\w+/]{10,}=*$/);
  return id as string;
};
/** What people have been told in the end: the loud outcomes alone. */
const told = () => host.outcomes.filter(({ quiet }) => !quiet);

describe('an action that needs a person', () => {
  test('is asked about once, by a link that may be opened any number of times', async () => {
    const { web, link } = await untilAsked();
    expect(JSON.parse(host.approvals[0] ?? '')).toMatchObject({
      kind: 'approval',
      failure: 'instance-unreachable',
      resource: { type: 'instance', id: web },
      action: 'reboot-instance',
      target: { type: 'instance', id: web },
      foreseen: { downtime: { seconds: 180, source: 'assumed' }, address: 'none', undo: 'it passes by itself', tried: [] },
    });
    for (let i = 0; i < 20; i++) {
      for (const method of ['GET', 'HEAD', 'OPTIONS']) expect((await host.fetch(link, { method })).ok).toBe(true);
    }
    await host.run(() => false, host.aws.world.clock.now() + 10 * minute);
    expect(host.approvals).toHaveLength(1);
    expect(calls('SendDurableExecutionCallbackSuccess')).toEqual([]);
    expect(calls('RebootInstances')).toEqual([]);
    expect(told()).toEqual([]);
  });

  test('is done once and heals after a yes, which says who gave it', async () => {
    const { link } = await untilAsked();
    expect(await (await host.fetch(link)).text()).toContain('name="decision" value="approve"');
    const answer = await send(link, { decision: 'approve', name: 'Ana' });
    expect(answer.status).toBe(200);
    expect(await toTheEnd()).toBe(true);
    expect(calls('RebootInstances')).toHaveLength(1);
    expect(told()).toMatchObject([{ status: 'healed', verified: true }]);
    const story = told()[0]?.timeline.map(({ text }) => text) ?? [];
    expect(story).toContain('Ana (name not checked) at 203.0.113.7 said approve');
    const after = await host.fetch(link);
    expect(after.status).toBe(200);
    expect(await after.text()).toContain('approved by Ana (name not checked) at 203.0.113.7');
  });

  test('is not done after a no', async () => {
    const { link } = await untilAsked();
    expect((await send(link, { decision: 'reject' })).status).toBe(200);
    expect(await toTheEnd()).toBe(true);
    expect(calls('RebootInstances')).toEqual([]);
    expect(told()).toMatchObject([{ status: 'held', actions: [] }]);
    expect(told()[0]?.reason).toMatch(/^Ana \(name not checked\) at 203\.0\.113\.7 decided not to reboot/);
  });

  test('is not done where nobody answers, and the link is over then', async () => {
    const { link } = await untilAsked();
    expect(await toTheEnd()).toBe(true);
    expect(calls('RebootInstances')).toEqual([]);
    expect(told()).toMatchObject([{ status: 'held', actions: [] }]);
    expect(told()[0]?.reason).toMatch(/^nobody decided within 1 h/);
    expect((await host.fetch(link)).status).toBe(410);
    expect((await send(link, { decision: 'approve' })).status).toBe(410);
    await host.run(() => false, host.aws.world.clock.now() + 60 * minute);
    expect(calls('RebootInstances')).toEqual([]);
    expect(calls('SendDurableExecutionCallbackSuccess')).toEqual([]);
  });

  test('is decided once, by whoever of many at the same time comes first', async () => {
    const { link } = await untilAsked();
    const answers = await Promise.all(
      ['approve', 'reject', 'approve', 'reject', 'reject'].map((decision, i) => send(link, { decision, name: `person ${i}` })),
    );
    expect(calls('SendDurableExecutionCallbackSuccess')).toHaveLength(1);
    const pages = await Promise.all(answers.map((answer) => answer.text()));
    const deciders = new Set(pages.map((page) => /(approved|rejected) by person \d/.exec(page)?.[0]));
    expect(deciders.size).toBe(1);
    const [decider = ''] = deciders;
    const agree = decider.startsWith('approved') ? [0, 2] : [1, 3, 4];
    expect(answers.map(({ status }) => status)).toEqual([0, 1, 2, 3, 4].map((i) => (agree.includes(i) ? 200 : 409)));
    expect(await toTheEnd()).toBe(true);
    expect(calls('RebootInstances')).toHaveLength(decider.startsWith('approved') ? 1 : 0);
  });

  test('is not undone or done again by a second answer', async () => {
    const { link } = await untilAsked();
    expect((await send(link, { decision: 'reject', name: 'Ana' })).status).toBe(200);
    const later = await send(link, { decision: 'approve', name: 'Ben' });
    expect(later.status).toBe(409);
    expect(await later.text()).toContain('rejected by Ana');
    expect(await toTheEnd()).toBe(true);
    expect((await send(link, { decision: 'approve', name: 'Ben' })).status).toBe(409);
    expect(calls('SendDurableExecutionCallbackSuccess')).toHaveLength(1);
    expect(calls('RebootInstances')).toEqual([]);
  });

  test('is a question of its own: a yes to one action of an incident is none to the next', async () => {
    const both = policySchema.parse({
      approval: { timeout: 3600, required: [{ action: 'reboot-instance' }, { action: 'stop-start-instance' }] },
    });
    const { link } = await untilAsked({ policy: both });
    host.aws.faults.inject({ fault: 'fail-call', service: 'ec2', operation: 'RebootInstances', code: 'UnsupportedOperation', status: 400 });
    expect((await send(link, { decision: 'approve', name: 'Ana' })).status).toBe(200);
    expect(await host.run(() => host.approvals.length > 1, host.aws.world.clock.now() + 60 * minute)).toBe(true);
    const [first, second] = host.approvals.map((text) => JSON.parse(text) as { action: string; link: string; incident: string });
    expect([first?.action, second?.action]).toEqual(['reboot-instance', 'stop-start-instance']);
    expect(second?.incident).toBe(first?.incident);
    expect(second?.link).not.toBe(first?.link);
    // The first yes again, the proof of the first for the second, and the record of the first copied to the second.
    expect((await send(link, { decision: 'approve' })).status).toBe(200);
    const [id = ''] = new URL(second?.link ?? '').pathname.slice(1).split('.');
    const [, mac = ''] = new URL(link).pathname.slice(1).split('.');
    expect((await send(`${new URL(link).origin}/${id}.${mac}`, { decision: 'approve' })).status).toBe(403);
    const decided = await host.operator.dynamodb.send(new GetItemCommand({ TableName: host.table, Key: keyOf(link) }));
    await host.operator.dynamodb.send(
      new UpdateItemCommand({
        TableName: host.table,
        Key: keyOf(second?.link ?? ''),
        UpdateExpression: 'SET decision = :decision',
        ExpressionAttributeValues: { ':decision': decided.Item?.decision ?? { S: '' } },
      }),
    );
    await host.run(() => false, host.aws.world.clock.now() + 5 * minute);
    expect((await send(second?.link ?? '', { decision: 'reject' })).status).toBe(403);
    expect(await toTheEnd()).toBe(true);
    expect(calls('StopInstances')).toEqual([]);
    expect(told()).toMatchObject([{ status: 'held', reason: expect.stringMatching(/^nobody decided within 1 h .* stop and start/) }]);
  });

  test('is too late to decide once the execution is gone', async () => {
    const { link } = await untilAsked();
    for (const { name } of host.engine.executions.values()) host.engine.stop(name);
    const answer = await send(link, { decision: 'approve', name: 'Ana' });
    expect(answer.status).toBe(410);
    expect(await answer.text()).toContain('no longer does');
    expect((await host.fetch(link)).status).toBe(410);
    expect((await send(link, { decision: 'approve' })).status).toBe(410);
    await host.run(() => false, host.aws.world.clock.now() + 60 * minute);
    expect(calls('RebootInstances')).toEqual([]);
  });

  test('is not done where an operator fails the question by hand', async () => {
    await untilAsked();
    expect(host.engine.completeCallback(callback(), { error: 'no' })).toBe(true);
    expect(await toTheEnd()).toBe(true);
    expect(calls('RebootInstances')).toEqual([]);
    expect(told()).toMatchObject([{ status: 'held' }]);
  });

  test('survives a process that dies around the question: one question counts, one answer, one action', async () => {
    let died = 0;
    // Just after the service has learnt that the question was asked, and once more where it hasn't.
    const { link } = await untilAsked({
      dies: ({ updates, when }) => updates.some(({ Name }) => Name === 'approval-request') && died++ < 2 && when === 'before',
    });
    expect(died).toBeGreaterThan(0);
    await host.run(() => false, host.aws.world.clock.now() + minute);
    expect(new Set(host.approvals).size).toBe(1);
    expect((await send(link, { decision: 'approve' })).status).toBe(200);
    expect(await toTheEnd()).toBe(true);
    expect(calls('RebootInstances')).toHaveLength(1);
    expect(told()).toMatchObject([{ status: 'healed' }]);
  });

  test('is passed on later where the incident could not be told at first', async () => {
    const { link } = await untilAsked();
    host.aws.faults.inject({
      fault: 'fail-call',
      service: 'lambda',
      operation: 'SendDurableExecutionCallbackSuccess',
      code: 'ServiceException',
      message: 'internal',
      status: 500,
      count: 1,
    });
    const answer = await send(link, { decision: 'approve', name: 'Ana' });
    expect(answer.status).toBe(503);
    expect(await (await host.fetch(link)).text()).toContain('Pass it on');
    // Nobody can turn it round meanwhile, and whoever asks again at once is told to wait.
    expect((await send(link, { decision: 'reject', name: 'Ben' })).status).toBe(409);
    expect(calls('SendDurableExecutionCallbackSuccess')).toEqual([]);
    await host.run(() => false, host.aws.world.clock.now() + minute);
    expect((await send(link, { decision: 'reject', name: 'Ben' })).status).toBe(409);
    expect(calls('SendDurableExecutionCallbackSuccess')).toHaveLength(1);
    expect(await toTheEnd()).toBe(true);
    expect(calls('RebootInstances')).toHaveLength(1);
    expect(told()).toMatchObject([{ status: 'healed' }]);
  });

  test('can be decided by a link from before its key was rotated, and by none from two keys ago', async () => {
    const { link } = await untilAsked();
    const name = '/aws/reference/secretsmanager/selfheal-local-approval-key';
    const read = async () => JSON.parse((await host.operator.ssm.send(new GetParameterCommand({ Name: name }))).Parameter?.Value ?? '');
    const rotate = async (current: string) => {
      host.aws.ssm.putParameter(name, JSON.stringify({ previous: (await read()).current, current }));
      await host.run(() => false, host.aws.world.clock.now() + minute);
    };
    await rotate('a'.repeat(64));
    expect((await host.fetch(link)).status).toBe(200);
    await rotate('b'.repeat(64));
    expect((await host.fetch(link)).status).toBe(403);
    expect((await send(link, { decision: 'approve' })).status).toBe(403);
    await rotate('c'.repeat(64));
    host.aws.ssm.putParameter(name, 'no keys');
    await host.run(() => false, host.aws.world.clock.now() + minute);
    expect((await host.fetch(link)).status).toBe(500);
    expect(calls('SendDurableExecutionCallbackSuccess')).toEqual([]);
  });

  test('is not done, and a person is told why, where nobody could be asked', async () => {
    const meddle: HostOptions['meddle'] = {
      deps: (deps) => ({ ...deps, reporter: { ...deps.reporter, requestApproval: async () => Promise.reject(sdkError('NotFound', 404)) } }),
    };
    ({ host } = await hungInstance({ policy, meddle }));
    expect(await toTheEnd()).toBe(true);
    expect(calls('RebootInstances')).toEqual([]);
    expect(told()).toMatchObject([
      { status: 'escalated', actions: [], reason: expect.stringMatching(/nobody could be asked.*: NotFound: words/) },
    ]);
  });

  test('leaves no token, no key and no callback in the logs', async () => {
    const { link } = await untilAsked();
    await send(link, { decision: 'approve', name: 'Ana' });
    await toTheEnd();
    const logs = host.log.join('\n');
    expect(logs).toContain('"message":"approval"');
    const [id = '', mac = ''] = new URL(link).pathname.slice(1).split('.');
    for (const secret of [id, mac, callback()]) expect(logs).not.toContain(secret);
    const stories = JSON.stringify([told(), host.messages]);
    for (const secret of [id, mac, callback()]) expect(stories).not.toContain(secret);
  });
});
