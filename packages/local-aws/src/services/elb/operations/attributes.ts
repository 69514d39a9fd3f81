import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import { attributeDefaults, attributeOf, deregistrationDelay } from '../model/attributes.ts';
import type { Balancers } from '../model/balancers.ts';
import type { TargetGroup } from '../model/target-group.ts';

const check = ({ Key = '', Value = '' }: Sdk.TargetGroupAttribute): [key: string, value: string] => {
  if (!Object.hasOwn(attributeDefaults, Key))
    throw new AwsError('ValidationError', `Target group attribute key '${Key}' is not recognized`);
  if (Key !== deregistrationDelay) {
    if (Value === attributeDefaults[Key]) return [Key, Value];
    throw new AwsError('ValidationError', `'${Key}' with the value '${Value}' is not served by the local AWS`);
  }
  if (!/^\d{1,4}$/.test(Value) || Number(Value) > 3600)
    throw new AwsError('ValidationError', `'${Key}' value '${Value}' must be between 0-3600 inclusive`);
  return [Key, Value];
};

export const attributeOperations = ({ expect }: Balancers): Record<string, Operation> => {
  const describe = (group: TargetGroup) => ({
    Attributes: Object.keys(attributeDefaults).map((Key) => ({ Key, Value: attributeOf(group, Key) })),
  });

  return {
    DescribeTargetGroupAttributes: operation<Sdk.DescribeTargetGroupAttributesCommandInput, Sdk.DescribeTargetGroupAttributesCommandOutput>(
      () => sdk.loadBalancing().DescribeTargetGroupAttributes$,
      ({ TargetGroupArn }) => describe(expect(TargetGroupArn)),
    ),
    ModifyTargetGroupAttributes: operation<Sdk.ModifyTargetGroupAttributesCommandInput, Sdk.ModifyTargetGroupAttributesCommandOutput>(
      () => sdk.loadBalancing().ModifyTargetGroupAttributes$,
      ({ TargetGroupArn, Attributes }) => {
        const group = expect(TargetGroupArn);
        for (const [key, value] of (Attributes ?? []).map(check)) group.attributes.set(key, value);
        return describe(group);
      },
    ),
  };
};
