import assert from 'node:assert/strict';
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AttachVolumeCommand,
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteTagsCommand,
  DeleteVolumeCommand,
  DeregisterImageCommand,
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeTagsCommand,
  DescribeVolumeStatusCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  DisassociateAddressCommand,
  ModifyInstanceAttributeCommand,
  ModifyLaunchTemplateCommand,
  RebootInstancesCommand,
  RegisterImageCommand,
  ReleaseAddressCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describeInstance, eventually, fromPage, imageId, inState, launch, refused } from './check.ts';

const api = 'AWSEC2/latest/APIReference/';
const noInstance = 'i-0aaaaaaaaaaaaaaaa';

export const ec2Checks = [
  ...fromPage(`${api}API_RunInstances.html`, {
    'a launched instance is pending, then running': async (setting) => {
      const run = new RunInstancesCommand({ ImageId: imageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 });
      const { Instances = [], ReservationId } = await setting.ec2.send(run);
      assert.match(ReservationId ?? '', /^r-[0-9a-f]{17}$/);
      assert.equal(Instances[0]?.State?.Name, 'pending');
      assert.equal(Instances[0]?.State?.Code, 0);
      assert.match(Instances[0]?.InstanceId ?? '', /^i-[0-9a-f]{17}$/);
      await inState(setting, Instances[0]?.InstanceId ?? '', 'running');
    },
    'tags come with the instance': async (setting) => {
      const id = await launch(setting, { TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'selfheal', Value: 'on' }] }] });
      assert.deepEqual((await describeInstance(setting, id)).Tags, [{ Key: 'selfheal', Value: 'on' }]);
    },
    'a client token makes a second launch the first one': async (setting) => {
      const input = { ImageId: imageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ClientToken: setting.fresh('token') } as const;
      const [one, two] = [await setting.ec2.send(new RunInstancesCommand(input)), await setting.ec2.send(new RunInstancesCommand(input))];
      assert.equal(one.Instances?.[0]?.InstanceId, two.Instances?.[0]?.InstanceId);
      await refused(setting.ec2.send(new RunInstancesCommand({ ...input, InstanceType: 't3.small' })), 'IdempotentParameterMismatch');
    },
    'a dry run is refused with 412 and launches nothing': async ({ ec2 }) => {
      const run = new RunInstancesCommand({ ImageId: imageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, DryRun: true });
      await refused(ec2.send(run), 'DryRunOperation', 412);
    },
  }),
  ...fromPage(`${api}API_DescribeInstances.html`, {
    'an unknown id is refused': ({ ec2 }) =>
      refused(ec2.send(new DescribeInstancesCommand({ InstanceIds: [noInstance] })), 'InvalidInstanceID.NotFound'),
    'a malformed id is refused': ({ ec2 }) =>
      refused(ec2.send(new DescribeInstancesCommand({ InstanceIds: ['nonsense'] })), 'InvalidInstanceID.Malformed'),
    'one unknown id fails the whole call': async (setting) => {
      const id = await launch(setting);
      await refused(setting.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id, noInstance] })), 'InvalidInstanceID.NotFound');
    },
    'an unknown filter is refused': ({ ec2 }) =>
      refused(ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'nonsense', Values: ['x'] }] })), 'InvalidParameterValue'),
    'a page token from elsewhere is refused': ({ ec2 }) =>
      refused(ec2.send(new DescribeInstancesCommand({ NextToken: 'nonsense' })), 'InvalidPaginationToken'),
    'ids and a page size do not go together': async (setting) => {
      const id = await launch(setting);
      await refused(setting.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id], MaxResults: 5 })), 'InvalidParameterCombination');
    },
    'a page size below five is refused': ({ ec2 }) =>
      refused(ec2.send(new DescribeInstancesCommand({ MaxResults: 4 })), 'InvalidParameterValue'),
    'filters match by tag, with wildcards': async (setting) => {
      const value = setting.fresh('value');
      const id = await launch(setting, { TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'role', Value: value }] }] });
      const Filters = [
        { Name: 'tag:role', Values: [`${value.slice(0, -1)}?`] },
        { Name: 'instance-state-name', Values: ['run*'] },
      ];
      const { Reservations = [] } = await setting.ec2.send(new DescribeInstancesCommand({ Filters }));
      assert.deepEqual(
        Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId)),
        [id],
      );
    },
  }),
  ...fromPage(`${api}API_StopInstances.html`, {
    'a stop goes by way of stopping, and says whose wish it was': async (setting) => {
      const id = await launch(setting);
      const { StoppingInstances = [] } = await setting.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
      assert.equal(StoppingInstances[0]?.PreviousState?.Name, 'running');
      assert.equal(StoppingInstances[0]?.CurrentState?.Name, 'stopping');
      const instance = await inState(setting, id, 'stopped');
      assert.equal(instance.StateReason?.Code, 'Client.UserInitiatedShutdown');
      assert.match(instance.StateTransitionReason ?? '', /^User initiated \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT\)$/);
    },
    'a terminated instance cannot be stopped': async (setting) => {
      const id = await launch(setting);
      await setting.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      await inState(setting, id, 'terminated');
      await refused(setting.ec2.send(new StopInstancesCommand({ InstanceIds: [id] })), 'IncorrectInstanceState');
    },
    'stop protection refuses it': async (setting) => {
      const id = await launch(setting);
      await setting.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiStop: { Value: true } }));
      await refused(setting.ec2.send(new StopInstancesCommand({ InstanceIds: [id] })), 'OperationNotPermitted');
    },
  }),
  ...fromPage(`${api}API_StartInstances.html`, {
    'a stopped instance starts again, with the same private address': async (setting) => {
      const id = await launch(setting);
      const before = (await describeInstance(setting, id)).PrivateIpAddress;
      await setting.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
      await inState(setting, id, 'stopped');
      const { StartingInstances = [] } = await setting.ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
      assert.equal(StartingInstances[0]?.CurrentState?.Name, 'pending');
      assert.equal((await inState(setting, id, 'running')).PrivateIpAddress, before);
    },
    'starting one that runs changes nothing': async (setting) => {
      const id = await launch(setting);
      const { StartingInstances = [] } = await setting.ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
      assert.equal(StartingInstances[0]?.CurrentState?.Name, 'running');
    },
    'an unknown id is refused': ({ ec2 }) =>
      refused(ec2.send(new StartInstancesCommand({ InstanceIds: [noInstance] })), 'InvalidInstanceID.NotFound'),
  }),
  ...fromPage(`${api}API_RebootInstances.html`, {
    'a reboot returns at once and leaves the instance running': async (setting) => {
      const id = await launch(setting);
      await setting.ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }));
      assert.equal((await describeInstance(setting, id)).State?.Name, 'running');
    },
    'a stopped instance cannot be rebooted': async (setting) => {
      const id = await launch(setting);
      await setting.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
      await inState(setting, id, 'stopped');
      await refused(setting.ec2.send(new RebootInstancesCommand({ InstanceIds: [id] })), 'IncorrectInstanceState');
    },
    'a dry run is refused with 412': async (setting) => {
      const id = await launch(setting);
      await refused(setting.ec2.send(new RebootInstancesCommand({ InstanceIds: [id], DryRun: true })), 'DryRunOperation', 412);
    },
    'an unknown id is refused': ({ ec2 }) =>
      refused(ec2.send(new RebootInstancesCommand({ InstanceIds: [noInstance] })), 'InvalidInstanceID.NotFound'),
  }),
  ...fromPage(`${api}API_TerminateInstances.html`, {
    'an instance shuts down, stays visible as terminated, and can be terminated again': async (setting) => {
      const id = await launch(setting);
      const { TerminatingInstances = [] } = await setting.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      assert.equal(TerminatingInstances[0]?.CurrentState?.Name, 'shutting-down');
      await inState(setting, id, 'terminated');
      await setting.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    },
    'termination protection refuses it': async (setting) => {
      const id = await launch(setting);
      await setting.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiTermination: { Value: true } }));
      await refused(setting.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })), 'OperationNotPermitted');
      const attribute = new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: 'disableApiTermination' });
      assert.equal((await setting.ec2.send(attribute)).DisableApiTermination?.Value, true);
    },
  }),
  ...fromPage(`${api}API_DescribeInstanceStatus.html`, {
    'both checks pass some minutes after the launch': async (setting) => {
      const id = await launch(setting);
      await eventually(
        setting,
        async () => {
          const { InstanceStatuses = [] } = await setting.ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [id] }));
          assert.equal(InstanceStatuses[0]?.SystemStatus?.Status, 'ok');
          assert.equal(InstanceStatuses[0]?.InstanceStatus?.Status, 'ok');
          assert.deepEqual(InstanceStatuses[0]?.InstanceStatus?.Details, [{ Name: 'reachability', Status: 'passed' }]);
        },
        200,
      );
    },
    'one that does not run is told of only when asked for': async (setting) => {
      const id = await launch(setting);
      await setting.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
      await inState(setting, id, 'stopped');
      const ask = (IncludeAllInstances: boolean) =>
        setting.ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [id], IncludeAllInstances }));
      assert.deepEqual((await ask(false)).InstanceStatuses, []);
      const [status] = (await ask(true)).InstanceStatuses ?? [];
      assert.equal(status?.InstanceState?.Name, 'stopped');
      assert.equal(status?.InstanceStatus?.Status, 'not-applicable');
    },
    'an unknown id is refused': ({ ec2 }) =>
      refused(ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [noInstance] })), 'InvalidInstanceID.NotFound'),
  }),
  ...fromPage(`${api}API_CreateTags.html`, {
    'tags are set, overwritten and taken away': async (setting) => {
      const id = await launch(setting);
      const tags = async () => {
        const { Tags = [] } = await setting.ec2.send(new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [id] }] }));
        return Tags.map(({ Key, Value }) => `${Key}=${Value}`).sort();
      };
      const Resources = [id];
      await setting.ec2.send(
        new CreateTagsCommand({
          Resources,
          Tags: [
            { Key: 'a', Value: '1' },
            { Key: 'b', Value: '<&">' },
          ],
        }),
      );
      await setting.ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'a', Value: '2' }] }));
      await eventually(setting, async () => assert.deepEqual(await tags(), ['a=2', 'b=<&">']));
      await setting.ec2.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'a' }] }));
      await eventually(setting, async () => assert.deepEqual(await tags(), ['b=<&">']));
    },
    'an unknown instance cannot be tagged': ({ ec2 }) =>
      refused(ec2.send(new CreateTagsCommand({ Resources: [noInstance], Tags: [{ Key: 'a', Value: '1' }] })), 'InvalidInstanceID.NotFound'),
    'keys that begin with aws: are refused': async (setting) => {
      const id = await launch(setting);
      await refused(
        setting.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'aws:x', Value: '1' }] })),
        'InvalidParameterValue',
      );
    },
  }),
  ...fromPage(`${api}API_DescribeVolumes.html`, {
    'the root volume is attached and in use': async (setting) => {
      const id = await launch(setting);
      const { Volumes = [] } = await setting.ec2.send(
        new DescribeVolumesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [id] }] }),
      );
      assert.equal(Volumes[0]?.State, 'in-use');
      assert.equal(Volumes[0]?.Attachments?.[0]?.InstanceId, id);
      const VolumeIds = [Volumes[0]?.VolumeId ?? ''];
      const { VolumeStatuses = [] } = await setting.ec2.send(new DescribeVolumeStatusCommand({ VolumeIds }));
      assert.equal(VolumeStatuses[0]?.VolumeStatus?.Status, 'ok');
    },
    'an unknown volume is refused': ({ ec2 }) =>
      refused(ec2.send(new DescribeVolumesCommand({ VolumeIds: ['vol-0aaaaaaaaaaaaaaaa'] })), 'InvalidVolume.NotFound'),
  }),
  ...fromPage(`${api}API_AssociateAddress.html`, {
    'an elastic address belongs to the account, and stays over a stop and start': async (setting) => {
      const { ec2 } = setting;
      const InstanceId = await launch(setting);
      const { AllocationId, PublicIp } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
      const { AssociationId } = await ec2.send(new AssociateAddressCommand({ AllocationId, InstanceId }));
      const shown = () =>
        eventually(setting, async () => {
          const { PublicIpAddress, NetworkInterfaces = [] } = await describeInstance(setting, InstanceId);
          assert.equal(PublicIpAddress, PublicIp);
          assert.match(NetworkInterfaces[0]?.Association?.IpOwnerId ?? '', /^\d{12}$/);
        });
      await shown();
      await refused(ec2.send(new ReleaseAddressCommand({ AllocationId })), /^InvalidIPAddress.InUse|AuthFailure$/);
      await ec2.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }));
      await inState(setting, InstanceId, 'stopped');
      await ec2.send(new StartInstancesCommand({ InstanceIds: [InstanceId] }));
      await inState(setting, InstanceId, 'running');
      await shown();
      await ec2.send(new DisassociateAddressCommand({ AssociationId }));
      await ec2.send(new ReleaseAddressCommand({ AllocationId }));
    },
  }),
  ...fromPage(`${api}API_DeregisterImage.html`, {
    'a deregistered image no longer exists, and launches nothing': async ({ ec2, fresh }) => {
      const { ImageId = '' } = await ec2.send(new RegisterImageCommand({ Name: fresh('image'), RootDeviceName: '/dev/xvda' }));
      assert.equal((await ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }))).Images?.[0]?.State, 'available');
      await ec2.send(new DeregisterImageCommand({ ImageId }));
      const gone = /^InvalidAMIID\.(NotFound|Unavailable)$/;
      await refused(ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] })), gone);
      await refused(ec2.send(new RunInstancesCommand({ ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 })), gone);
    },
  }),
  ...fromPage(`${api}API_DescribeLaunchTemplateVersions.html`, {
    'versions are told newest first, with their default': async ({ ec2, fresh }) => {
      const LaunchTemplateName = fresh('template');
      const LaunchTemplateData = { ImageId: imageId };
      await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData }));
      await ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateName, LaunchTemplateData }));
      await ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateName, DefaultVersion: '2' }));
      const { LaunchTemplateVersions = [] } = await ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName }));
      assert.deepEqual(
        LaunchTemplateVersions.map(({ VersionNumber, DefaultVersion }) => [VersionNumber, DefaultVersion]),
        [
          [2, true],
          [1, false],
        ],
      );
    },
  }),
  ...fromPage(`${api}API_CreateVolume.html`, {
    'a volume is made, attached, detached and deleted, as the waiters of the SDK see it': async (setting) => {
      const { ec2 } = setting;
      const InstanceId = await launch(setting);
      const { Placement } = await describeInstance(setting, InstanceId);
      const { VolumeId } = await ec2.send(new CreateVolumeCommand({ AvailabilityZone: Placement?.AvailabilityZone, Size: 1 }));
      const volumeIs = (state: string) =>
        eventually(setting, async () => {
          const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId ?? ''] }));
          assert.equal(Volumes[0]?.State, state);
        });
      await volumeIs('available');
      await ec2.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device: '/dev/sdf' }));
      await volumeIs('in-use');
      await refused(ec2.send(new DeleteVolumeCommand({ VolumeId })), 'VolumeInUse');
      await ec2.send(new DetachVolumeCommand({ VolumeId }));
      await volumeIs('available');
      await ec2.send(new DeleteVolumeCommand({ VolumeId }));
    },
    'an encrypted volume names its key': async ({ ec2 }) => {
      const zones = (await ec2.send(new DescribeAvailabilityZonesCommand({}))).AvailabilityZones ?? [];
      const made = await ec2.send(new CreateVolumeCommand({ AvailabilityZone: zones[0]?.ZoneName, Size: 1, Encrypted: true }));
      assert.equal(made.Encrypted, true);
      assert.match(made.KmsKeyId ?? '', /^arn:aws[a-z-]*:kms:/);
    },
  }),
  ...fromPage(`${api}API_DescribeInstanceTypes.html`, {
    'types say whether they have local disks': async ({ ec2 }) => {
      const types = await ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ['t3.micro', 'm5d.large'] }));
      const stores = Object.fromEntries((types.InstanceTypes ?? []).map((type) => [type.InstanceType, type.InstanceStorageSupported]));
      assert.deepEqual(stores, { 't3.micro': false, 'm5d.large': true });
    },
    'an unknown type is refused': ({ ec2 }) =>
      refused(ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ['nonsense' as 't3.micro'] })), 'InvalidInstanceType'),
  }),
  ...fromPage(`${api}API_DescribeAvailabilityZones.html`, {
    'a region has several zones': async ({ ec2 }) => {
      const { AvailabilityZones = [] } = await ec2.send(new DescribeAvailabilityZonesCommand({}));
      assert.ok(AvailabilityZones.length >= 2);
      assert.match(AvailabilityZones[0]?.ZoneName ?? '', /^us-east-1[a-f]$/);
    },
  }),
  ...fromPage(`${api}API_CreateLaunchTemplate.html`, {
    'a template is found by its name, which is taken from then on': async (setting) => {
      const LaunchTemplateName = setting.fresh('template');
      const create = () =>
        setting.ec2.send(
          new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData: { ImageId: imageId, InstanceType: 't3.micro' } }),
        );
      const id = (await create()).LaunchTemplate?.LaunchTemplateId;
      const { LaunchTemplates = [] } = await setting.ec2.send(
        new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [LaunchTemplateName] }),
      );
      assert.equal(LaunchTemplates[0]?.LaunchTemplateId, id);
      await refused(create(), 'InvalidLaunchTemplateName.AlreadyExistsException');
    },
  }),
];
