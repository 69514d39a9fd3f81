import type {
  DescribeInstanceAttributeCommandInput,
  DescribeInstanceAttributeCommandOutput,
  ModifyInstanceAttributeCommandInput,
  ModifyInstanceAttributeCommandOutput,
  ModifyInstanceMaintenanceOptionsCommandInput,
  ModifyInstanceMaintenanceOptionsCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import { instanceTypes } from '../model/catalogue.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Instance } from '../model/instance.ts';
import { checkOperator, dryRun, seenInstances } from './common.ts';
import { blockDevices, securityGroupName } from './shape.ts';

type Attributes = Omit<DescribeInstanceAttributeCommandOutput, '$metadata' | 'InstanceId'>;

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

const asBoolean = (name: string, value: string): boolean => {
  if (value !== 'true' && value !== 'false') throw invalid(`Invalid value '${value.slice(0, 100)}' for ${name}.`);
  return value === 'true';
};

/** What can be changed of an instance here, each from the text that the call's `Value` may also carry. */
const setters: Readonly<Record<string, (instance: Instance, value: string) => void>> = {
  disableApiTermination: (instance, value) => {
    const on = asBoolean('disableApiTermination', value);
    if (on && instance.spotRequestId !== null)
      throw new AwsError('UnsupportedOperation', `Termination protection can't be enabled for the Spot Instance '${instance.id}'.`);
    instance.disableApiTermination = on;
  },
  disableApiStop: (instance, value) => {
    instance.disableApiStop = asBoolean('disableApiStop', value);
  },
  instanceInitiatedShutdownBehavior: (instance, value) => {
    if (value !== 'stop' && value !== 'terminate')
      throw invalid(`Invalid value '${value.slice(0, 100)}' for instanceInitiatedShutdownBehavior.`);
    instance.shutdownBehavior = value;
  },
  instanceType: (instance, value) => {
    const type = instanceTypes.get(value);
    if (!type) throw invalid(`Invalid value '${value.slice(0, 100)}' for instanceType.`);
    if (instance.described.state !== 'stopped')
      throw new AwsError('IncorrectInstanceState', `The instance '${instance.id}' is not in the 'stopped' state.`);
    if (type.architecture !== instance.type.architecture)
      throw new AwsError(
        'InvalidParameterCombination',
        `The instance type '${type.name}' runs another architecture than the instance's image.`,
      );
    instance.type = type;
  },
};

/** The one attribute that a call changes: by its own parameter, or by `Attribute` and `Value`. */
const wantedChange = (input: ModifyInstanceAttributeCommandInput): { name: string; value: string } => {
  const { Attribute, Value, DryRun: _, InstanceId: __, ...own } = input;
  const given: { name: string; value: string }[] = Object.entries(own).flatMap(([key, parameter]) => {
    if (parameter === undefined) return [];
    const name = key.charAt(0).toLowerCase() + key.slice(1);
    const value = typeof parameter === 'object' && 'Value' in parameter ? parameter.Value : parameter;
    return [{ name, value: String(value) }];
  });
  if (Attribute !== undefined) given.push({ name: Attribute, value: Value ?? '' });
  const [first, second] = given;
  if (!first) throw new AwsError('InvalidParameterCombination', 'No attributes specified.');
  if (second) throw new AwsError('InvalidParameterCombination', 'Fields for multiple attribute types specified');
  return first;
};

/** DescribeInstanceAttribute, ModifyInstanceAttribute and ModifyInstanceMaintenanceOptions. */
export const attributeOperations = (fleet: Fleet): Record<string, Operation> => {
  const getters: Readonly<Record<string, (instance: Instance) => Attributes>> = {
    blockDeviceMapping: (instance) => ({ BlockDeviceMappings: blockDevices(instance) }),
    disableApiStop: ({ disableApiStop }) => ({ DisableApiStop: { Value: disableApiStop } }),
    disableApiTermination: ({ disableApiTermination }) => ({ DisableApiTermination: { Value: disableApiTermination } }),
    ebsOptimized: () => ({ EbsOptimized: { Value: false } }),
    enaSupport: () => ({ EnaSupport: { Value: true } }),
    groupSet: () => ({ Groups: [{ GroupId: fleet.securityGroupId, GroupName: securityGroupName }] }),
    instanceInitiatedShutdownBehavior: ({ shutdownBehavior }) => ({ InstanceInitiatedShutdownBehavior: { Value: shutdownBehavior } }),
    instanceType: ({ type }) => ({ InstanceType: { Value: type.name } }),
    rootDeviceName: ({ rootDevice }) => ({ RootDeviceName: { Value: rootDevice } }),
    sourceDestCheck: () => ({ SourceDestCheck: { Value: true } }),
    userData: () => ({ UserData: {} }),
  };

  const target = (id: string | undefined): Instance => {
    const [seen] = seenInstances(fleet, [id ?? '']);
    if (!seen || seen.instance.described.state === 'terminated')
      throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
    return seen.instance;
  };

  return {
    DescribeInstanceAttribute: operation<DescribeInstanceAttributeCommandInput, DescribeInstanceAttributeCommandOutput>(
      () => sdk.ec2().DescribeInstanceAttribute$,
      (input) => {
        const name = input.Attribute ?? '';
        const get = Object.hasOwn(getters, name) ? getters[name] : undefined;
        const instance = target(input.InstanceId);
        if (!get) throw invalid(`Value (${name.slice(0, 100)}) for parameter attribute is invalid. Unknown attribute.`);
        dryRun(input);
        return { InstanceId: instance.id, ...get(instance) };
      },
    ),

    ModifyInstanceAttribute: operation<ModifyInstanceAttributeCommandInput, ModifyInstanceAttributeCommandOutput>(
      () => sdk.ec2().ModifyInstanceAttribute$,
      (input, context) => {
        const instance = target(input.InstanceId);
        checkOperator(fleet, 'ModifyInstanceAttribute', instance, context);
        const { name, value } = wantedChange(input);
        const set = Object.hasOwn(setters, name) ? setters[name] : undefined;
        if (!set) throw invalid(`Value (${name.slice(0, 100)}) for parameter attribute is invalid.`);
        dryRun(input);
        set(instance, value);
        return {};
      },
    ),

    ModifyInstanceMaintenanceOptions: operation<
      ModifyInstanceMaintenanceOptionsCommandInput,
      ModifyInstanceMaintenanceOptionsCommandOutput
    >(
      () => sdk.ec2().ModifyInstanceMaintenanceOptions$,
      (input, context) => {
        const instance = target(input.InstanceId);
        checkOperator(fleet, 'ModifyInstanceMaintenanceOptions', instance, context);
        const { AutoRecovery } = input;
        if (AutoRecovery !== undefined && AutoRecovery !== 'default' && AutoRecovery !== 'disabled')
          throw invalid(`Invalid value '${String(AutoRecovery).slice(0, 100)}' for AutoRecovery.`);
        dryRun(input);
        if (AutoRecovery !== undefined) fleet.change(instance, { autoRecovery: AutoRecovery });
        return { InstanceId: instance.id, AutoRecovery: instance.described.autoRecovery };
      },
    ),
  };
};
