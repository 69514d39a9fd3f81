import {
  CancelCommandCommand,
  type CommandInvocation,
  type CommandPlugin,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import type { Clients } from '../aws/clients.ts';
import type { Command } from '../model/command.ts';
import { secondsOf } from '../model/duration.ts';
import { isNamed } from '../model/errors.ts';
import { maskSecrets } from '../model/mask-secrets.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import { plainLine } from '../model/text.ts';
import { type Action, type ActionStep, defineAction, type Follow, instanceTarget } from './action.ts';

/** Systems Manager's states of a command on one instance. docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html */
const underWay: ReadonlySet<string> = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

/** In bytes of UTF-8, of each of the two streams. */
const outputLimit = 4096;
/** The service keeps so many characters of each stream. docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetCommandInvocation.html */
const longest = 24_000;

/** What a terminal takes for a colour or a movement. ECMA-48, 5.4 and 5.3. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is how they begin
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\\]^_])/g;

const cutTo = (line: string, limit: number): string => {
  const bytes = Buffer.from(line);
  if (bytes.length <= limit) return line;
  let end = limit - Buffer.byteLength('…');
  // Not within a character.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${bytes.toString('utf8', 0, end)}…`;
};

/** One stream of a command's output: a line without escapes and secrets. */
const lineOf = (stream: string, text: string | undefined): string[] => {
  // Masked before it is cut, so that no half of a secret is left over at the end.
  const line = cutTo(plainLine(maskSecrets((text ?? '').slice(0, longest).replace(escapes, '')), longest), outputLimit);
  return line === '' ? [] : [`${stream}: ${line}`];
};

/** A command has no client token: its comment names the attempt, and is how it is found again. An incident's key leaves it within 100 characters. */
const commentOf = (reference: string): string => `selfheal ${reference}`;

const invocationOf = async ({ ssm }: Clients, instanceId: string, reference: string, since: number): Promise<CommandInvocation | null> => {
  let NextToken: string | undefined;
  do {
    const page: { CommandInvocations?: CommandInvocation[] | undefined; NextToken?: string | undefined } = await ssm.send(
      new ListCommandInvocationsCommand({
        InstanceId: instanceId,
        Filters: [{ key: 'InvokedAfter', value: `${new Date(since - 60_000).toISOString().slice(0, 19)}Z` }],
        MaxResults: 50,
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    const found = page.CommandInvocations?.find(({ Comment }) => Comment === commentOf(reference));
    if (found) return found;
    ({ NextToken } = page);
  } while (NextToken);
  return null;
};

/**
 * The step of an ended command whose output is shown: the first that failed, or the last. Only where a document has a single step, it need
 * not be named. docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetCommandInvocation.html
 */
const shownStepOf = async ({ ssm }: Clients, InstanceId: string, CommandId: string): Promise<CommandPlugin | undefined> => {
  const { CommandInvocations = [] } = await ssm.send(new ListCommandInvocationsCommand({ CommandId, InstanceId, Details: true }));
  const steps = CommandInvocations[0]?.CommandPlugins ?? [];
  return steps.find(({ Status }) => Status !== 'Success') ?? steps.at(-1);
};

/** How a command that was sent is followed to its end. */
const followOf = (command: Command): Follow => ({
  within: secondsOf(command.timeout),
  find: async (clients, { target, reference, since }) => {
    const found = await invocationOf(clients, target.id, reference, since);
    if (!found?.CommandId) return null;
    const id = found.CommandId;
    const status = found.StatusDetails || found.Status || 'unknown';
    if (underWay.has(found.Status ?? '')) return { id, state: 'running', says: status, output: [] };
    const step = await shownStepOf(clients, target.id, id);
    const { ResponseCode, StandardOutputContent, StandardErrorContent } = await clients.ssm.send(
      new GetCommandInvocationCommand({ CommandId: id, InstanceId: target.id, ...(step?.Name ? { PluginName: step.Name } : {}) }),
    );
    const exit = ResponseCode === undefined || ResponseCode < 0 ? '' : `, exit code ${ResponseCode}`;
    return {
      id,
      state: found.Status === 'Success' ? 'done' : 'failed',
      says: `${status}${exit}`,
      output: [...lineOf('stdout', StandardOutputContent), ...lineOf('stderr', StandardErrorContent)],
    };
  },
  cancel: async ({ ssm }, { target }, id) => {
    try {
      await ssm.send(new CancelCommandCommand({ CommandId: id, InstanceIds: [target.id] }));
    } catch (error) {
      // It ended by itself in the meantime.
      if (!isNamed(error, 'InvalidCommandId')) throw error;
    }
  },
});

/** Sends a command of the owner and follows it; `more` are parameters that depend on what was seen. */
export const sendStep = (
  name: string,
  command: Command,
  more: (facts: ResourceSnapshot) => Readonly<Record<string, string[]>> = () => ({}),
): ActionStep => ({
  name,
  call: async ({ ssm }, { target, facts, dryRun, reference }) => {
    // Systems Manager has no dry run.
    if (dryRun) return;
    await ssm.send(
      new SendCommandCommand({
        DocumentName: command.document,
        DocumentVersion: command.version,
        InstanceIds: [target.id],
        Parameters: { ...command.parameters, ...more(facts) },
        Comment: commentOf(reference),
        // How long Systems Manager tries to deliver it: one that comes late would run into later steps.
        TimeoutSeconds: 30,
      }),
    );
  },
  follow: followOf(command),
});

/** IAM actions of a command: packaging grants them only where the policy names documents. */
export const followPermissions = ['ssm:ListCommandInvocations', 'ssm:GetCommandInvocation', 'ssm:CancelCommand'] as const;
export const runCommandPermissions = ['ssm:SendCommand', ...followPermissions] as const;

const verb = { base: 'run', past: 'run' };

/** The action that runs one of the owner's commands. */
export const runCommandOf = (name: string, command: Command): Action => ({
  id: 'run-command',
  permissions: runCommandPermissions,
  effects: command.effects.includes('interrupts') ? ['changesSoftware', 'interrupts'] : ['changesSoftware'],
  downtime: command.effects.includes('interrupts') ? { seconds: secondsOf(command.timeout), source: 'policy' } : null,
  undo: null,
  through: 'systems-manager',
  command: name,
  target: instanceTarget,
  verb,
  object: ({ target }) => `command ${name} on instance ${target.id}`,
  steps: [sendStep('send', command)],
});

/** The step of an action whose command is not known yet. */
export const unnamed: ActionStep = {
  name: 'send',
  call: async () => {
    throw new Error('no command of the policy is named');
  },
};

/** The action as playbooks name it, before it is known which command of the policy it runs: then it has no target. */
export const runCommand = defineAction({
  id: 'run-command',
  permissions: runCommandPermissions,
  effects: ['changesSoftware', 'interrupts'],
  downtime: { seconds: 0, source: 'policy' },
  undo: null,
  through: 'systems-manager',
  target: () => null,
  verb,
  object: ({ target }) => `a command on instance ${target.id}`,
  steps: [unnamed],
});
