import type { RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { Images } from '../model/images.ts';
import type { Launch } from '../model/launch.ts';
import { disksOf } from './disks.ts';
import { tagsFor } from './tag-specifications.ts';

/** What a call may say of a launch, and a launch template too. */
export type Source = Omit<RunInstancesCommandInput, 'MinCount' | 'MaxCount'>;

export const taggable: ReadonlySet<string> = new Set(['instance', 'volume', 'network-interface', 'spot-instances-request', 'elastic-gpu']);

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

const oneOf = <T extends string>(name: string, value: string | undefined, allowed: readonly T[]): T | undefined => {
  if (value === undefined || allowed.includes(value as T)) return value as T | undefined;
  throw invalid(`Invalid value '${value.slice(0, 100)}' for ${name}.`);
};

const operatorOf = (principal: string | undefined): string | undefined => {
  if (principal !== undefined && !/^[a-z0-9.-]{1,100}\.amazonaws\.com$/.test(principal))
    throw invalid(`Invalid value '${principal.slice(0, 100)}' for Operator.Principal.`);
  return principal;
};

/** The parts of a launch that don't depend on where it is, or on who asks for it. */
export const launchOptions = (input: Source, images: Images): Omit<Launch, 'imageId' | 'instanceType' | 'availabilityZone' | 'tags'> => {
  const image = images.expect(input.ImageId ?? '');
  const disks = disksOf(input.BlockDeviceMappings, image.disks);
  const hibernates = input.HibernationOptions?.Configured ?? false;
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hibernating-prerequisites.html: memory is kept on the root volume.
  if (hibernates && !disks.find(({ device }) => device === image.rootDevice)?.encrypted)
    throw new AwsError('UnsupportedHibernationConfiguration', 'Hibernation needs an encrypted root volume.');
  return {
    disks,
    volumeTags: tagsFor('volume', input.TagSpecifications, taggable),
    spot: oneOf('MarketType', input.InstanceMarketOptions?.MarketType, ['spot']) === 'spot',
    detailedMonitoring: input.Monitoring?.Enabled ?? false,
    disableApiTermination: input.DisableApiTermination ?? false,
    disableApiStop: input.DisableApiStop ?? false,
    publicIp: input.NetworkInterfaces?.[0]?.AssociatePublicIpAddress,
    operator: operatorOf(input.Operator?.Principal),
    hibernates,
    autoRecovery: oneOf('AutoRecovery', input.MaintenanceOptions?.AutoRecovery, ['default', 'disabled']),
    shutdownBehavior: oneOf('InstanceInitiatedShutdownBehavior', input.InstanceInitiatedShutdownBehavior, ['stop', 'terminate']),
    keyName: input.KeyName,
  };
};
