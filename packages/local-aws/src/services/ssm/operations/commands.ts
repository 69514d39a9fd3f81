import type * as Sdk from '@aws-sdk/client-ssm';
import { ssmParameters } from '../../../core/model-parameters.ts';
import type { Ec2 } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Documents } from './documents.ts';

type Invocation = {
  commandId: string;
  instanceId: string;
  documentName: string;
  comment: string;
  status: Sdk.CommandInvocationStatus;
  /** More than the status says, e.g. `DeliveryTimedOut`. */
  details: string;
  startedAt: number | undefined;
  endedAt: number | undefined;
};

const iso = (at: number | undefined) => (at === undefined ? '' : new Date(at).toISOString());

/**
 * Run Command. A command reaches an instance that answers after a moment and takes some seconds there; one that doesn't answer is tried
 * again until the command's timeout. What a command does has no effect in the world.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
 */
export const createCommands = (world: World, ec2: Ec2, documents: Documents): Record<string, Operation> => {
  const invocations = new Map<string, Invocation>();
  const random = world.random.fork('ssm');
  const keyOf = (commandId: string, instanceId: string) => `${commandId} ${instanceId}`;

  const end = (invocation: Invocation, status: Sdk.CommandInvocationStatus, details: string = status) => {
    invocation.status = status;
    invocation.details = details;
    invocation.endedAt = world.clock.now();
  };

  const start = (invocation: Invocation) => {
    invocation.status = 'InProgress';
    invocation.details = 'InProgress';
    invocation.startedAt = world.clock.now();
    world.clock.after(random.between(ssmParameters.runSeconds.least, ssmParameters.runSeconds.most) * 1000, () => {
      if (ec2.get(invocation.instanceId)?.reachable) end(invocation, 'Success');
      else end(invocation, 'Failed', 'Undeliverable');
    });
  };

  const handOver = (invocation: Invocation, deadline: number) => {
    const instance = ec2.get(invocation.instanceId);
    if (instance?.reachable) start(invocation);
    else if (instance?.state === 'terminated') end(invocation, 'Cancelled', 'Terminated');
    else if (world.clock.now() >= deadline) end(invocation, 'TimedOut', 'DeliveryTimedOut');
    else world.clock.at(Math.min(deadline, world.clock.now() + ssmParameters.retrySeconds * 1000), () => handOver(invocation, deadline));
  };

  const sendCommand = (input: Sdk.SendCommandCommandInput): Omit<Sdk.SendCommandCommandOutput, '$metadata'> => {
    const {
      DocumentName: documentName = '',
      InstanceIds: ids = [],
      TimeoutSeconds: timeout = ssmParameters.timeoutSeconds,
      Comment = '',
    } = input;
    if (!documents.isCommand(documentName))
      throw new AwsError('InvalidDocument', `Document ${documentName} does not exist in your account`);
    if (ids.length < 1 || ids.length > 50)
      throw new AwsError('ValidationException', 'instanceIds: the local AWS takes from 1 to 50 instance ids, and no targets.');
    if (timeout < 30 || timeout > 2_592_000)
      throw new AwsError(
        'ValidationException',
        `Value '${timeout}' at 'timeoutSeconds' failed to satisfy constraint: it must be from 30 to 2592000.`,
      );
    const absent = ids.filter((id) => ec2.get(id)?.state !== 'running');
    if (absent.length > 0)
      throw new AwsError('InvalidInstanceId', `Instances [[${absent.join(', ')}]] not in a valid state for account ${world.account}`);
    const commandId = random.uuid();
    const deadline = world.clock.now() + timeout * 1000;
    for (const instanceId of new Set(ids)) {
      const invocation: Invocation = {
        commandId,
        instanceId,
        documentName,
        comment: Comment,
        status: 'Pending',
        details: 'Pending',
        startedAt: undefined,
        endedAt: undefined,
      };
      invocations.set(keyOf(commandId, instanceId), invocation);
      const pickup = random.between(ssmParameters.pickupSeconds.least, ssmParameters.pickupSeconds.most) * 1000;
      world.clock.after(pickup, () => handOver(invocation, deadline));
    }
    return {
      Command: {
        CommandId: commandId,
        DocumentName: documentName,
        Comment,
        InstanceIds: ids,
        Status: 'Pending',
        StatusDetails: 'Pending',
        RequestedDateTime: new Date(world.clock.now()),
        ExpiresAfter: new Date(deadline),
        TargetCount: ids.length,
        ...(input.Parameters && { Parameters: input.Parameters }),
      },
    };
  };

  const getCommandInvocation = (input: Sdk.GetCommandInvocationCommandInput): Omit<Sdk.GetCommandInvocationCommandOutput, '$metadata'> => {
    const invocation = invocations.get(keyOf(input.CommandId ?? '', input.InstanceId ?? ''));
    if (!invocation) throw new AwsError('InvocationDoesNotExist', '');
    const { commandId, instanceId, documentName, comment, status, details, startedAt, endedAt } = invocation;
    const ended = endedAt !== undefined;
    return {
      CommandId: commandId,
      InstanceId: instanceId,
      DocumentName: documentName,
      Comment: comment,
      Status: status,
      StatusDetails: details,
      ResponseCode: ended && status === 'Success' ? 0 : -1,
      ExecutionStartDateTime: iso(startedAt),
      ExecutionEndDateTime: iso(endedAt),
      StandardOutputContent: '',
      StandardErrorContent: '',
    };
  };

  return {
    SendCommand: operation<Sdk.SendCommandCommandInput, Sdk.SendCommandCommandOutput>(() => sdk.ssm().SendCommand$, sendCommand),
    GetCommandInvocation: operation<Sdk.GetCommandInvocationCommandInput, Sdk.GetCommandInvocationCommandOutput>(
      () => sdk.ssm().GetCommandInvocation$,
      getCommandInvocation,
    ),
  };
};
