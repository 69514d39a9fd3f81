import { CreateDocumentCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import type { DocumentEffect } from '#local-aws';
import { type Action, toDo, wouldHave } from '../../shared/actions/action.ts';
import { runCommand, runCommandOf } from '../../shared/actions/run-command.ts';
import { secondsOf } from '../../shared/model/duration.ts';
import { incidentKey } from '../../shared/model/incident.ts';
import { recordingClients, sdkError } from '../aws/recorder.ts';
import { facts, incident, noon, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';
import { createManagedInstance, restart } from './managed-instance.ts';

const action = runCommandOf('restart-nginx', restart);
const [step] = action.steps;
const { follow } = step;
if (!follow) throw new Error('a command is followed');
const reference = 'application-down-0123456789abcdef0123456789abcdef/1';
const work = { facts: facts(), policy: policy(), reference };

/** A command that was sent and has ended, unless it is looked at sooner. */
const sent = async (effect?: DocumentEffect, { seconds = 60, of = restart } = {}) => {
  const managed = createManagedInstance(effect);
  const { clients, target, pass } = managed;
  const input = { target, facts: facts(), policy: policy(), dryRun: false, reference };
  await runCommandOf('restart-nginx', of).steps[0].call(clients, input);
  pass(seconds);
  const find = (change: { reference?: string; since?: number } = {}) => follow.find(clients, { ...work, target, since: noon, ...change });
  return { ...managed, find };
};

describe('run-command', () => {
  test('sends the document of the policy in its version to the one instance, to be delivered at once or not at all', async () => {
    expect(await doAll(action, facts())).toEqual([
      {
        permission: 'ssm:SendCommand',
        input: {
          DocumentName: 'Shop-RestartService',
          DocumentVersion: '3',
          InstanceIds: [facts().instance?.id],
          Parameters: { Service: ['nginx'] },
          Comment: 'selfheal an-attempt',
          TimeoutSeconds: 30,
        },
      },
    ]);
  });

  test('has a comment that the service takes, and that no other attempt has, for the longest incident too', async () => {
    const longest = incidentKey({ ...incident({ failure: 'certificate-expiring' }), resource: { type: 'instance', id: 'i'.repeat(500) } });
    const comments = await Promise.all(
      ['1', '2', '99'].map(async (attempt) => {
        const { clients, calls } = recordingClients(() => ({ output: {} }));
        const input = { target: { type: 'instance', id: 'i-1' } as const, facts: facts(), policy: policy(), dryRun: false };
        await step.call(clients, { ...input, reference: `${longest}/${attempt}` });
        return String(calls[0]?.input.Comment);
      }),
    );
    expect(new Set(comments).size).toBe(3);
    for (const comment of comments) expect(comment.length).toBeLessThanOrEqual(100);
  });

  test('calls nothing in a dry run, since Systems Manager has none', async () => {
    expect(await doAll(action, facts(), { dryRun: true })).toEqual([]);
  });

  test('says what it does', () => {
    const subject = { target: { type: 'instance', id: 'i-1' } as const, facts: facts(), policy: policy() };
    expect(toDo(action, subject)).toBe('run command restart-nginx on instance i-1');
    expect(wouldHave(action, subject)).toBe('would have run command restart-nginx on instance i-1');
    expect(toDo(runCommand, subject)).toBe('run a command on instance i-1');
  });

  test('has the effects that its owner declares', () => {
    expect(action.effects).toEqual(['changesSoftware', 'interrupts']);
    expect(runCommandOf('clean-tmp', { ...restart, effects: [] }).effects).toEqual(['changesSoftware']);
    expect([action.downtime, runCommandOf('clean-tmp', { ...restart, effects: [] }).downtime, runCommand.downtime]).toEqual([
      ...[{ seconds: secondsOf(restart.timeout), source: 'policy' }, null, { seconds: 0, source: 'policy' }],
    ]);
  });

  test('has no target before it is known which command of the policy it runs', async () => {
    const unbound: Action = runCommand;
    expect(unbound.target(facts())).toBeNull();
    await expect(doAll(unbound, facts())).rejects.toThrow('no command of the policy is named');
  });
});

describe('a command that was sent', () => {
  test('is found by its comment, under way and at its end', async () => {
    const { find, pass } = await sent({ seconds: 20 }, { seconds: 10 });
    expect(await find()).toMatchObject({ state: 'running', says: 'InProgress', output: [] });
    pass(30);
    expect(await find()).toMatchObject({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), state: 'done', says: 'Success, exit code 0' });
  });

  const answered = async (invocation: object, steps: object[] = [], output = {}) => {
    const { clients, calls } = recordingClients((permission, { Details }) => {
      if (permission === 'ssm:GetCommandInvocation') return { output };
      const own = { CommandId: 'c-1', Comment: `selfheal ${reference}`, Status: 'Success', ...invocation };
      return { output: { CommandInvocations: [Details ? { ...own, CommandPlugins: steps } : own] } };
    });
    const input = { ...work, target: { type: 'instance', id: 'i-1' } as const, since: noon };
    return { found: await follow.find(clients, input), calls, input };
  };

  test.each(['Pending', 'InProgress', 'Delayed', 'Cancelling'])('is under way while it is %s', async (Status) => {
    expect((await answered({ Status })).found).toEqual({ id: 'c-1', state: 'running', says: Status, output: [] });
    expect((await answered({ Status, StatusDetails: 'Words' })).found).toMatchObject({ says: 'Words' });
    expect((await answered({ Status: undefined })).found).toMatchObject({ state: 'failed', says: 'unknown' });
  });

  test('is looked for from a minute before it was sent', async () => {
    const { calls } = await answered({});
    expect(calls[0]?.input).toEqual({
      ...{
        InstanceId: 'i-1',
        MaxResults: 50,
        Filters: [{ key: 'InvokedAfter', value: new Date(noon - 60_000).toISOString().replace('.000', '') }],
      },
    });
  });

  test('shows the first of its steps that has not succeeded, or else the last', async () => {
    const shown = async (...states: string[]) => {
      const { calls } = await answered(
        {},
        states.map((Status, at) => ({ Name: `step-${at}`, Status })),
      );
      return calls.find(({ permission }) => permission === 'ssm:GetCommandInvocation')?.input.PluginName;
    };
    expect([await shown('Success', 'Failed', 'Failed'), await shown('Success', 'Success'), await shown()]).toEqual([
      'step-1',
      'step-1',
      undefined,
    ]);
  });

  test('that has ended by itself need not be cancelled, and one that may not be is an error', async () => {
    const { input } = await answered({});
    const cancel = (name: string) => follow.cancel(recordingClients(() => sdkError(name, 400)).clients, input, 'c-1');
    await expect(cancel('InvalidCommandId')).resolves.toBeUndefined();
    await expect(cancel('AccessDenied')).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('is not another one', async () => {
    const { find } = await sent();
    expect(await find({ reference: `${reference}1` })).toBeNull();
    expect(await find({ since: noon + 600_000 })).toBeNull();
  });

  test('is found on a later page', async () => {
    const { clients, target, id, pass, callsOf } = createManagedInstance();
    const sendOthers = async () => {
      for (let i = 0; i < 51; i++)
        await clients.ssm.send(
          new SendCommandCommand({ DocumentName: restart.document, InstanceIds: [id], Parameters: { Service: ['x'] } }),
        );
    };
    await sendOthers();
    await step.call(clients, { target, facts: facts(), policy: policy(), dryRun: false, reference });
    await sendOthers();
    pass(60);
    expect(await follow.find(clients, { ...work, target, since: noon })).toMatchObject({ state: 'done' });
    // Two pages, and the steps of what was found.
    expect(callsOf('ListCommandInvocations')).toHaveLength(3);
  });

  test('has failed with its exit code, and says what it wrote', async () => {
    const { find } = await sent({ fails: 3, stdout: 'restarting\n', stderr: 'no such unit' });
    expect(await find()).toMatchObject({
      state: 'failed',
      says: 'Failed, exit code 3',
      output: ['stdout: restarting', 'stderr: no such unit failed to run commands: exit status 3'],
    });
  });

  test('has failed where it was not delivered, without an exit code', async () => {
    const managed = createManagedInstance();
    const { clients, target, aws, pass } = managed;
    await step.call(clients, { target, facts: facts(), policy: policy(), dryRun: false, reference });
    aws.ssm.loseAgent(target.id, true);
    pass(7200);
    expect(await follow.find(clients, { ...work, target, since: noon })).toMatchObject({
      state: 'failed',
      says: 'DeliveryTimedOut',
      output: [],
    });
  });

  test('of several steps shows the one that failed, or the last', async () => {
    const { clients, target, find, pass } = await (async () => {
      const managed = createManagedInstance();
      const mainSteps = ['stop', 'start'].map((name) => ({ action: 'aws:runShellScript', name, inputs: { runCommand: [name] } }));
      const Content = JSON.stringify({ schemaVersion: '2.2', mainSteps });
      await managed.clients.ssm.send(new CreateDocumentCommand({ Name: 'Shop-Two', Content, DocumentType: 'Command' }));
      return { ...managed, find: () => follow.find(managed.clients, { ...work, target: managed.target, since: noon }) };
    })();
    const two = runCommandOf('two', { ...restart, document: 'Shop-Two', version: '1', parameters: {} });
    await two.steps[0].call(clients, { target, facts: facts(), policy: policy(), dryRun: false, reference });
    pass(60);
    expect(await find()).toMatchObject({ state: 'done', says: 'Success, exit code 0' });
  });

  const outputOf = async (stdout: string) => (await (await sent({ stdout })).find())?.output[0] ?? '';

  test.each([
    ['a\r\nb\tc\n\n', 'a b c'],
    ['\u001b[31mred\u001b[0m \u001b]0;title\u0007', 'red 0;title'],
    ['a\u202eb\u200bc', 'a b c'],
    ['password=hunter2 done', 'password=******** done'],
    // A colour within what names a secret hides nothing.
    ['pass\u001b[1mword=hunter2', 'password=********'],
  ])('of %j shows %j', async (stdout, line) => {
    expect(await outputOf(stdout)).toBe(`stdout: ${line}`);
  });

  test.each(['x', 'ä', '→', '😀'])('shows the first 4 KB of what it wrote, and no half of a %s', async (character) => {
    const line = (await outputOf(character.repeat(10_000))).slice('stdout: '.length);
    const bytes = Buffer.byteLength(line);
    expect(bytes).toBeLessThanOrEqual(4096);
    expect(bytes).toBeGreaterThan(4096 - 4);
    expect(line).toMatch(new RegExp(`^${character}+…$`, 'u'));
  });

  test('shows no half of a secret where it is cut', async () => {
    for (const before of [4070, 4080, 4090]) {
      const line = await outputOf(`${'x'.repeat(before - 1)} password=correct-horse-battery-staple`);
      expect(line).not.toContain('corr');
    }
  });

  test('can be cancelled, also after it has ended', async () => {
    const { find, pass, clients, target } = await sent({ seconds: 600 }, { seconds: 10 });
    const { id = '' } = (await find()) ?? {};
    await follow.cancel(clients, { ...work, target }, id);
    pass(60);
    expect(await find()).toMatchObject({ state: 'failed', says: 'Cancelled' });
    await expect(follow.cancel(clients, { ...work, target }, id)).resolves.toBeUndefined();
    await expect(follow.cancel(clients, { ...work, target }, '11111111-1111-4111-8111-111111111111')).resolves.toBeUndefined();
  });

  test('is cancelled after the time that the policy gives it', () => {
    expect(follow.within).toBe(120);
    expect(runCommandOf('slow', { ...restart, timeout: '1h' }).steps[0].follow?.within).toBe(3600);
  });
});
