import type {
  Address,
  AllocateAddressCommandInput,
  AllocateAddressCommandOutput,
  AssociateAddressCommandInput,
  AssociateAddressCommandOutput,
  DescribeAddressesCommandInput,
  DescribeAddressesCommandOutput,
  DisassociateAddressCommandInput,
  DisassociateAddressCommandOutput,
  ReleaseAddressCommandInput,
  ReleaseAddressCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { ElasticIp, ElasticIps } from '../model/elastic.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Instance } from '../model/instance.ts';
import { checkForm, checkOperator, dryRun, seenInstances, tagList } from './common.ts';
import { compileFilters, type FilterTable, tagFilters } from './filters.ts';
import { tagsFor } from './tag-specifications.ts';

const taggable: ReadonlySet<string> = new Set(['elastic-ip']);

const addressTable: FilterTable<ElasticIp> = {
  ...tagFilters<ElasticIp>(({ tags }) => tags),
  'allocation-id': ({ allocationId }) => allocationId,
  'association-id': ({ association }) => association?.id,
  domain: () => 'vpc',
  'instance-id': ({ association }) => association?.instance.id,
  'network-interface-id': ({ association }) => association?.instance.networkInterfaceId,
  'private-ip-address': ({ association }) => association?.instance.privateIp,
  'public-ip': ({ ip }) => ip,
};

/** AllocateAddress, AssociateAddress, DisassociateAddress, ReleaseAddress and DescribeAddresses. */
export const addressOperations = (fleet: Fleet, elastic: ElasticIps): Record<string, Operation> => {
  const { account, region } = fleet.world;
  const all = () => [...elastic.addresses.values()];

  const byAllocation = (id: string): ElasticIp => {
    const address = elastic.addresses.get(id);
    if (!address) throw new AwsError('InvalidAllocationID.NotFound', `The allocation ID '${id.slice(0, 100)}' does not exist`);
    return address;
  };
  const byIp = (ip: string): ElasticIp => {
    const address = all().find((one) => one.ip === ip);
    if (!address) throw new AwsError('InvalidAddress.NotFound', `Address '${ip.slice(0, 100)}' not found.`);
    return address;
  };

  const named = ({ AllocationId, PublicIp }: { AllocationId?: string | undefined; PublicIp?: string | undefined }): ElasticIp => {
    if (AllocationId !== undefined && PublicIp !== undefined)
      throw new AwsError('InvalidParameterCombination', 'You may specify public IP or allocation id, but not both in the same call');
    if (AllocationId !== undefined) return byAllocation(AllocationId);
    if (PublicIp !== undefined) return byIp(PublicIp);
    throw new AwsError('MissingParameter', 'Either public IP or allocation id must be specified');
  };

  const target = ({ InstanceId, NetworkInterfaceId }: AssociateAddressCommandInput): Instance => {
    if ((InstanceId === undefined) === (NetworkInterfaceId === undefined))
      throw new AwsError('InvalidParameterCombination', 'You must specify either an instance ID or a network interface ID, and not both.');
    if (InstanceId !== undefined) return seenInstances(fleet, [InstanceId])[0]?.instance as Instance;
    checkForm([NetworkInterfaceId ?? ''], 'eni', 'InvalidNetworkInterfaceId');
    for (const instance of fleet.instances.values())
      if (instance.networkInterfaceId === NetworkInterfaceId && instance.described.state !== 'terminated') return instance;
    throw new AwsError('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${NetworkInterfaceId}' does not exist`);
  };

  const wireAddress = ({ allocationId, ip, association, tags }: ElasticIp): Address => ({
    AllocationId: allocationId,
    Domain: 'vpc',
    NetworkBorderGroup: region,
    PublicIp: ip,
    PublicIpv4Pool: 'amazon',
    Tags: tagList(tags),
    ...(association && {
      AssociationId: association.id,
      InstanceId: association.instance.id,
      NetworkInterfaceId: association.instance.networkInterfaceId,
      NetworkInterfaceOwnerId: account,
      PrivateIpAddress: association.instance.privateIp,
    }),
  });

  return {
    /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html */
    AllocateAddress: operation<AllocateAddressCommandInput, AllocateAddressCommandOutput>(
      () => sdk.ec2().AllocateAddress$,
      (input) => {
        const { Domain = 'vpc', Address: wanted, PublicIpv4Pool = 'amazon', CustomerOwnedIpv4Pool, IpamPoolId } = input;
        if (Domain !== 'vpc') throw new AwsError('InvalidParameterValue', `Invalid value '${String(Domain).slice(0, 100)}' for domain.`);
        if (wanted !== undefined || PublicIpv4Pool !== 'amazon' || CustomerOwnedIpv4Pool !== undefined || IpamPoolId !== undefined)
          throw new AwsError('UnsupportedOperation', "The local AWS allocates addresses of Amazon's own pool only.");
        const tags = new Map(tagsFor('elastic-ip', input.TagSpecifications, taggable).map(({ key, value }) => [key, value]));
        dryRun(input);
        const { allocationId, ip } = elastic.allocate(tags);
        return { AllocationId: allocationId, PublicIp: ip, Domain: 'vpc', PublicIpv4Pool: 'amazon', NetworkBorderGroup: region };
      },
    ),

    /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html */
    AssociateAddress: operation<AssociateAddressCommandInput, AssociateAddressCommandOutput>(
      () => sdk.ec2().AssociateAddress$,
      (input, context) => {
        const address = named(input);
        const instance = target(input);
        const { state } = instance.described;
        if (state === 'pending' || state === 'shutting-down' || state === 'terminated')
          throw new AwsError('InvalidInstanceID', `The ${state} instance '${instance.id}' is not in a valid state for this operation.`);
        if (input.AllowReassociation === false && address.association && address.association.instance !== instance)
          throw new AwsError(
            'Resource.AlreadyAssociated',
            `resource ${address.allocationId} is already associated with associate-id ${address.association.id}`,
          );
        checkOperator(fleet, 'AssociateAddress', instance, context);
        dryRun(input);
        return { AssociationId: elastic.associate(address, instance) };
      },
    ),

    /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateAddress.html */
    DisassociateAddress: operation<DisassociateAddressCommandInput, DisassociateAddressCommandOutput>(
      () => sdk.ec2().DisassociateAddress$,
      (input, context) => {
        const { AssociationId: id, PublicIp } = input;
        const address = id === undefined ? named({ PublicIp }) : all().find(({ association }) => association?.id === id);
        if (!address)
          throw new AwsError('InvalidAssociationID.NotFound', `The association ID '${(id ?? '').slice(0, 100)}' does not exist`);
        if (address.association) checkOperator(fleet, 'DisassociateAddress', address.association.instance, context);
        dryRun(input);
        elastic.disassociate(address);
        return {};
      },
    ),

    /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseAddress.html: one in use must be disassociated first. */
    ReleaseAddress: operation<ReleaseAddressCommandInput, ReleaseAddressCommandOutput>(
      () => sdk.ec2().ReleaseAddress$,
      (input) => {
        const address = named(input);
        if (address.association) throw new AwsError('InvalidIPAddress.InUse', `Address ${address.ip} is in use.`);
        dryRun(input);
        elastic.release(address);
        return {};
      },
    ),

    /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddresses.html */
    DescribeAddresses: operation<DescribeAddressesCommandInput, DescribeAddressesCommandOutput>(
      () => sdk.ec2().DescribeAddresses$,
      (input) => {
        const matches = compileFilters(addressTable, input.Filters);
        const chosen = [...(input.AllocationIds ?? []).map(byAllocation), ...(input.PublicIps ?? []).map(byIp)];
        dryRun(input);
        return { Addresses: (chosen.length > 0 ? [...new Set(chosen)] : all()).filter(matches).map(wireAddress) };
      },
    ),
  };
};
