import { describe, expect, test } from '@jest/globals';
import { subjectOf } from '../../shared/failures/subject.ts';
import type { Metric } from '../../shared/model/signal.ts';

const metric = (...dimensions: Array<[string, string]>): Metric => ({
  namespace: 'Shop',
  name: 'm',
  statistic: null,
  account: null,
  dimensions,
});

describe('subjectOf', () => {
  test('takes the first of the wanted types that is named', () => {
    const both = metric(['AutoScalingGroupName', 'web'], ['InstanceId', 'i-0a1b2c3d']);
    expect(subjectOf(both, ['instance', 'group'])).toEqual({ type: 'instance', id: 'i-0a1b2c3d' });
    expect(subjectOf(both, ['group'])).toEqual({ type: 'group', id: 'web' });
    expect(subjectOf(both, ['database'])).toBeNull();
  });

  test('passes over what is malformed, and says where two are named', () => {
    expect(subjectOf(metric(['InstanceId', 'worker-7'], ['AutoScalingGroupName', 'web']), ['instance', 'group'])).toEqual({
      type: 'group',
      id: 'web',
    });
    expect(subjectOf(metric(['InstanceId', 'i-0a1b2c3d'], ['InstanceId', 'i-0a1b2c3e']), ['instance'])).toBe('ambiguous');
    expect(subjectOf(metric(['LoadBalancer', 'old-web'], ['LoadBalancerName', 'web']), ['load-balancer'])).toBe('ambiguous');
  });

  test('a service of ECS has the name of its cluster before its own', () => {
    expect(subjectOf(metric(['ServiceName', 'checkout'], ['ClusterName', 'prod']), ['service'])).toEqual({
      type: 'service',
      id: 'prod/checkout',
    });
    expect(subjectOf(metric(['ServiceName', 'checkout']), ['service'])).toEqual({ type: 'service', id: 'checkout' });
  });

  test('a function keeps its alias, where the metric is of one', () => {
    const lambda = (...dimensions: Array<[string, string]>) =>
      subjectOf({ ...metric(...dimensions), namespace: 'AWS/Lambda' }, ['service']);
    expect(lambda(['FunctionName', 'checkout'], ['Resource', 'checkout:live'])).toEqual({ type: 'service', id: 'checkout:live' });
    for (const resource of ['checkout', 'checkout:$LATEST', 'other:live', 'checkouts:live'])
      expect(lambda(['Resource', resource], ['FunctionName', 'checkout'])).toEqual({ type: 'service', id: 'checkout' });
    expect(lambda(['FunctionName', 'a'], ['FunctionName', 'b'], ['Resource', 'a:live'])).toBe('ambiguous');
    expect(subjectOf(metric(['FunctionName', 'checkout'], ['Resource', 'checkout:live']), ['service'])).toEqual({
      type: 'service',
      id: 'checkout',
    });
  });
});
