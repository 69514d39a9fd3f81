import { DescribeKeyCommand, GetKeyPolicyCommand } from '@aws-sdk/client-kms';
import { errorName } from '../../../shared/model/errors.ts';
import { broken, brokenOr, type Check } from '../check.ts';

type Statement = { Effect?: string; Principal?: unknown; Action?: string | string[] };

const list = (value: string | string[] | undefined): string[] => (typeof value === 'string' ? [value] : (value ?? []));

const covers = (pattern: string, action: string): boolean =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 'i').test(action);

/** What CloudWatch needs to publish to a topic that the key encrypts: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */
const needed = ['kms:Decrypt', 'kms:GenerateDataKey'] as const;

const isForCloudWatch = ({ Principal }: Statement): boolean => {
  const { Service } = (typeof Principal === 'object' && Principal !== null ? Principal : {}) as { Service?: string | string[] };
  return list(Service).includes('cloudwatch.amazonaws.com');
};

export const key: Check = {
  id: 'key',
  reads: 'the key of the topics that CloudWatch publishes to, and its policy',
  permissions: ['kms:DescribeKey', 'kms:GetKeyPolicy'],
  look: async ({ kms, nameOf, redeploy }) => {
    const alias = `alias/${nameOf('topics')}`;
    const described = await kms.send(new DescribeKeyCommand({ KeyId: alias })).catch((error: unknown) => {
      if (errorName(error) === 'NotFoundException') return null;
      throw error;
    });
    if (!described?.KeyMetadata) return [broken(`there is no key ${alias}, so alarms can't be published`, redeploy)];
    const { KeyId = '', KeyState } = described.KeyMetadata;
    if (KeyState === 'PendingDeletion')
      return [
        broken(
          `key ${alias} is about to be deleted, so alarms can't be published`,
          `aws kms cancel-key-deletion --key-id ${KeyId} && aws kms enable-key --key-id ${KeyId}`,
        ),
      ];
    const found =
      KeyState === 'Enabled'
        ? []
        : [broken(`key ${alias} is ${KeyState}, so alarms can't be published`, `aws kms enable-key --key-id ${KeyId}`)];
    const { Policy = '{}' } = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }));
    const { Statement = [] } = JSON.parse(Policy) as { Statement?: Statement | Statement[] };
    const own = [Statement].flat().filter(isForCloudWatch);
    const says = (effect: string, action: string) =>
      own.some(({ Effect, Action }) => Effect === effect && list(Action).some((pattern) => covers(pattern, action)));
    const refused = needed.filter((action) => !says('Allow', action) || says('Deny', action));
    if (refused.length > 0) found.push(broken(`the policy of key ${alias} doesn't let CloudWatch ${refused.join(' and ')}`, redeploy));
    return brokenOr(found, `${alias} is enabled, and lets CloudWatch use it`);
  },
};
