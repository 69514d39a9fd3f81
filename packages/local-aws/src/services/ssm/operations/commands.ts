import type * as Sdk from '@aws-sdk/client-ssm';
import { ssmParameters } from '../../../core/model-parameters.ts';
import type { Ec2 } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { page } from '../../../wire/protocol/pages.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Agents } from '../model/agents.ts';
import { type Command, errorsOf, type Invocation, type StatusDetails, statuses } from '../model/command.ts';
import { checkParameters, executionTimeout } from '../model/content.ts';
import { type DocumentStore, hashOf } from '../model/documents.ts';
import type { Invocations } from '../model/invocations.ts';
import { checkMaxResults } from './check.ts';

const invalid = (message: string) => new AwsError('ValidationException', message);

const iso = (at: number | undefined) => (at === undefined ? '' : new Date(at).toISOString());

const checkDistinct = (ids: readonly string[]): void => {
  const twice = ids.find((id, i) => ids.indexOf(id) < i);
  if (twice !== undefined) throw new AwsError('DuplicateInstanceId', `The instance id ${twice.slice(0, 50)} is given more than once.`);
};

const checkShare = (text: string, name: string, least: number): string => {
  const number = /^(0|[1-9]\d{0,6})(%?)$/.exec(text);
  if (!number || Number(number[1]) < least || (number[2] === '%' && Number(number[1]) > 100))
    throw invalid(`Value '${text.slice(0, 20)}' at '${name}' failed to satisfy constraint.`);
  return text;
};

/** A command's own status, made of those of its invocations: https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html */
const commandStatus = (command: Command): { Status: Sdk.CommandStatus; StatusDetails: string } => {
  const { invocations } = command;
  const some = (...details: StatusDetails[]) => invocations.some((invocation) => details.includes(invocation.details));
  const every = (...details: StatusDetails[]) => invocations.every((invocation) => details.includes(invocation.details));
  const both = (Status: Sdk.CommandStatus, StatusDetails: string = Status) => ({ Status, StatusDetails });
  if (every('Pending')) return both('Pending');
  if (every('Pending', 'Delayed')) return both('Pending', 'Delayed');
  if (some('Cancelling')) return both('Cancelling');
  if (some('Pending', 'InProgress', 'Delayed')) return both('InProgress');
  if (every('Success')) return both('Success');
  if (some('Cancelled')) return both('Cancelled');
  if (every('DeliveryTimedOut')) return both('TimedOut', 'DeliveryTimedOut');
  if (some('ExecutionTimedOut') && !some('Failed')) return both('TimedOut', 'ExecutionTimedOut');
  if (some('Failed') || every('Undeliverable')) return both('Failed');
  return both('Failed', 'Incomplete');
};

/** The status of one step: the first of them holds what a document's effect wrote; none has words of its own for being delivered. */
const pluginStatus = (details: StatusDetails): { Status: Sdk.CommandPluginStatus; StatusDetails: string } => {
  const status = statuses[details];
  return { Status: status === 'Delayed' ? 'Pending' : status === 'Cancelling' ? 'InProgress' : status, StatusDetails: details };
};

/** The agent's reply has both outputs in one. */
const listedOutput = ({ stdout, stderr }: Invocation): string =>
  (stderr === '' ? stdout : `${stdout}\n----------ERROR-------\n${stderr}`).slice(0, ssmParameters.outputLength.listed);

/** Run Command: https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command.html */
export const commandOperations = (
  world: World,
  { ec2, agents, store, commands }: { ec2: Ec2; agents: Agents; store: DocumentStore; commands: Invocations },
): Record<string, Operation> => {
  const describe = (command: Command): Sdk.Command => {
    const { document, invocations } = command;
    return {
      CommandId: command.id,
      DocumentName: document.name,
      DocumentVersion: command.wantedVersion,
      Comment: command.comment,
      Parameters: { ...command.parameters },
      InstanceIds: invocations.map(({ instanceId }) => instanceId),
      Targets: [],
      RequestedDateTime: new Date(command.requestedAt),
      ExpiresAfter: new Date(command.expiresAt),
      ...commandStatus(command),
      TimeoutSeconds: command.timeoutSeconds,
      MaxConcurrency: command.maxConcurrency,
      MaxErrors: command.maxErrors,
      TargetCount: invocations.length,
      CompletedCount: invocations.filter(({ endedAt }) => endedAt !== undefined).length,
      ErrorCount: errorsOf(command),
      DeliveryTimedOutCount: invocations.filter(({ details }) => details === 'DeliveryTimedOut').length,
    };
  };

  const sendCommand = (input: Sdk.SendCommandCommandInput): Omit<Sdk.SendCommandCommandOutput, '$metadata'> => {
    const { InstanceIds: ids = [], TimeoutSeconds: timeout = ssmParameters.timeoutSeconds, Comment: comment = '' } = input;
    const parameters = input.Parameters ?? {};
    if (comment.length > 100)
      throw invalid(`Value at 'comment' failed to satisfy constraint: Member must have length less than or equal to 100`);
    if (ids.length < 1 || ids.length > 50) throw invalid('instanceIds: the local AWS takes from 1 to 50 instance ids, and no targets.');
    if (!Number.isInteger(timeout) || timeout < 30 || timeout > 2_592_000)
      throw invalid(`Value '${timeout}' at 'timeoutSeconds' failed to satisfy constraint: it must be from 30 to 2592000.`);
    const maxConcurrency = checkShare(input.MaxConcurrency ?? ssmParameters.maxConcurrency, 'maxConcurrency', 1);
    const maxErrors = checkShare(input.MaxErrors ?? ssmParameters.maxErrors, 'maxErrors', 0);
    checkDistinct(ids);
    const document = store.expect(input.DocumentName ?? '');
    const version = store.expectVersion(document, input.DocumentVersion);
    const { body } = version;
    if (body.type !== 'command') throw new AwsError('InvalidDocument', `Document ${document.name} is not a command document.`);
    // That another hash makes the document an invalid one is assumed.
    if (input.DocumentHash !== undefined && input.DocumentHash !== hashOf(version, input.DocumentHashType))
      throw new AwsError('InvalidDocument', `The hash is not that of version ${version.number} of document ${document.name}.`);
    const absent = ids.filter((id) => {
      const instance = ec2.get(id);
      return !instance || !agents.isManaged(instance);
    });
    if (absent.length > 0)
      throw new AwsError('InvalidInstanceId', `Instances [[${absent.join(', ')}]] not in a valid state for account ${world.account}`);
    checkParameters(body.content, parameters);
    const command = commands.send(
      {
        document,
        version,
        content: body.content,
        wantedVersion: input.DocumentVersion ?? '',
        parameters,
        comment,
        timeoutSeconds: timeout,
        executionSeconds: executionTimeout(body.content, parameters) ?? ssmParameters.executionSeconds,
        maxConcurrency,
        maxErrors,
      },
      ids,
    );
    return { Command: describe(command) };
  };

  const getCommandInvocation = (input: Sdk.GetCommandInvocationCommandInput): Omit<Sdk.GetCommandInvocationCommandOutput, '$metadata'> => {
    const command = commands.visible().find(({ id }) => id === input.CommandId);
    const invocation = command?.invocations.find(({ instanceId }) => instanceId === input.InstanceId);
    if (!command || !invocation) throw new AwsError('InvocationDoesNotExist', '');
    const { steps } = command.content;
    const step = input.PluginName === undefined && steps.length === 1 ? steps[0] : steps.find(({ name }) => name === input.PluginName);
    if (!step) throw new AwsError('InvalidPluginName', '');
    const { instanceId, details, startedAt, endedAt, exitCode, stdout, stderr } = invocation;
    const seconds = startedAt === undefined ? undefined : ((endedAt ?? world.clock.now()) - startedAt) / 1000;
    return {
      CommandId: command.id,
      InstanceId: instanceId,
      Comment: command.comment,
      DocumentName: command.document.name,
      DocumentVersion: command.wantedVersion,
      PluginName: step.name,
      ResponseCode: exitCode,
      ExecutionStartDateTime: iso(startedAt),
      ExecutionElapsedTime: seconds === undefined ? '' : `PT${seconds}S`,
      ExecutionEndDateTime: startedAt === undefined ? '' : iso(endedAt),
      Status: statuses[details],
      StatusDetails: details,
      StandardOutputContent: step === steps[0] ? stdout.slice(0, ssmParameters.outputLength.stdout) : '',
      StandardOutputUrl: '',
      StandardErrorContent: step === steps[0] ? stderr.slice(0, ssmParameters.outputLength.stderr) : '',
      StandardErrorUrl: '',
      CloudWatchOutputConfig: { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false },
    };
  };

  const listed = (invocation: Invocation, withDetails: boolean): Sdk.CommandInvocation => {
    const { command, instanceId, details, startedAt, endedAt, exitCode } = invocation;
    const CommandPlugins = command.content.steps.map(
      ({ name }, i): Sdk.CommandPlugin => ({
        Name: name,
        ...pluginStatus(details),
        ResponseCode: exitCode,
        ...(startedAt !== undefined && { ResponseStartDateTime: new Date(startedAt) }),
        ...(startedAt !== undefined && endedAt !== undefined && { ResponseFinishDateTime: new Date(endedAt) }),
        Output: i === 0 ? listedOutput(invocation) : '',
        StandardOutputUrl: '',
        StandardErrorUrl: '',
      }),
    );
    return {
      CommandId: command.id,
      InstanceId: instanceId,
      InstanceName: '',
      Comment: command.comment,
      DocumentName: command.document.name,
      DocumentVersion: command.wantedVersion,
      RequestedDateTime: new Date(command.requestedAt),
      Status: statuses[details],
      StatusDetails: details,
      CommandPlugins: withDetails ? CommandPlugins : [],
      StandardOutputUrl: '',
      StandardErrorUrl: '',
    };
  };

  /** Whether what was asked for at `requestedAt`, and is in this state, passes all filters. */
  const passes = (
    filters: readonly Sdk.CommandFilter[],
    of: { document: string; requestedAt: number; status: readonly string[]; complete?: boolean },
  ): boolean =>
    filters.every(({ key, value = '' }) => {
      const at = Date.parse(value);
      if ((key === 'InvokedAfter' || key === 'InvokedBefore') && Number.isNaN(at))
        throw invalid(`Value '${value.slice(0, 100)}' of the filter ${key} is not a timestamp.`);
      switch (key) {
        case 'InvokedAfter':
          return of.requestedAt >= at;
        case 'InvokedBefore':
          return of.requestedAt < at;
        case 'Status':
          return of.status.includes(value);
        case 'DocumentName':
          return of.document === value;
        case 'ExecutionStage':
          if (of.complete !== undefined) return of.complete === (value === 'Complete');
      }
      throw new AwsError('InvalidFilterKey', `The filter key ${String(key).slice(0, 100)} is not valid.`);
    });

  const checkFilters = (filters: readonly Sdk.CommandFilter[]) =>
    passes(filters, { document: '', requestedAt: 0, status: [], complete: false });

  /** Newest first; for one command, for one instance, or all. A command that isn't known, or isn't yet, has none. */
  const listInvocations = (input: Sdk.ListCommandInvocationsCommandInput): Omit<Sdk.ListCommandInvocationsCommandOutput, '$metadata'> => {
    const { CommandId: id, InstanceId, Filters = [], Details = false, MaxResults, NextToken } = input;
    if (id !== undefined && id.length !== 36) throw new AwsError('InvalidCommandId', '');
    if (Filters.some(({ key }) => key === 'ExecutionStage'))
      throw new AwsError('InvalidFilterKey', 'The filter key ExecutionStage is for ListCommands only.');
    checkFilters(Filters);
    const found = commands
      .visible()
      .filter((command) => id === undefined || command.id === id)
      .flatMap(({ invocations }) => invocations)
      .filter(
        ({ command, instanceId, details }) =>
          (InstanceId === undefined || instanceId === InstanceId) &&
          passes(Filters, {
            document: command.document.name,
            requestedAt: command.requestedAt,
            status: [details, statuses[details]],
          }),
      );
    const size = checkMaxResults(MaxResults, { least: 1, most: 50, usual: 50 });
    const { items, next } = page(found, size, NextToken, { id, InstanceId, Filters, Details });
    return {
      CommandInvocations: items.map((invocation) => listed(invocation, Details)),
      ...(next !== undefined && { NextToken: next }),
    };
  };

  const listCommands = (input: Sdk.ListCommandsCommandInput): Omit<Sdk.ListCommandsCommandOutput, '$metadata'> => {
    const { CommandId: id, InstanceId, Filters = [], MaxResults, NextToken } = input;
    if (id !== undefined && id.length !== 36) throw new AwsError('InvalidCommandId', '');
    checkFilters(Filters);
    const found = commands.visible().filter((command) => {
      const { Status, StatusDetails } = commandStatus(command);
      return (
        (id === undefined || command.id === id) &&
        (InstanceId === undefined || command.invocations.some(({ instanceId }) => instanceId === InstanceId)) &&
        passes(Filters, {
          document: command.document.name,
          requestedAt: command.requestedAt,
          status: [Status, StatusDetails],
          complete: command.invocations.every(({ endedAt }) => endedAt !== undefined),
        })
      );
    });
    const size = checkMaxResults(MaxResults, { least: 1, most: 50, usual: 50 });
    const { items, next } = page(found, size, NextToken, { id, InstanceId, Filters });
    return { Commands: items.map(describe), ...(next !== undefined && { NextToken: next }) };
  };

  /** An attempt: what is over by then stays as it ended. */
  const cancelCommand = (input: Sdk.CancelCommandCommandInput): Record<string, never> => {
    const command = commands.find(input.CommandId ?? '');
    if (!command) throw new AwsError('InvalidCommandId', '');
    const ids = input.InstanceIds ?? [];
    checkDistinct(ids);
    const strange = ids.filter((id) => !command.invocations.some(({ instanceId }) => instanceId === id));
    if (strange.length > 0) throw new AwsError('InvalidInstanceId', `The command was not sent to ${strange.join(', ').slice(0, 200)}.`);
    for (const invocation of command.invocations) if (ids.length === 0 || ids.includes(invocation.instanceId)) commands.cancel(invocation);
    return {};
  };

  return {
    SendCommand: operation<Sdk.SendCommandCommandInput, Sdk.SendCommandCommandOutput>(() => sdk.ssm().SendCommand$, sendCommand),
    CancelCommand: operation<Sdk.CancelCommandCommandInput, Sdk.CancelCommandCommandOutput>(() => sdk.ssm().CancelCommand$, cancelCommand),
    GetCommandInvocation: operation<Sdk.GetCommandInvocationCommandInput, Sdk.GetCommandInvocationCommandOutput>(
      () => sdk.ssm().GetCommandInvocation$,
      getCommandInvocation,
    ),
    ListCommandInvocations: operation<Sdk.ListCommandInvocationsCommandInput, Sdk.ListCommandInvocationsCommandOutput>(
      () => sdk.ssm().ListCommandInvocations$,
      listInvocations,
    ),
    ListCommands: operation<Sdk.ListCommandsCommandInput, Sdk.ListCommandsCommandOutput>(() => sdk.ssm().ListCommands$, listCommands),
  };
};
