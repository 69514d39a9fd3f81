import { CreateDocumentCommand } from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import type { DocumentEffect, Fault } from '#local-aws';
import type { Follow, Progress } from '../../shared/actions/action.ts';
import { runCommandOf } from '../../shared/actions/run-command.ts';
import type { Clients } from '../../shared/aws/clients.ts';
import { placedAt } from '../../shared/model/place.ts';
import type { Ledger } from '../../shared/ports/ledger.ts';
import { followWork } from '../../shared/remediation/follow-work.ts';
import { createJournal } from '../../shared/remediation/journal.ts';
import { perform } from '../../shared/remediation/perform.ts';
import { createManagedInstance, restart } from '../actions/managed-instance.ts';
import { sdkError } from '../aws/recorder.ts';
import { emptyLedger } from '../aws/table.ts';
import { followBy, simpleEngine } from './engine.ts';
import { facts, incident, instance, noon, policy } from './examples.ts';
import { Death, mortalEngine } from './mortal-engine.ts';

const slow = JSON.stringify({
  schemaVersion: '2.2',
  parameters: { Service: { type: 'String' } },
  mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { timeoutSeconds: '20000', runCommand: ['{{ Service }}'] } }],
});

type Scene = {
  effect?: DocumentEffect;
  timeout?: string;
  faults?: Fault[];
  /** `Shop-Slow` runs for three hours, which its author has allowed, and goes on although it is cancelled. */
  document?: string;
  dies?: { at: number; when: 'before' | 'after' };
};

const failing = (operation: string, change: Partial<Extract<Fault, { fault: 'fail-call' }>> = {}): Fault => ({
  ...({ fault: 'fail-call', service: 'ssm', operation, code: 'InternalServerError', status: 500, rate: 1, when: 'before' } as const),
  ...change,
});

/** Performs the action with its one step to its end, again after it has died. */
const play = async ({ effect, timeout = '2m', faults = [], document = restart.document, dies }: Scene = {}) => {
  const managed = createManagedInstance(effect);
  const { aws, clients, clock, target, callsOf } = managed;
  const began = clock.now();
  const seconds = () => (clock.now() - began) / 1000;
  await clients.ssm.send(new CreateDocumentCommand({ Name: 'Shop-Slow', DocumentType: 'Command', Content: slow }));
  aws.ssm.changeEffect('Shop-Slow', '1', { seconds: 10_800, ignoresCancel: true });
  for (const fault of faults) aws.faults.inject(fault);
  const own = incident({ failure: 'application-down', resource: target });
  const seen = facts({ instance: instance({ id: target.id }) });
  const ledger: Ledger = await emptyLedger();
  await ledger.open(own, began);
  await ledger.acquire(placedAt(own, target), own.key, began, began + 86_400_000);
  const engine = mortalEngine(managed.pass, dies);
  const run = async () => {
    engine.rewind();
    const journal = createJournal(engine, { now: clock.now, random: () => 0.5 });
    await journal.persist('open', async () => null);
    const observe = async () => seen;
    const performed = await perform(
      {
        incident: own,
        action: runCommandOf('restart-nginx', { ...restart, document, version: document === 'Shop-Slow' ? '1' : restart.version, timeout }),
        target,
        facts: seen,
        policy: policy(),
        dryRun: false,
        attempt: 1,
        reference: `${own.key}/1`,
        attempts: [],
        replacements: [],
      },
      { journal, clients, ledger, killSwitch: { read: async () => 'on' }, observe, follow: followBy(observe, journal), record: () => {} },
    );
    return { performed, texts: journal.timeline.map(({ text }) => text) };
  };
  const told = await run().catch((error) => {
    if (error instanceof Death) return run();
    throw error;
  });
  return { ...told, seconds: seconds(), steps: engine.length(), callsOf, sent: callsOf('SendCommand').length };
};

describe('a command that was sent', () => {
  test('is followed to its end', async () => {
    const { performed, texts, sent, seconds } = await play({ effect: { stdout: 'restarted\n' } });
    expect(performed).toEqual({ result: 'acted' });
    expect(texts).toEqual(expect.arrayContaining(['it has ended: Success, exit code 0', 'stdout: restarted']));
    expect(sent).toBe(1);
    expect(seconds).toBeLessThan(60);
  });

  test('is not repeated where it fails, and says with what', async () => {
    const { performed, sent } = await play({ effect: { fails: 4 } });
    expect(performed).toMatchObject({ result: 'failed', error: { code: 'Failed, exit code 4' } });
    expect(sent).toBe(1);
  });

  test('is found again where its answer is lost', async () => {
    const { performed, texts, sent } = await play({ faults: [failing('SendCommand', { when: 'after' })] });
    expect(performed).toEqual({ result: 'acted' });
    expect(texts.join()).toContain('uncertain');
    expect(sent).toBe(1);
  });

  test('is lost after two minutes where nothing shows it, and not sent again', async () => {
    const { performed, seconds, sent } = await play({ faults: [failing('SendCommand', { count: 1 })], timeout: '1h' });
    expect(performed).toMatchObject({
      result: 'lost',
      error: {
        kind: 'uncertain',
        code: 'NotFound',
        message: expect.stringMatching(/its answer was lost, and after 2 min \d+ s it is not listed$/),
      },
    });
    expect(seconds).toBeGreaterThanOrEqual(120);
    expect(seconds).toBeLessThan(150);
    expect(sent).toBe(1);
  });

  test('is refused where Systems Manager refuses it, without a look for it', async () => {
    const { performed, callsOf } = await play({ faults: [failing('SendCommand', { code: 'InvalidDocument', status: 400 })] });
    expect(performed).toMatchObject({ result: 'refused', error: { code: 'InvalidDocument' } });
    expect(callsOf('ListCommandInvocations')).toEqual([]);
  });

  test('is cancelled after its time, and waited for until it is over', async () => {
    const { performed, texts, seconds, callsOf } = await play({ effect: { seconds: 1200 }, timeout: '1m' });
    expect(performed).toMatchObject({ result: 'failed', error: { code: 'Cancelled' } });
    expect(callsOf('CancelCommand')).toHaveLength(1);
    expect(seconds).toBeGreaterThanOrEqual(60);
    expect(seconds).toBeLessThan(120);
    expect(texts.join()).toMatch(/after 1 min \d+ s it is cancelled,/);
  });

  // A reboot under a running command could do more harm than either.
  test('that ignores that is waited for as well', async () => {
    const { performed, seconds, callsOf } = await play({ effect: { seconds: 1200, ignoresCancel: true }, timeout: '1m' });
    expect(performed).toEqual({ result: 'acted' });
    expect(seconds).toBeGreaterThan(1200);
    expect(callsOf('CancelCommand')).toHaveLength(1);
  });

  test('is lost where it still runs an hour after it was cancelled', async () => {
    const { performed, seconds } = await play({ document: 'Shop-Slow', timeout: '1m' });
    expect(performed).toMatchObject({ result: 'lost', error: { code: 'StillRunning' } });
    expect(seconds).toBeGreaterThanOrEqual(3660);
    expect(seconds).toBeLessThan(3720);
  });

  test('goes on where it may not be cancelled, and is waited for', async () => {
    const faults = [failing('CancelCommand', { code: 'AccessDeniedException', status: 400 })];
    const { performed, texts } = await play({ effect: { seconds: 300 }, timeout: '1m', faults });
    expect(performed).toEqual({ result: 'acted' });
    expect(texts.join()).toContain('it is cancelled in vain: AccessDeniedException');
  });

  test.each([
    ['ListCommandInvocations', 'ThrottlingException', 400],
    ['ListCommandInvocations', 'InternalServerError', 500],
    ['GetCommandInvocation', 'ThrottlingException', 400],
    ['GetCommandInvocation', 'InvocationDoesNotExist', 400],
  ])('is found although %s fails with %s for a while', async (operation, code, status) => {
    const { performed, sent } = await play({ faults: [failing(operation, { code, status, count: 4 })] });
    expect(performed).toEqual({ result: 'acted' });
    expect(sent).toBe(1);
  });

  test('is lost where nobody may look for it, after the time that it may take', async () => {
    const faults = [failing('ListCommandInvocations', { code: 'AccessDeniedException', status: 400 })];
    const { performed, seconds, sent } = await play({ faults, timeout: '5m' });
    expect(performed).toMatchObject({
      result: 'lost',
      error: { message: expect.stringMatching(/accepted.*could not be looked at \(AccessDeniedException\)/) },
    });
    expect(seconds).toBeGreaterThanOrEqual(300);
    expect(sent).toBe(1);
  });

  test.each<[string, Scene]>([
    ['ends', {}],
    ['fails', { effect: { fails: 1 } }],
    ['is cancelled', { effect: { seconds: 1200 }, timeout: '1m' }],
    ['loses its answer', { faults: [failing('SendCommand', { when: 'after' })] }],
  ])('that %s is sent once, wherever the process dies', async (_, scene) => {
    const usual = await play(scene);
    for (let at = 0; at < usual.steps; at++) {
      for (const when of ['before', 'after'] as const) {
        const { performed, sent } = await play({ ...scene, dies: { at, when } });
        // Where the process died before the call, nothing tells whether it was made.
        const neverSent = sent === 0;
        expect([at, when, sent <= 1, performed.result]).toEqual([at, when, true, neverSent ? 'lost' : usual.performed.result]);
      }
    }
  });
});

describe('work that a call has started', () => {
  type Look = Progress | Error | null;
  const running = (says = 'InProgress'): Progress => ({ id: 'w-1', state: 'running', says, output: [] });
  const ended = (state: 'done' | 'failed' = 'done', says = 'Success'): Progress => ({ id: 'w-1', state, says, output: [] });
  const lost = sdkError('AccessDenied', 403);

  /** Follows it; the last look stands for all that follow. */
  const followed = async (
    looks: readonly Look[],
    {
      answered = true,
      off = false,
      ...how
    }: { answered?: boolean; off?: boolean } & Partial<Pick<Follow, 'within' | 'pace' | 'endsWithSwitch'>> = {},
  ) => {
    const engine = simpleEngine({ start: noon });
    const journal = createJournal(engine.durable, { now: engine.now, random: () => 0.5 });
    await journal.persist('open', async () => null);
    let nth = 0;
    const follow: Follow = {
      find: async () => {
        const look = looks[Math.min(nth++, looks.length - 1)] ?? null;
        if (look instanceof Error) throw look;
        return look;
      },
      cancel: async () => {},
      within: 100,
      ...how,
    };
    const work = { target: incident().resource, facts: facts(), policy: policy(), reference: 'r', since: noon, answered };
    const performed = await followWork(follow, 'it', work, {
      journal,
      clients: {} as Clients,
      killSwitch: { read: async () => (off ? 'off' : 'on') },
      renewLeases: async () => void (await journal.persist('renew', async () => null)),
    });
    const waits = engine.waits();
    return {
      performed,
      waits,
      trail: engine.trail,
      texts: journal.timeline.map(({ text }) => text),
      seconds: (engine.now() - noon) / 1000,
    };
  };

  test('is looked at more and more rarely, with its leases renewed, and a line that says nothing new is left out', async () => {
    const run = await followed([null, null, running(), running(), running('Delayed'), ended()]);
    expect(run.performed).toEqual({ result: 'acted' });
    expect(run.trail).toEqual(['open', ...[5, 10, 20, 20, 20, 20].flatMap((pause) => [`follow-it ${pause}`, 'renew', 'follow-it'])]);
    expect(run.texts).toEqual(['it is not listed yet', 'it is InProgress', 'it is Delayed', 'it has ended: Success']);
    const paced = await followed([running(), running(), ended()], { pace: { initial: 1, cap: 2, attempts: 9 } });
    expect(paced.waits).toEqual([1, 2, 2]);
  });

  test('that was seen once is not gone where a list does not show it', async () => {
    const run = await followed([running(), null, lost, ended('failed', 'Failed')]);
    expect(run.texts).toEqual(['it is InProgress', 'it has ended: Failed']);
    expect(run.performed).toEqual({ result: 'failed', error: { kind: 'refused', code: 'Failed', message: 'Failed' } });
  });

  test.each<[string, Look, Parameters<typeof followed>[1], number, string]>([
    ['two minutes where it is not listed', null, {}, 135, 'it was accepted, and after 2 min 15 s it is not listed'],
    ['its own time where that is longer', null, { within: 300 }, 315, 'it was accepted, and after 5 min 15 s it is not listed'],
    [
      'two minutes where its answer was lost, whatever its own time',
      null,
      { within: 300, answered: false },
      135,
      'its answer was lost, and after 2 min 15 s it is not listed',
    ],
    [
      'its own time where nobody may look',
      lost,
      { within: 300, answered: false },
      315,
      'its answer was lost, and after 5 min 15 s it could not be looked at (AccessDenied)',
    ],
    [
      'not a second longer',
      null,
      { pace: { initial: 20, cap: 20, attempts: 9 } },
      120,
      'it was accepted, and after 2 min 00 s it is not listed',
    ],
  ])('is lost after %s', async (_, look, how, seconds, message) => {
    const run = await followed([look], how);
    expect(run).toMatchObject({ seconds, performed: { result: 'lost', error: { kind: 'uncertain', code: 'NotFound', message } } });
  });

  test('is cancelled once when its time is over, and lost an hour later', async () => {
    const run = await followed([running()], { within: (given) => given.lease.patience && 15 });
    expect(run.trail.filter((name) => name === 'cancel-it')).toHaveLength(1);
    expect(run.texts).toEqual(['it is InProgress', 'after 15 s it is cancelled']);
    expect(run.seconds).toBe(15 + 3600);
    expect(run.performed).toEqual({
      result: 'lost',
      error: { kind: 'uncertain', code: 'StillRunning', message: 'it was cancelled and still runs 1 h 00 min later' },
    });
  });

  test('is cancelled with the switch where it should be, and then only half done', async () => {
    const run = await followed([null, running(), ended()], { off: true, endsWithSwitch: true });
    expect(run.texts).toEqual([
      'it is not listed yet',
      'it is InProgress',
      'after 15 s it is cancelled because selfheal is switched off',
      'it has ended: Success',
    ]);
    expect(run.trail.filter((name) => name === 'switch')).toHaveLength(1);
    expect(run.performed).toMatchObject({ result: 'half-done', error: { kind: 'refused', code: 'SwitchedOff' } });
    expect((await followed([running(), ended()], { off: true })).performed).toEqual({ result: 'acted' });
    expect((await followed([running(), ended()], { endsWithSwitch: true })).performed).toEqual({ result: 'acted' });
  });
});
