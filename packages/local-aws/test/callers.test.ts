import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { main } from '../src/cli.ts';
import { createLocalAws } from '../src/local-aws.ts';
import { hostNames } from '../src/wire/callers.ts';
import { type ServedAws, serve } from '../src/wire/server.ts';
import { clients, recordingIo, worldOptions } from './harness.ts';

let served: ServedAws;
let port: number;
beforeAll(async () => {
  served = await serve(createLocalAws(worldOptions), { speed: 0, names: ['aws.test', 'other.test:8080'] });
  port = Number(new URL(served.url).port);
});
afterAll(() => served.close());

type Asked = { method?: string; path?: string; headers?: Record<string, string>; body?: string };

const ask = async ({ method = 'POST', path = '/_selfheal/clock', headers = {}, body = '{"advanceSeconds":1}' }: Asked) => {
  const sent = request({ host: '127.0.0.1', port, method, path, headers: { host: `127.0.0.1:${port}`, ...headers } });
  sent.end(method === 'POST' ? body : undefined);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, body: JSON.parse(await text(answer)) as { error?: string; __type?: string; time?: string } };
};
const now = () => served.aws().world.clock.now();

describe('the server answers', () => {
  test.each([
    ['by its address', () => `127.0.0.1:${port}`],
    ['by the name of this machine', () => `localhost:${port}`],
    ['in capitals', () => `LOCALHOST:${port}`],
    ['by its IPv6 address', () => `[::1]:${port}`],
    ['by a name that was added', () => 'aws.test'],
    ['by a name that was added, with the port', () => `aws.test:${port}`],
    ['by a name that was added with a port', () => 'other.test:8080'],
  ])('%s', async (_how, host) => {
    expect((await ask({ headers: { host: host() } })).status).toBe(200);
  });

  test.each<[string, () => Record<string, string>]>([
    ['curl, which calls everything a form', () => ({ 'user-agent': 'curl/8.5.0', 'content-type': 'application/x-www-form-urlencoded' })],
    [
      'a page of its own',
      () => ({ origin: `http://localhost:${port}`, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }),
    ],
    ['the address bar', () => ({ 'user-agent': 'Mozilla/5.0', 'sec-fetch-site': 'none', 'content-type': 'application/json' })],
  ])('%s', async (_who, headers) => {
    expect((await ask({ headers: headers() })).status).toBe(200);
  });

  test('SDK clients', async () => {
    expect((await clients({ endpoint: served.url }).sts.send(new GetCallerIdentityCommand({}))).Account).toBe('123456789012');
  });
});

describe('the server refuses, and nothing happens,', () => {
  const refused = async (asked: Asked, status: number, code: string): Promise<string> => {
    const before = now();
    const calls = served.aws().world.calls.length;
    const answer = await ask(asked);
    expect(answer).toMatchObject({ status, body: { __type: code } });
    expect([now(), served.aws().world.calls.length]).toEqual([before, calls]);
    return answer.body.error ?? '';
  };

  test.each([
    ['a name that leads here', () => `evil.example:${port}`],
    ['a name that begins like one of its own', () => `localhost.evil.example:${port}`],
    ['a name that ends like one that was added', () => `evil-aws.test:${port}`],
    ['a subdomain of one that was added', () => `x.aws.test:${port}`],
    ['its own name with another port', () => 'localhost:1'],
    ['its own name without a port', () => 'localhost'],
    ['a name that was added with another port than that', () => `other.test:${port}`],
    ['no name', () => '.'],
  ])('%s', async (_what, host) => {
    for (const asked of [{}, { method: 'GET', path: '/_selfheal/state' }, { path: '/' }]) {
      const error = await refused({ ...asked, headers: { host: host() } }, 421, 'MisdirectedRequest');
      expect(error).toContain(`127.0.0.1:${port}`);
      expect(error).toContain('--host');
    }
  });

  test.each<[string, Record<string, string>]>([
    ['a page of another site', { origin: 'http://evil.example', 'content-type': 'application/json' }],
    ['a page of another port', { origin: 'http://localhost:3000' }],
    ['a page that hides where it is from', { origin: 'null' }],
    ['a page by https', { origin: 'https://aws.test' }],
    ['what a browser says is from another site', { 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' }],
    ['what a browser says is from another port', { 'sec-fetch-site': 'same-site' }],
    ['what a browser says in words of tomorrow', { 'sec-fetch-site': 'elsewhere' }],
  ])('%s', async (_what, headers) => {
    for (const asked of [
      {},
      { method: 'DELETE', path: '/_selfheal/faults/fault-1' },
      { method: 'GET', path: '/_selfheal/state' },
      { path: '/' },
    ])
      await refused({ ...asked, headers }, 403, 'CrossSiteRequest');
  });

  test.each([
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['text/plain;charset=UTF-8'],
    ['Text/Plain'],
    [undefined],
  ])('a form of an old browser, as %s', async (type) => {
    const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:60.0)', ...(type === undefined ? {} : { 'content-type': type }) };
    expect(await refused({ headers }, 403, 'CrossSiteRequest')).toContain('application/json');
  });

  test('a request that names no host at all', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.end('POST /_selfheal/clock HTTP/1.0\r\ncontent-length: 20\r\n\r\n{"advanceSeconds":1}');
    const before = now();
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 421 /);
    expect(now()).toBe(before);
  });
});

test('on the usual port a Host header may leave it out', () => {
  expect(hostNames(80)).toContain('localhost');
  expect(hostNames(4566)).not.toContain('localhost');
});

test.each(['', '*', 'a b', 'http://x', 'x/y', 'x:', '-x'])('the command line refuses %j for a host name', async (name) => {
  const { io, written } = recordingIo();
  expect(await main(['--host', name], io)).toBe(2);
  expect(written.stderr).toMatch(/^local-aws: .*--host.*\n$/);
});
