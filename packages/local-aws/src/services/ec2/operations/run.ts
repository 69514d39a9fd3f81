import type { Reservation, RunInstancesCommandInput, RunInstancesCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import { defaultTypeName } from '../model/catalogue.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Images } from '../model/images.ts';
import type { Instance, Zone } from '../model/instance.ts';
import type { InstanceLifecycle } from '../model/instance-lifecycle.ts';
import type { Launch, Launching } from '../model/launch.ts';
import { dryRun, principal } from './common.ts';
import { reservations } from './instances.ts';
import { launchOptions, type Source, taggable } from './launch-options.ts';
import { tagsFor } from './tag-specifications.ts';
import type { LaunchTemplates } from './templates.ts';
import { createTokens } from './tokens.ts';

const maxCount = 1000;

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

/** RunInstances. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html */
export const runOperations = (
  fleet: Fleet,
  {
    lifecycle,
    launching,
    templates,
    images,
  }: { lifecycle: InstanceLifecycle; launching: Launching; templates: LaunchTemplates; images: Images },
): Record<string, Operation> => {
  const { world } = fleet;
  const tokens = createTokens<Instance[]>(world.clock);

  const zoneFor = (input: Source): Zone => {
    const subnetId = input.SubnetId ?? input.NetworkInterfaces?.[0]?.SubnetId;
    if (subnetId !== undefined) {
      const zone = fleet.zoneOfSubnet(subnetId);
      if (!zone) throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${subnetId.slice(0, 100)}' does not exist`);
      return zone;
    }
    const { AvailabilityZone: name, AvailabilityZoneId: id } = input.Placement ?? {};
    const zones = [...fleet.zones.values()];
    if (name === undefined && id === undefined) {
      const open = zones.filter((zone) => zone.dark === 0 && zone.exhausted === 0);
      return fleet.random.pick(open.length > 0 ? open : zones);
    }
    const zone = zones.find((candidate) => (name === undefined ? candidate.id === id : candidate.name === name));
    if (!zone) throw invalid(`Invalid availability zone: [${(name ?? id ?? '').slice(0, 100)}]`);
    return zone;
  };

  const launchOf = (input: Source, template: { id: string; version: number } | undefined): Launch => {
    const { ImageId, InstanceType = defaultTypeName } = input;
    if (ImageId === undefined) throw new AwsError('MissingParameter', 'The request must contain the parameter ImageId');
    return {
      ...launchOptions(input, images),
      imageId: ImageId,
      instanceType: InstanceType,
      availabilityZone: zoneFor(input).name,
      tags: tagsFor('instance', input.TagSpecifications, taggable),
      ...(input.ClientToken === undefined ? {} : { clientToken: input.ClientToken }),
      ...(template && { launchTemplateId: template.id, launchTemplateVersion: template.version }),
    };
  };

  const answer = (instances: readonly Instance[]): Reservation => {
    const now = world.clock.now();
    const [reservation] = reservations(
      fleet,
      instances.map((instance) => ({ instance, described: instance.described, at: now })),
    );
    return reservation ?? {};
  };

  return {
    RunInstances: operation<RunInstancesCommandInput, RunInstancesCommandOutput>(
      () => sdk.ec2().RunInstances$,
      (input, context) => {
        const { MinCount = 1, MaxCount = 1 } = input;
        if (!Number.isInteger(MinCount) || MinCount < 1) throw invalid(`Value (${MinCount}) for parameter minCount is invalid.`);
        if (!Number.isInteger(MaxCount) || MaxCount < MinCount || MaxCount > maxCount)
          throw invalid(`Value (${MaxCount}) for parameter maxCount is invalid.`);
        const before = tokens.repeated(input);
        if (before) return answer(before);
        const template = input.LaunchTemplate && templates.resolve(input.LaunchTemplate);
        const own = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
        const named = template && { id: template.template.id, version: template.number };
        const launch = launchOf({ ...(template?.data as Source | undefined), ...own }, named);
        const count = launching.checkLaunch(launch, MinCount, MaxCount);
        dryRun(input);
        return answer(tokens.keep(input, lifecycle.launch(launch, count, principal(fleet, context))));
      },
    ),
  };
};
