import { describe, expect, test } from '@jest/globals';
import { regionName } from '../../src/services/cloudwatch/model/regions.ts';

// https://docs.aws.amazon.com/general/latest/gr/rande.html; the older European regions keep "EU" in notifications
describe('the names of regions', () => {
  test.each([
    ['us-east-1', 'US East (N. Virginia)'],
    ['us-west-2', 'US West (Oregon)'],
    ['eu-west-1', 'EU (Ireland)'],
    ['eu-central-2', 'Europe (Zurich)'],
    ['ap-northeast-1', 'Asia Pacific (Tokyo)'],
  ])('%s is called %s', (code, name) => {
    expect(regionName(code)).toBe(name);
  });

  test('a region without a name is called by its code', () => {
    expect(regionName('xx-nowhere-9')).toBe('xx-nowhere-9');
  });
});
