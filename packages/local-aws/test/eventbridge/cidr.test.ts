import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inCidr, isCidr } from '../../src/services/eventbridge/model/cidr.ts';

describe('address blocks', () => {
  test.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['0.0.0.0/0', '200.1.2.3', true],
    ['10.0.0.7/32', '10.0.0.7', true],
    ['10.0.0.7/32', '10.0.0.8', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['::ffff:0:0/96', '::ffff:10.0.0.1', true],
    ['::/0', '10.0.0.1', false],
    ['fe80::1/128', 'fe80::1', true],
    ['10.0.0.0/8', '10.0.0', false],
    ['10.0.0.0/8', '', false],
  ])('%s holds %s: %p', (block, address, expected) => {
    expect(inCidr(block, address)).toBe(expected);
  });

  test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0/8', '10.0.0.0/8/8', '::/129', '/8', 'x/8', '10.0.0.0/-1'])('%s is no block', (block) => {
    expect(isCidr(block)).toBe(false);
  });

  test('every address lies in the blocks that are made of it', () => {
    fc.assert(fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, length) => inCidr(`${address}/${length}`, address)));
    fc.assert(fc.property(fc.ipV6(), fc.integer({ min: 0, max: 128 }), (address, length) => inCidr(`${address}/${length}`, address)));
  });
});
