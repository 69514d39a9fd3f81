/** `initial` until the first check says something; `draining` until the deregistration delay is over. */
export type TargetState = 'initial' | 'healthy' | 'unhealthy' | 'draining';

export type Target = {
  instanceId: string;
  port: number;
  state: TargetState;
  /** Checks in a row that contradict the state. */
  contrary: number;
  /** What the last failed check found: no answer at all, or one that doesn't do. */
  failure: 'timeout' | 'refused';
  /** Set by an Auto Scaling group, which also takes it away again. */
  groupName: string | undefined;
};

export type TargetGroup = {
  arn: string;
  name: string;
  /** An `ip` group's targets have addresses in place of instances' ids. */
  targetType: 'instance' | 'ip';
  protocol: string;
  port: number;
  vpcId: string;
  check: { intervalSeconds: number; timeoutSeconds: number; healthyThreshold: number; unhealthyThreshold: number; path: string };
  /** Those that somebody set. */
  attributes: Map<string, string>;
  loadBalancerArns: string[];
  targets: Map<string, Target>;
  tags: Map<string, string>;
  /** How many were healthy and unhealthy from when on; grows only when that changes. */
  counts: { at: number; healthy: number; unhealthy: number }[];
};
