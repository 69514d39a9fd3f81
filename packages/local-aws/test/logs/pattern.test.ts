import { TestMetricFilterCommand } from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, test } from '@jest/globals';
import { parsePattern } from '../../src/services/logs/model/pattern.ts';
import { refusal } from '../harness.ts';
import { logsWorld } from './setup.ts';

const matches = (pattern: string, message: string) => parsePattern(pattern).match(message) !== undefined;

const trail = JSON.stringify({
  eventType: 'UpdateTrail',
  sourceIPAddress: '111.111.111.111',
  arrayKey: ['value', 'another value'],
  objectList: [
    { name: 'a', id: 1 },
    { name: 'b', id: 2 },
  ],
  SomeObject: null,
  ThisFlag: true,
  off: false,
  'dash-ed': 4.04e2,
  text: '404',
});

const access = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
describe('a filter pattern', () => {
  test.each([
    ['', '[ERROR 400] BAD REQUEST', true],
    ['ERROR', '[ERROR 400] BAD REQUEST', true],
    ['ERROR', '[error 400] BAD REQUEST', false],
    ['ERROR ARGUMENTS', '[ERROR 419] MISSING ARGUMENTS', true],
    ['ERROR ARGUMENTS', '[ERROR 400] BAD REQUEST', false],
    ['?ERROR ?ARGUMENTS', '[ERROR 400] BAD REQUEST', true],
    ['?ERROR ?ARGUMENTS', '[INFO 200] GOOD', false],
    ['"INTERNAL SERVER ERROR"', '[ERROR 500] INTERNAL SERVER ERROR', true],
    ['"INTERNAL SERVER ERROR"', 'INTERNAL ERROR OF SERVER', false],
    ['ERROR -ARGUMENTS', '[ERROR 400] BAD REQUEST', true],
    ['ERROR -"MISSING ARGUMENTS"', '[ERROR 419] MISSING ARGUMENTS', false],
    ['"say \\"no\\""', 'they say "no"', true],
  ])('of terms: %s on %s is %s', (pattern, message, matched) => {
    expect(matches(pattern, message)).toBe(matched);
  });

  test.each([
    ['{ $.eventType = "UpdateTrail" }', true],
    ['{ $.eventType = UpdateTrail }', true],
    ['{ $.eventType = "Update*" }', true],
    ['{ $.eventType = "*Tr*l" }', true],
    ['{ $.eventType = "*Trail*Update" }', false],
    ['{ $.eventType = "Update*eTrail" }', false],
    ['{ $.sourceIPAddress != 123.123.* }', true],
    ['{ $.sourceIPAddress != 111.* }', false],
    ['{ $.arrayKey[0] = "value" }', true],
    ['{ $.arrayKey[1] = "value" }', false],
    ['{ $.objectList[1].id = 2 }', true],
    ['{ $.objectList[1].id >= 2 && $.objectList[0].id < 2 }', true],
    ['{ $.objectList[1].id > 2 }', false],
    ['{ $.objectList[1].id <= 2e0 }', true],
    ['{ $.dash-ed = 404 }', true],
    ['{ $.dash-ed = 4* }', true],
    ['{ $.text = 404 }', false],
    ['{ $.text = "404" }', true],
    ['{ $.SomeObject IS NULL }', true],
    ['{ $.SomeOtherObject NOT EXISTS }', true],
    ['{ $.eventType NOT EXISTS }', false],
    ['{ $.ThisFlag IS TRUE }', true],
    ['{ $.off IS FALSE }', true],
    ['{ $.eventType = * }', true],
    ['{ $.missing = * }', false],
    ['{ $.missing != "x" }', false],
    ['{ $.missing = 1 || $.ThisFlag IS TRUE && $.off IS FALSE }', true],
    ['{ ($.missing = 1 || $.ThisFlag IS TRUE) && $.off IS TRUE }', false],
  ])('of JSON: %s is %s', (pattern, matched) => {
    expect(matches(pattern, trail)).toBe(matched);
    expect(matches(pattern, 'no JSON')).toBe(false);
  });

  test.each([
    ['[ip, user, username, timestamp, request, status_code, bytes]', true],
    ['[ip, user, username, timestamp, request, status_code]', false],
    ['[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]', true],
    ['[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]', true],
    ['[..., request =*.html*, status_code = 4*, bytes]', true],
    ['[ip, ..., bytes > 1500]', true],
    ['[ip, ..., bytes > 1534]', false],
    ['[ip != "10.*" && ip != "127.*", ...]', false],
    ['[ip, user, name="frank", ...]', true],
  ])('of fields: %s is %s', (pattern, matched) => {
    expect(matches(pattern, access)).toBe(matched);
  });

  test.each([
    ['%ERR.*%', 'Regular expressions in filter patterns are not served by the local AWS'],
    ['{ $.a = %x% }', 'Regular expressions in filter patterns are not served by the local AWS'],
    ['{ $.a[*] = 1 }', "The selector '$.a[*]' in a filter pattern is not served by the local AWS"],
    ['?ERROR WARN', "'?' beside other terms in a filter pattern is not served by the local AWS"],
    ['out-of-memory', "Invalid metric filter pattern: invalid character(s) in term 'out-of-memory'"],
    ['"open', "Invalid metric filter pattern: a quotation mark is not closed in '\"open'"],
    ['{ $.a = 1', "Invalid metric filter pattern: a '{' is not closed"],
    ['{ ($.a = 1 }', "Invalid metric filter pattern: a parenthesis is not closed in ' ($.a = 1 '"],
    ['{ $.a > "x" }', "Invalid metric filter pattern: '>' compares with a number, not with 'x'"],
    ['{ a = 1 }', "Invalid metric filter pattern: 'a' is no property selector"],
    ['{ $.a IS NOTHING }', "Invalid metric filter pattern: 'IS' is no operator"],
    ['{ $.a = }', "Invalid metric filter pattern: a value is missing at the end of ' $.a = '"],
    ['{ }', "Invalid metric filter pattern: a field is missing at the end of ' '"],
    ['[a, ..., b, ...]', "Invalid metric filter pattern: '...' can only be used once"],
    ['[a, a]', 'Invalid metric filter pattern: a field name can only be used once'],
  ])('%s is refused: %s', async (filterPattern, message) => {
    const { logs } = await logsWorld();
    const call = logs.send(new TestMetricFilterCommand({ filterPattern, logEventMessages: ['x'] }));
    expect(await refusal(call)).toMatchObject({ code: 'InvalidParameterException', message });
  });

  test('is tested with what it extracts', async () => {
    const { logs } = await logsWorld();
    const extracted = async (filterPattern: string, ...logEventMessages: string[]) =>
      (await logs.send(new TestMetricFilterCommand({ filterPattern, logEventMessages }))).matches;
    expect(await extracted('[..., status = 404, bytes]', 'none', access)).toEqual([
      {
        eventNumber: 2,
        eventMessage: access,
        extractedValues: {
          $1: '127.0.0.1',
          $2: 'Prod',
          $3: 'frank',
          $4: '10/Oct/2000:13:25:15 -0700',
          $5: 'GET /index.html HTTP/1.0',
          $status: '404',
          $bytes: '1534',
        },
      },
    ]);
    expect(await extracted('{ $.latency = * }', '{"latency":50}')).toMatchObject([{ extractedValues: { '$.latency': '50' } }]);
    expect(await extracted('ERROR', 'ERROR')).toMatchObject([{ eventNumber: 1, extractedValues: {} }]);
  });
});
