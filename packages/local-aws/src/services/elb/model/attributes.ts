import { elbParameters } from '../../../core/model-parameters.ts';

export const deregistrationDelay = 'deregistration_delay.timeout_seconds';

/**
 * The attributes of a target group for instances, and their defaults. Only the deregistration delay does something here: requests are
 * spread evenly, so that the others can't be set to anything else.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
 */
export const attributeDefaults: Readonly<Record<string, string>> = {
  [deregistrationDelay]: String(elbParameters.deregistrationDelaySeconds),
  'stickiness.enabled': 'false',
  'stickiness.type': 'lb_cookie',
  'stickiness.lb_cookie.duration_seconds': '86400',
  'slow_start.duration_seconds': '0',
  'load_balancing.algorithm.type': 'round_robin',
  'load_balancing.algorithm.anomaly_mitigation': 'off',
  'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
};

export const attributeOf = ({ attributes }: { attributes: ReadonlyMap<string, string> }, key: string): string =>
  attributes.get(key) ?? attributeDefaults[key] ?? '';
