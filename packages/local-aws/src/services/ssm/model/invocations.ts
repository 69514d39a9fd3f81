import type { DocumentEffect } from '../../../core/document-effect.ts';
import { ssmParameters } from '../../../core/model-parameters.ts';
import type { Ec2 } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import { putInvocationChange } from '../events/status-change.ts';
import type { Agents } from './agents.ts';
import { type Command, errorsOf, type Invocation, type StatusDetails } from './command.ts';
import type { DocumentStore } from './documents.ts';

/** `10` or `10%` of the targets. */
const share = (text: string, targets: number): number =>
  text.endsWith('%') ? Math.floor((Number(text.slice(0, -1)) / 100) * targets) : Number(text);

const doesRemedy = ({ remedies, seconds: _, stdout: __, stderr: ___, ignoresCancel: ____, ...rest }: DocumentEffect): boolean =>
  remedies ?? Object.values(rest).every((value) => value === undefined);

/** What stands in an effect for a parameter of the command, or for the document's default of it. */
const filledIn = (text: string, { parameters, content }: Command): string =>
  text.replace(/\{\{ *(\w+) *\}\}/g, (_, name: string) => {
    const value: unknown = parameters[name] ?? content.parameters.get(name)?.default ?? '';
    return String(Array.isArray(value) ? value[0] : value);
  });

/** What becomes of commands: delivered, run, cancelled, given up. */
export const createInvocations = (world: World, { ec2, agents, store }: { ec2: Ec2; agents: Agents; store: DocumentStore }) => {
  const { clock } = world;
  const random = world.random.fork('ssm');
  const commands: Command[] = [];
  const draw = ({ least, most }: { least: number; most: number }): number => random.between(least, most) * 1000;
  const retry = ssmParameters.retrySeconds * 1000;

  const become = (invocation: Invocation, details: StatusDetails): void => {
    if (invocation.details === details) return;
    invocation.details = details;
    putInvocationChange(world, invocation, details);
  };

  const end = (invocation: Invocation, details: StatusDetails): void => {
    if (invocation.endedAt !== undefined) return;
    invocation.endedAt = clock.now();
    become(invocation, details);
    next(invocation.command);
  };

  /** Sends what may be under way beside the others; after too many errors, nothing more. */
  const next = (command: Command): void => {
    const { invocations } = command;
    const most = Math.max(1, share(command.maxConcurrency, invocations.length));
    const waiting = invocations.filter(({ sent, endedAt }) => !sent && endedAt === undefined);
    if (errorsOf(command) > share(command.maxErrors, invocations.length)) {
      for (const invocation of waiting) {
        invocation.sent = true;
        end(invocation, 'Terminated');
      }
      return;
    }
    const underWay = invocations.filter(({ sent, endedAt }) => sent && endedAt === undefined).length;
    for (const invocation of waiting.slice(0, Math.max(0, most - underWay))) {
      invocation.sent = true;
      clock.after(draw(ssmParameters.pickupSeconds), () => deliver(invocation));
    }
  };

  const deliver = (invocation: Invocation): void => {
    const { command, instanceId } = invocation;
    const now = clock.now();
    if (invocation.endedAt !== undefined || now > command.startBy) return;
    if (agents.answers(instanceId)) {
      start(invocation);
      return;
    }
    become(invocation, 'Delayed');
    if (now < command.startBy) clock.at(Math.min(command.startBy, now + retry), () => deliver(invocation));
  };

  const start = (invocation: Invocation): void => {
    const { command, instanceId } = invocation;
    const effect = store.effectOf(command.document, command.version);
    const usual = draw(ssmParameters.runSeconds);
    const needs = effect.seconds === undefined ? usual : effect.seconds * 1000;
    const limit = command.executionSeconds * 1000;
    invocation.startedAt = clock.now();
    invocation.run = { boots: ec2.get(instanceId)?.boots ?? 0, effect, done: false };
    become(invocation, 'InProgress');
    clock.after(Math.min(needs, limit), () => conclude(invocation, needs <= limit ? 'over' : 'too-long'));
  };

  /** Lets an effect be had; what else the document prints by that, and whether it failed in it. */
  const have = ({ instanceId, command }: Invocation, effect: DocumentEffect): DocumentEffect => {
    const { software, disks } = ec2;
    if (doesRemedy(effect)) software.remedy(instanceId);
    for (const name of [effect.restarts ?? []].flat()) software.restart(instanceId, name);
    if (effect.frees) software.free(instanceId, effect.frees);
    const which = effect.extends === undefined ? undefined : filledIn(effect.extends, command);
    if (which !== undefined && disks.extend(instanceId, which) === undefined)
      return { ...effect, fails: effect.fails ?? 1, stderr: `${effect.stderr ?? ''}${which}: no such file system\n` };
    if (effect.lists === undefined) return effect;
    const listed = JSON.stringify({ blockdevices: disks.blockDevices(instanceId) }, null, 3);
    return { ...effect, stdout: `${effect.stdout ?? ''}${listed}\n` };
  };

  /** The agent tells the end, once it is there to tell it. What another boot has cut short has failed: assumed, with its exit code. */
  const conclude = (invocation: Invocation, how: 'over' | 'too-long' | 'cancelled'): void => {
    const { instanceId, run } = invocation;
    if (invocation.endedAt !== undefined || !run) return;
    const instance = ec2.get(instanceId);
    const sameBoot = instance?.boots === run.boots;
    if (how === 'over' && !run.done && sameBoot && instance.reachable) {
      run.done = true;
      run.effect = have(invocation, run.effect);
    }
    if (!agents.answers(instanceId)) {
      clock.after(retry, () => conclude(invocation, how));
      return;
    }
    if (how === 'cancelled') end(invocation, 'Cancelled');
    else if (how === 'over' && run.done) complete(invocation, run.effect);
    else if (!sameBoot) fail(invocation, 1, '');
    else if (how === 'too-long') end(invocation, 'ExecutionTimedOut');
    // Its guest hung when it would have been over: it goes on, and is over now.
    else conclude(invocation, 'over');
  };

  const fail = (invocation: Invocation, exitCode: number, stderr: string): void => {
    invocation.exitCode = exitCode;
    invocation.stderr = `${stderr}${stderr === '' || stderr.endsWith('\n') ? '' : '\n'}failed to run commands: exit status ${exitCode}`;
    end(invocation, 'Failed');
  };

  const complete = (invocation: Invocation, { stdout = '', stderr = '', fails }: DocumentEffect): void => {
    invocation.stdout = stdout;
    if (fails !== undefined) {
      fail(invocation, fails, stderr);
      return;
    }
    invocation.exitCode = 0;
    invocation.stderr = stderr;
    end(invocation, 'Success');
  };

  const cancel = (invocation: Invocation): void => {
    if (invocation.endedAt !== undefined) return;
    if (!invocation.run) {
      invocation.sent = true;
      end(invocation, 'Cancelled');
      return;
    }
    if (invocation.details === 'Cancelling') return;
    become(invocation, 'Cancelling');
    if (!invocation.run.effect.ignoresCancel) clock.after(draw(ssmParameters.cancelSeconds), () => conclude(invocation, 'cancelled'));
  };

  const expire = ({ invocations }: Command): void => {
    for (const invocation of invocations) end(invocation, invocation.details === 'Cancelling' ? 'Cancelled' : 'DeliveryTimedOut');
  };

  world.subscribe((event) => {
    if (event.type !== 'instance-state' || event.to !== 'terminated') return;
    const { instanceId } = event;
    for (const { invocations } of commands)
      for (const invocation of invocations) if (invocation.instanceId === instanceId) end(invocation, 'Undeliverable');
  });

  return {
    /** Newest first, those that reads show by now. */
    visible: (): Command[] => commands.filter(({ visibleAt }) => visibleAt <= clock.now()).reverse(),

    find: (commandId: string): Command | undefined => commands.find(({ id }) => id === commandId),

    send: (
      asked: Omit<Command, 'id' | 'requestedAt' | 'visibleAt' | 'startBy' | 'expiresAt' | 'invocations'>,
      instanceIds: readonly string[],
    ): Command => {
      const now = clock.now();
      const startBy = now + asked.timeoutSeconds * 1000;
      const command: Command = {
        ...asked,
        id: random.uuid(),
        requestedAt: now,
        visibleAt: now + Math.ceil(draw(ssmParameters.visibleSeconds)),
        startBy,
        expiresAt: startBy + asked.executionSeconds * 1000,
        invocations: [],
      };
      for (const instanceId of instanceIds) {
        command.invocations.push({
          command,
          instanceId,
          details: 'Pending',
          sent: false,
          run: undefined,
          startedAt: undefined,
          endedAt: undefined,
          exitCode: -1,
          stdout: '',
          stderr: '',
        });
      }
      commands.push(command);
      clock.at(command.expiresAt, () => expire(command));
      next(command);
      return command;
    },

    cancel,
  };
};

export type Invocations = ReturnType<typeof createInvocations>;
