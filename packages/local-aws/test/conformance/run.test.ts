import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createLocalAws } from '../../src/local-aws.ts';
import { serve } from '../../src/wire/server.ts';
import { worldOptions } from '../harness.ts';
import { main } from './run.ts';

const runner = async (...args: string[]) => {
  const done = promisify(execFile)(process.execPath, ['packages/local-aws/test/conformance/run.ts', ...args]);
  return done.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );
};

const inProcess = async (...args: string[]) => {
  let [stdout, stderr] = ['', ''];
  const code = await main(args, {
    print: (text) => {
      stdout += text;
    },
    complain: (text) => {
      stderr += text;
    },
  });
  return { code, stdout, stderr };
};

let close: (() => Promise<void>) | undefined;
afterEach(() => close?.());

describe('the conformance runner', () => {
  test('finds that a served local AWS conforms', async () => {
    const served = await serve(createLocalAws(worldOptions), { speed: 0 });
    close = served.close;
    expect(await runner('--endpoint', served.url, '--service', 'ssm')).toMatchObject({ code: 0, stdout: '6 of 6 checks conform\n' });
  });

  test('says what differs, and where it is written', async () => {
    const server = createServer((_request, response) => response.writeHead(404).end('nothing here'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () => new Promise((resolve) => server.close(() => resolve()));
    const { port } = server.address() as AddressInfo;
    const { code, stdout } = await inProcess('--endpoint', `http://127.0.0.1:${port}`, '--service', 'sts', '--patience', '0', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({
      service: 'sts',
      page: 'https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html',
      differs: expect.any(String),
    });
  });

  test.each([[[]], [['--endpoint', 'nonsense']], [['--endpoint', 'http://127.0.0.1:1', '--service', 'none']], [['--nonsense']]])(
    'refuses %j',
    async (args: string[]) => {
      const { code, stderr } = await inProcess(...args);
      expect(code).toBe(2);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    },
  );
});
