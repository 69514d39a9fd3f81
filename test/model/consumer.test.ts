import { describe, expect, test } from '@jest/globals';
import { consumerOf, readConsumer } from '../../shared/model/consumer.ts';
import { policy } from '../remediation/examples.ts';

const consumers = (given: object) => policy({ consumers: given }).consumers;

describe('what processes a queue', () => {
  test.each([
    ['group/shop', { kind: 'group', name: 'shop' }],
    ['group/shop/blue', { kind: 'group', name: 'shop/blue' }],
    ['service/prod/checkout', { kind: 'service', cluster: 'prod', name: 'checkout' }],
    ['service/checkout', null],
    ['function/x', null],
    ['', null],
    [null, null],
  ])('is read from %j', (text, consumer) => {
    expect(readConsumer(text)).toEqual(consumer);
  });

  test('is what the policy names, or a tag where the policy lets tags do so', () => {
    const tag = { 'selfheal:consumer': 'group/by-tag' };
    const named = { queues: { orders: 'group/shop' } };
    expect(consumerOf(consumers(named), 'orders', tag)).toBe('group/shop');
    expect(consumerOf(consumers(named), 'others', tag)).toBeNull();
    expect(consumerOf(consumers({ ...named, tags: 'on' }), 'others', tag)).toBe('group/by-tag');
    expect(consumerOf(consumers({ tags: 'on' }), 'orders', { 'selfheal:consumer': 'whoever' })).toBeNull();
    expect(consumerOf(consumers({ tags: 'on' }), 'constructor', {})).toBeNull();
  });
});
