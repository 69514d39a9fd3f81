import { describe, expect, jest, test } from '@jest/globals';
import { createLogger, logTo } from '../../shared/aws/log.ts';

const context = { functionName: 'intake', awsRequestId: 'r-1', memoryLimitInMB: '256', invokedFunctionArn: 'arn', functionVersion: '1' };

/** What Powertools writes while `run` runs, a line of JSON each. */
const written = (run: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] => {
  const lines: string[] = [];
  const into = jest.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  const bad = jest.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  try {
    run(createLogger());
  } finally {
    into.mockRestore();
    bad.mockRestore();
  }
  return lines.map((line) => JSON.parse(line));
};

describe('the log', () => {
  test('is a line of JSON with what happened, what it is about, and the request', () => {
    const [line] = written((logger) => {
      logger.addContext(context as never);
      logTo(logger)({
        level: 'INFO',
        message: 'incident started',
        incident: 'instance-unreachable-1',
        resource: { type: 'instance', id: 'i-1' },
      });
    });
    expect(line).toMatchObject({
      level: 'INFO',
      message: 'incident started',
      service: 'selfheal',
      incident: 'instance-unreachable-1',
      resource: { type: 'instance', id: 'i-1' },
      function_name: 'intake',
      function_request_id: 'r-1',
    });
    expect(line).toHaveProperty('timestamp');
  });

  test.each(['INFO', 'WARN', 'ERROR'] as const)('has the level %s', (level) => {
    expect(written((logger) => logTo(logger)({ level, message: 'x' }))).toMatchObject([{ level, message: 'x' }]);
  });

  test('has no characters that nobody sees, whoever writes it', () => {
    const lines = written((logger) => {
      logTo(logger)({ level: 'INFO', message: 'a\u202eb', resource: { id: 'pay\u200bpal' } });
      logger.error('c\u2066d', { reason: ['e\u{e0041}f'] });
    });
    expect(lines).toMatchObject([
      { message: 'ab', resource: { id: 'paypal' } },
      { message: 'cd', reason: ['ef'] },
    ]);
  });

  test('lets no name end the line', () => {
    const lines = written((logger) => logTo(logger)({ level: 'INFO', message: 'a\n{"level":"ERROR"}', reason: 'b\r\nc' }));
    expect(lines).toMatchObject([{ level: 'INFO', message: 'a\n{"level":"ERROR"}', reason: 'b\r\nc' }]);
  });
});
