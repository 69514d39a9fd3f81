import type * as Sdk from '@aws-sdk/client-ssm';
import type { Ec2, InstanceView } from '../../../core/service-interfaces.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { page } from '../../../wire/protocol/pages.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Agents } from '../model/agents.ts';
import { checkMaxResults } from './check.ts';

const managedNode = /^(i-([0-9a-f]{8}|[0-9a-f]{17})|mi-[0-9a-f]{17})$/;

/** What every agent here says of itself. */
const agentVersion = '3.3.987.0';

/** The instances that have an agent: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeInstanceInformation.html */
export const instanceOperations = (ec2: Ec2, agents: Agents): Record<string, Operation> => {
  const passes = (instance: InstanceView, key: string, values: readonly string[]): boolean => {
    switch (key) {
      case 'InstanceIds':
        return values.includes(instance.id);
      case 'PingStatus':
        return values.includes(agents.ping(instance).status);
      case 'PlatformTypes':
        return values.includes('Linux');
      case 'ResourceType':
        return values.includes('EC2Instance');
      case 'AgentVersion':
        return values.includes(agentVersion);
      case 'SourceIds':
        return values.includes(instance.id);
      case 'SourceTypes':
        return values.includes('AWS::EC2::Instance');
      // Nothing here has them.
      case 'ActivationIds':
      case 'AssociationStatus':
      case 'IamRole':
        return false;
      case 'tag-key':
        return values.some((value) => instance.tags.has(value));
    }
    if (key.startsWith('tag:')) return values.includes(instance.tags.get(key.slice('tag:'.length)) ?? '');
    throw new AwsError('InvalidFilterKey', `The filter key ${key.slice(0, 100)} is not valid.`);
  };

  const describe = (instance: InstanceView): Sdk.InstanceInformation => {
    const { status, at } = agents.ping(instance);
    return {
      InstanceId: instance.id,
      PingStatus: status,
      LastPingDateTime: new Date(at),
      AgentVersion: agentVersion,
      IsLatestVersion: true,
      PlatformType: 'Linux',
      PlatformName: 'Amazon Linux',
      PlatformVersion: '2023',
      ResourceType: 'EC2Instance',
      SourceId: instance.id,
      SourceType: 'AWS::EC2::Instance',
    };
  };

  const describeInformation = (
    input: Sdk.DescribeInstanceInformationCommandInput,
  ): Omit<Sdk.DescribeInstanceInformationCommandOutput, '$metadata'> => {
    const { InstanceInformationFilterList: old = [], Filters: fresh = [], MaxResults, NextToken } = input;
    if (old.length > 0 && fresh.length > 0)
      throw new AwsError('ValidationException', 'InstanceInformationFilterList and Filters cannot be used together.');
    const filters = [
      ...old.map(({ key = '', valueSet = [] }) => ({ key: String(key), values: valueSet })),
      ...fresh.map(({ Key = '', Values = [] }) => ({ key: Key, values: Values })),
    ];
    const isTag = ({ key }: { key: string }) => key.startsWith('tag');
    if (filters.some(isTag) && !filters.every(isTag))
      throw new AwsError('ValidationException', 'Tag filters cannot be combined with other filters.');
    for (const { key, values } of filters) {
      if (values.length === 0 || (key === 'InstanceIds' && !values.every((value) => managedNode.test(value))))
        throw new AwsError('InvalidInstanceInformationFilterValue', `The filter ${key.slice(0, 100)} has a value that is not valid.`);
    }
    const found = [...ec2.list()].filter(
      (instance) => filters.every(({ key, values }) => passes(instance, key, values)) && agents.isManaged(instance),
    );
    const size = checkMaxResults(MaxResults, { least: 5, most: 50, usual: 10 });
    const { items, next } = page(found, size, NextToken, { old, fresh });
    return { InstanceInformationList: items.map(describe), ...(next !== undefined && { NextToken: next }) };
  };

  return {
    DescribeInstanceInformation: operation<Sdk.DescribeInstanceInformationCommandInput, Sdk.DescribeInstanceInformationCommandOutput>(
      () => sdk.ssm().DescribeInstanceInformation$,
      describeInformation,
    ),
  };
};
