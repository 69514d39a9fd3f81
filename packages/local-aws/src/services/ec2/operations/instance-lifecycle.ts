import type {
  InstanceStateChange,
  RebootInstancesCommandInput,
  RebootInstancesCommandOutput,
  StartInstancesCommandInput,
  StartInstancesCommandOutput,
  StopInstancesCommandInput,
  StopInstancesCommandOutput,
  TerminateInstancesCommandInput,
  TerminateInstancesCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type CallContext, type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Instance } from '../model/instance.ts';
import type { InstanceLifecycle } from '../model/instance-lifecycle.ts';
import type { Launching } from '../model/launch.ts';
import { checkOperator, dryRun, principal, seenInstances } from './common.ts';
import { wireState } from './shape.ts';

const wrongState = (message: string): AwsError => new AwsError('IncorrectInstanceState', message);

const protectedFrom = (verb: string, id: string, attribute: string): AwsError =>
  new AwsError(
    'OperationNotPermitted',
    `The instance '${id}' may not be ${verb}. Modify its '${attribute}' instance attribute and try again.`,
  );

const checkStop = (instance: Instance): void => {
  const { id, described } = instance;
  if (described.state === 'pending' && !instance.everRan)
    throw wrongState(`Instance '${id}' cannot be stopped as it has never reached the 'running' state.`);
  if (described.state === 'shutting-down' || described.state === 'terminated')
    throw wrongState(`This instance '${id}' is not in a state from which it can be stopped.`);
  if (instance.spotRequestId !== null)
    throw new AwsError(
      'UnsupportedOperation',
      `You can't stop the Spot Instance '${id}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.`,
    );
  if (instance.disableApiStop) throw protectedFrom('stopped', id, 'disableApiStop');
};

/** Termination protection, which stop protection includes; undefined where neither is on. */
export const terminationRefusal = ({ id, described, disableApiTermination, disableApiStop }: Instance): AwsError | undefined => {
  if (described.state === 'shutting-down' || described.state === 'terminated') return undefined;
  if (disableApiTermination) return protectedFrom('terminated', id, 'disableApiTermination');
  return disableApiStop ? protectedFrom('terminated', id, 'disableApiStop') : undefined;
};

/** Does something to each instance, and says from which state to which that brought it. */
const changing = (instances: readonly Instance[], change: (instance: Instance) => void): InstanceStateChange[] =>
  instances.map((instance) => {
    const before = instance.described.state;
    change(instance);
    return { InstanceId: instance.id, PreviousState: wireState(before), CurrentState: wireState(instance.described.state) };
  });

/**
 * RebootInstances, StopInstances, StartInstances and TerminateInstances. All instances of a call are checked before the first is
 * touched.
 */
export const instanceLifecycleOperations = (
  fleet: Fleet,
  lifecycle: InstanceLifecycle,
  launching: Launching,
): Record<string, Operation> => {
  const targets = (
    operationName: string,
    input: { InstanceIds: string[] | undefined; DryRun?: boolean | undefined },
    context: CallContext,
  ): Instance[] => {
    const found = seenInstances(fleet, input.InstanceIds ?? []).map(({ instance }) => instance);
    if (found.length === 0) throw new AwsError('InvalidParameterCombination', 'No instances specified');
    for (const instance of found) checkOperator(fleet, operationName, instance, context);
    dryRun(input);
    return found;
  };

  return {
    /** "Requests to reboot terminated instances are ignored." */
    RebootInstances: operation<RebootInstancesCommandInput, RebootInstancesCommandOutput>(
      () => sdk.ec2().RebootInstances$,
      (input, context) => {
        const instances = targets('RebootInstances', input, context).filter(({ described }) => described.state !== 'terminated');
        for (const { id, described } of instances)
          if (described.state !== 'running') throw wrongState(`The instance '${id}' is not in a state from which it can be rebooted.`);
        for (const instance of instances) lifecycle.reboot(instance);
        return {};
      },
    ),

    StopInstances: operation<StopInstancesCommandInput, StopInstancesCommandOutput>(
      () => sdk.ec2().StopInstances$,
      (input, context) => {
        const instances = targets('StopInstances', input, context);
        for (const instance of instances) checkStop(instance);
        if (input.Hibernate && instances.some(({ hibernates }) => !hibernates))
          throw new AwsError('UnsupportedHibernationConfiguration', 'The instances are not configured for hibernation.');
        const options = { force: input.Force ?? false, skipOsShutdown: input.SkipOsShutdown ?? false };
        const hurries = options.force || options.skipOsShutdown;
        return {
          StoppingInstances: changing(instances, (instance) => {
            const { state } = instance.described;
            if (state !== 'stopped' && (state !== 'stopping' || hurries))
              lifecycle.stop(instance, input.Hibernate ? 'hibernation' : 'user', options);
          }),
        };
      },
    ),

    StartInstances: operation<StartInstancesCommandInput, StartInstancesCommandOutput>(
      () => sdk.ec2().StartInstances$,
      (input, context) => {
        const instances = targets('StartInstances', input, context);
        for (const { id, described } of instances)
          if (!['stopped', 'running', 'pending'].includes(described.state))
            throw wrongState(`The instance '${id}' is not in a state from which it can be started.`);
        const stopped = instances.filter(({ described }) => described.state === 'stopped');
        launching.checkStart(stopped);
        const by = principal(fleet, context);
        return { StartingInstances: changing(instances, (instance) => stopped.includes(instance) && lifecycle.start(instance, by)) };
      },
    ),

    /** A protected instance keeps those of its own zone alive, while those of other zones are terminated all the same. */
    TerminateInstances: operation<TerminateInstancesCommandInput, TerminateInstancesCommandOutput>(
      () => sdk.ec2().TerminateInstances$,
      (input, context) => {
        const instances = targets('TerminateInstances', input, context);
        const refusals = instances.flatMap((instance) => {
          const refusal = terminationRefusal(instance);
          return refusal ? [{ zone: instance.zone, refusal }] : [];
        });
        const spared = new Set(refusals.map(({ zone }) => zone));
        const changes = changing(
          instances.filter(({ zone }) => !spared.has(zone)),
          (instance) => lifecycle.terminate(instance, 'user'),
        );
        const [first] = refusals;
        if (first) throw first.refusal;
        return { TerminatingInstances: changes };
      },
    ),
  };
};
