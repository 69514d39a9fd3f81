import type {
  CreateImageCommandInput,
  CreateImageCommandOutput,
  DeregisterImageCommandInput,
  DeregisterImageCommandOutput,
  DescribeImagesCommandInput,
  DescribeImagesCommandOutput,
  RegisterImageCommandInput,
  RegisterImageCommandOutput,
  VolumeType,
  Image as WireImage,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Image, Images } from '../model/images.ts';
import { type DiskSpec, rootDisk } from '../model/volume.ts';
import { checkOperator, dryRun, seenInstances } from './common.ts';
import { disksOf } from './disks.ts';
import { compileFilters, type FilterTable } from './filters.ts';
import { checkPage, page } from './pages.ts';

const rules = { call: 'DescribeImages', least: 1, most: 1000 };

const wireDisk = ({ device, sizeGiB, type, deleteOnTermination, snapshotId, encrypted }: DiskSpec) => ({
  DeviceName: device,
  Ebs: {
    DeleteOnTermination: deleteOnTermination,
    Encrypted: encrypted ?? false,
    ...(snapshotId === undefined ? {} : { SnapshotId: snapshotId }),
    VolumeSize: sizeGiB,
    VolumeType: type as VolumeType,
  },
});

/** DescribeImages, RegisterImage, CreateImage and DeregisterImage. */
export const imageOperations = (fleet: Fleet, images: Images): Record<string, Operation> => {
  const { account } = fleet.world;

  const wireImage = (image: Image): WireImage => ({
    Architecture: image.architecture,
    BlockDeviceMappings: image.disks.map(wireDisk),
    CreationDate: new Date(image.createdAt).toISOString(),
    Description: image.description,
    Hypervisor: 'xen',
    ImageId: image.id,
    ImageType: 'machine',
    Name: image.name,
    // Whose an image is that nobody here made, nobody knows: one of the numbers that are for examples.
    OwnerId: image.own ? account : '111111111111',
    PlatformDetails: 'Linux/UNIX',
    Public: !image.own,
    RootDeviceName: image.rootDevice,
    RootDeviceType: 'ebs',
    State: 'available',
    UsageOperation: 'RunInstances',
    VirtualizationType: 'hvm',
  });

  const imageTable: FilterTable<Image> = {
    architecture: ({ architecture }) => architecture,
    description: ({ description }) => description,
    'image-id': ({ id }) => id,
    'image-type': () => 'machine',
    'is-public': ({ own }) => String(!own),
    name: ({ name }) => name,
    'owner-id': ({ own }) => (own ? account : '111111111111'),
    'root-device-name': ({ rootDevice }) => rootDevice,
    'root-device-type': () => 'ebs',
    state: () => 'available',
    'virtualization-type': () => 'hvm',
  };

  const checkedName = (name = ''): string => {
    if (!/^[a-zA-Z0-9()[\] ./\-'@_]{3,128}$/.test(name))
      throw new AwsError('InvalidAMIName.Malformed', "AMI names must be between 3 and 128 letters, digits or ()[] ./-'@_");
    for (const image of images.registered())
      if (image.name === name) throw new AwsError('InvalidAMIName.Duplicate', `AMI name ${name} is already in use by AMI ${image.id}`);
    return name;
  };

  return {
    /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html; without ids, those of the account alone. */
    DescribeImages: operation<DescribeImagesCommandInput, DescribeImagesCommandOutput>(
      () => sdk.ec2().DescribeImages$,
      (input) => {
        const ids = input.ImageIds ?? [];
        checkPage(rules, input, { name: 'imageIdSet', given: ids.length > 0 });
        const matches = compileFilters(imageTable, input.Filters);
        const owners = (input.Owners ?? []).map((owner) => (owner === 'self' ? account : owner));
        const candidates = ids.length > 0 ? [...new Set(ids)].map(images.expect) : images.registered();
        dryRun(input);
        const chosen = Iterator.from(candidates).filter(
          (image) => matches(image) && (owners.length === 0 || owners.includes(wireImage(image).OwnerId ?? '')),
        );
        const { rows, ...next } = page(rules, input, chosen, ({ seq }) => seq);
        return { Images: rows.map(wireImage), ...next };
      },
    ),

    /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html */
    RegisterImage: operation<RegisterImageCommandInput, RegisterImageCommandOutput>(
      () => sdk.ec2().RegisterImage$,
      (input) => {
        const { RootDeviceName: rootDevice = rootDisk.device, Architecture = 'x86_64', Description = '' } = input;
        if (Architecture !== 'x86_64' && Architecture !== 'arm64')
          throw new AwsError('InvalidParameterValue', `Invalid value '${String(Architecture).slice(0, 100)}' for architecture.`);
        const name = checkedName(input.Name);
        const disks = disksOf(input.BlockDeviceMappings, [{ ...rootDisk, device: rootDevice }]);
        dryRun(input);
        return { ImageId: images.register({ name, description: Description, architecture: Architecture, rootDevice, disks }).id };
      },
    ),

    /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html; the instance isn't rebooted for it here. */
    CreateImage: operation<CreateImageCommandInput, CreateImageCommandOutput>(
      () => sdk.ec2().CreateImage$,
      (input, context) => {
        const [seen] = seenInstances(fleet, [input.InstanceId ?? '']);
        const name = checkedName(input.Name);
        if (!seen || !input.NoReboot)
          throw new AwsError('UnsupportedOperation', 'The local AWS makes images without a reboot only: set NoReboot.');
        const { instance } = seen;
        checkOperator(fleet, 'CreateImage', instance, context);
        const own = instance.volumes.flatMap(({ attachment, shape: { sizeGiB, type }, kmsKeyArn }): DiskSpec[] => {
          if (!attachment) return [];
          const { device, deleteOnTermination } = attachment;
          const key = kmsKeyArn === null ? {} : { encrypted: true, kmsKeyId: kmsKeyArn };
          return [{ device, deleteOnTermination, sizeGiB, type, ...key }];
        });
        const disks = disksOf(input.BlockDeviceMappings, own);
        dryRun(input);
        const { architecture } = instance.type;
        const made = { name, description: input.Description ?? '', architecture, rootDevice: instance.rootDevice, disks };
        return { ImageId: images.register(made).id };
      },
    ),

    /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeregisterImage.html */
    DeregisterImage: operation<DeregisterImageCommandInput, DeregisterImageCommandOutput>(
      () => sdk.ec2().DeregisterImage$,
      (input) => {
        const { id } = images.expect(input.ImageId ?? '');
        dryRun(input);
        images.deregister(id);
        return { Return: true };
      },
    ),
  };
};
