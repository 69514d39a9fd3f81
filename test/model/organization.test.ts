import { describe, expect, test } from '@jest/globals';
import { accountsIn, isWithin, organizationSchema } from '../../shared/model/organization.ts';

const organization = { units: { shop: ['111122223333', '444455556666'], bank: ['444455556666'] } };
const at = { account: '111122223333', region: 'us-east-1' };

describe('a part of the organisation', () => {
  test.each([
    [{}, true],
    [{ account: '111122223333' }, true],
    [{ account: '444455556666' }, false],
    [{ unit: 'shop' }, true],
    [{ unit: 'bank' }, false],
    [{ unit: 'constructor' }, false],
    [{ unit: 'shop', region: 'us-east-1' }, true],
    [{ unit: 'shop', region: 'eu-west-1' }, false],
    [{ unit: 'shop', account: '444455556666' }, false],
  ])('%j holds an account and region: %s', (within, holds) => {
    expect(isWithin(within, at, organization)).toBe(holds);
  });

  test('names each account once, those of its units too', () => {
    expect(accountsIn(['999999999999', 'shop', 'bank', 'nobody'], organization)).toEqual(['999999999999', '111122223333', '444455556666']);
  });

  test.each(['111122223333', 'Shop', '1st', '-a', 'a'.repeat(33)])('can not have the name %s', (name) => {
    expect(organizationSchema.safeParse({ units: { [name]: ['111122223333'] } }).success).toBe(false);
  });
});
