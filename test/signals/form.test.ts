import { describe, expect, test } from '@jest/globals';
import { accountOf, parseArn, partitionOf, regionOf } from '../../shared/model/arn.ts';
import type { ResourceType } from '../../shared/model/resource.ts';
import { resourceOf } from '../../shared/model/resource-id.ts';
import { isValidResourceId } from '../../shared/model/resources/index.ts';

describe('form', () => {
  test.each<[ResourceType, string]>([
    ['instance', 'i-0a1b2c3d'],
    ['instance', 'i-0a1b2c3d4e5f60718'],
    ['volume', 'vol-0123456789abcdef0'],
    ['snapshot', 'snap-0123456789abcdef0'],
    ['capacity-reservation', 'cr-0123456789abcdef0'],
    ['group', 'web/blue_green-1.2!'],
    ['fleet', 'sfr-4b6d274d-0cea-4b2c-b3be-9dc627ad1f55'],
    ['target-group', 'targetgroup/web/0123456789abcdef'],
    ['load-balancer', 'net/web/0123456789abcdef'],
    ['load-balancer', 'old-web'],
    ['database', 'orders-1'],
    ['queue', 'orders.fifo'],
    ['canary', 'check_out-1'],
    ['certificate', 'arn:aws-us-gov:acm:us-gov-west-1:111122223333:certificate/61f50cd4-45b9-4259-b049-d0a53682fa4b'],
    ['zone', 'us-west-2b'],
    ['zone', 'us-west-2-lax-1a'],
    ['zone', 'usw2-az2'],
    ['region', 'us-gov-west-1'],
    ['task', 'arn:aws:ecs:us-west-2:111122223333:task/prod/0'],
  ])('%s %s is well-formed', (type, id) => {
    expect(isValidResourceId({ type, id })).toBe(true);
    expect(resourceOf(type, `\t ${id}\n`, 'field')).toEqual({ type, id });
  });

  test.each<[ResourceType, unknown]>([
    ['instance', 'i-0a1b2c3'],
    ['instance', 'i-0a1b2c3d4'],
    ['instance', 'i-0a1b2c3d4e5f607189'],
    ['instance', 'i-0A1B2C3D'],
    ['instance', 'xi-0a1b2c3d'],
    ['instance', 'i-0a1b2c3d\ni-0a1b2c3e'],
    ['instance', 'i-0abc; rm -rf'],
    ['instance', 'i-0a1b2c3d\u202e'],
    ['instance', ['i-0a1b2c3d']],
    ['instance', null],
    ['instance', ''],
    ['group', 'a b'],
    ['group', 'a:b'],
    ['group', 'x'.repeat(256)],
    ['group', 'ü'],
    ['target-group', 'web'],
    ['target-group', 'targetgroup/web/xyz'],
    ['load-balancer', 'app/web'],
    ['database', 'orders; drop'],
    ['queue', 'https://sqs.us-west-2.amazonaws.com/1/orders'],
    ['zone', 'us-west-2'],
    ['region', 'US West (Oregon)'],
    ['certificate', 'arn:aws:acm:us-west-2:1:certificate/x'],
  ])('%s %j is not', (type, id) => {
    expect(() => resourceOf(type, id, 'the.field')).toThrow(/^the\.field: /);
  });

  test('reads ARNs of every partition, and the spaced ones of some samples', () => {
    expect(parseArn('arn:aws-cn:ec2:cn-north-1:111122223333:instance/i-1')).toEqual({
      text: 'arn:aws-cn:ec2:cn-north-1:111122223333:instance/i-1',
      partition: 'aws-cn',
      service: 'ec2',
      region: 'cn-north-1',
      account: '111122223333',
      resource: 'instance/i-1',
    });
    expect(parseArn('arn:aws:cloudwatch:us-east-1: 111122223333:alarm:a: b')).toMatchObject({
      account: '111122223333',
      resource: 'alarm:a: b',
    });
    expect(parseArn('arn:aws:health:us-east-1::event/x')).toMatchObject({ account: null, region: 'us-east-1' });
    for (const partition of ['aws', 'aws-us-gov', 'aws-iso', 'aws-iso-b', 'aws-iso-e', 'aws-iso-f', 'aws-eusc']) {
      expect(parseArn(`arn:${partition}:sns:eusc-de-east-1:111122223333:t`)).toMatchObject({ partition, region: 'eusc-de-east-1' });
    }
    for (const none of [
      'arn:aws',
      'arn:elsewhere:ec2:us-east-1:111122223333:x',
      `arn:aws:ec2:us-east-1:111122223333:${'x'.repeat(2048)}`,
      7,
      null,
    ]) {
      expect(parseArn(none)).toBeNull();
    }
  });

  test('accounts have twelve digits, regions are codes', () => {
    expect([accountOf('111122223333'), accountOf(111122223333), accountOf('1111222233334'), accountOf(null)]).toEqual([
      '111122223333',
      '111122223333',
      null,
      null,
    ]);
    expect([regionOf('eu-central-1'), regionOf('EU (Ireland)'), regionOf('global'), regionOf({})]).toEqual([
      'eu-central-1',
      null,
      null,
      null,
    ]);
    expect([partitionOf('cn-north-1'), partitionOf('us-gov-east-1'), partitionOf('eu-west-1'), partitionOf(null)]).toEqual([
      'aws-cn',
      'aws-us-gov',
      'aws',
      'aws',
    ]);
    expect(['us-iso-west-1', 'us-isob-east-1', 'eu-isoe-west-1', 'us-isof-south-1', 'eusc-de-east-1'].map(partitionOf)).toEqual([
      'aws-iso',
      'aws-iso-b',
      'aws-iso-e',
      'aws-iso-f',
      'aws-eusc',
    ]);
  });
});
