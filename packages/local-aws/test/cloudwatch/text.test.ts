import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Double, datapointTime, formatDouble, longTime, timestamp, writeJavaJson } from '../../src/services/cloudwatch/model/text.ts';

const at = Date.UTC(2026, 10, 6, 13, 35, 0, 42);

describe('how CloudWatch writes', () => {
  // Java's Double.toString, which the reasons in https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html come from.
  test.each([
    [99, '99.0'],
    [0, '0.0'],
    [-2.5, '-2.5'],
    [0.0666851903306472, '0.0666851903306472'],
    [9_999_999, '9999999.0'],
    [10_000_000, '1.0E7'],
    [123_456_789, '1.23456789E8'],
    [0.001, '0.001'],
    [0.00025, '2.5E-4'],
    [Number.NaN, 'NaN'],
  ])('the number %p is written %s', (value, text) => {
    expect(formatDouble(value)).toBe(text);
  });

  test('every finite number can be read back from what is written', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => Number(formatDouble(value)) === value));
  });

  test('times have their three forms', () => {
    expect(timestamp(at)).toBe('2026-11-06T13:35:00.042+0000');
    expect(datapointTime(at)).toBe('06/11/26 13:35:00');
    expect(longTime(at)).toBe('Friday 06 November, 2026 13:35:00 UTC');
  });

  test('JSON keeps doubles as doubles, leaves out what is undefined, and keeps null', () => {
    expect(writeJavaJson({ a: new Double(5), b: 5, c: undefined, d: null, e: [new Double(1e7), 'x"'], f: false })).toBe(
      '{"a":5.0,"b":5,"d":null,"e":[1.0E7,"x\\""],"f":false}',
    );
  });

  test('JSON without doubles reads back as it was', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => expect(JSON.parse(writeJavaJson(value))).toEqual(JSON.parse(JSON.stringify(value)))));
  });
});
