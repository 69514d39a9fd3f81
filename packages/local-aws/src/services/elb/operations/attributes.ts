import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import { elbPhysics } from '../../../core/model-parameters.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Balancers, TargetGroup } from '../model/balancers.ts';

export const deregistrationDelay = 'deregistration_delay.timeout_seconds';

/**
 * The attributes of a target group for instances, and their defaults. Only the deregistration delay does something here: the others
 * are about traffic, of which there is none, so that they can't be set to anything else.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
 */
const defaults: Readonly<Record<string, string>> = {
  [deregistrationDelay]: String(elbPhysics.deregistrationDelaySeconds),
  'stickiness.enabled': 'false',
  'stickiness.type': 'lb_cookie',
  'stickiness.lb_cookie.duration_seconds': '86400',
  'slow_start.duration_seconds': '0',
  'load_balancing.algorithm.type': 'round_robin',
  'load_balancing.algorithm.anomaly_mitigation': 'off',
  'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
};

export const attributeOf = ({ attributes }: TargetGroup, key: string): string => attributes.get(key) ?? defaults[key] ?? '';

const check = ({ Key = '', Value = '' }: Sdk.TargetGroupAttribute): [key: string, value: string] => {
  if (!Object.hasOwn(defaults, Key)) throw new AwsError('ValidationError', `Target group attribute key '${Key}' is not recognized`);
  if (Key !== deregistrationDelay) {
    if (Value === defaults[Key]) return [Key, Value];
    throw new AwsError('ValidationError', `The local AWS has no traffic: it does not serve '${Key}' with the value '${Value}'`);
  }
  if (!/^\d{1,4}$/.test(Value) || Number(Value) > 3600)
    throw new AwsError('ValidationError', `'${Key}' value '${Value}' must be between 0-3600 inclusive`);
  return [Key, Value];
};

export const attributeOperations = ({ expect }: Balancers): Record<string, Operation> => {
  const describe = (group: TargetGroup) => ({
    Attributes: Object.keys(defaults).map((Key) => ({ Key, Value: attributeOf(group, Key) })),
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
