import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fetchPinned } from '../shared/aws/https.ts';
import { parseEnvironment } from '../shared/compose/environment.ts';
import { allowedIn, composeProbe, probeVariables } from '../shared/compose/probe.ts';
import { createProbeHandler, probeTimeout } from '../shared/handlers/probe.ts';
import { isPublicAddress } from '../shared/model/ip-address.ts';
import { cert, key } from './certificate.ts';

describe('an address that is public', () => {
  test.each([
    '18.64.0.10',
    '1.1.1.1',
    '172.15.255.255',
    '172.32.0.1',
    '100.63.0.1',
    '192.0.1.1',
    '2600:9000::1',
    '2a00:1450:4001:80b::200e',
  ])('%s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('an address that is not', () => {
  test.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.255.0.1', '169.254.169.254', '169.254.170.2'],
    ...['172.16.0.1', '172.31.255.255', '192.0.0.1', '192.0.2.1', '192.88.99.1', '192.168.1.1', '198.18.0.1', '198.51.100.1'],
    ...['203.0.113.9', '224.0.0.1', '239.1.1.1', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::ffff:18.64.0.10', '::ffff:10.0.0.1', '::10.0.0.1', '64:ff9b::a00:1', '64:ff9b:1::1', '100::1', 'fc00::1'],
    ...['fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '2001::1', '2001:db8::1', '2002:a00:1::1', '3fff::1', '4000::1'],
    ...['', 'localhost', '0x7f.1', '2130706433', '127.1', '18.64.0.10 ', '18.64.0.10%1', '2600:9000::1%eth0'],
  ])('%j', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('in a VPC', () => {
  const isAllowed = allowedIn(['10.0.0.0/16', 'fd00:1::/64']);

  test.each([
    ['10.0.3.7', true],
    ['fd00:1::5', true],
    ['10.1.0.1', false],
    ['18.64.0.10', false],
    ['169.254.169.254', false],
    ['127.0.0.1', false],
    ['::ffff:10.0.3.7', false],
    ['fd00:2::5', false],
  ])('%s is requested: %s', (address, allowed) => {
    expect(isAllowed(address)).toBe(allowed);
  });

  test.each(['10.0.0.0', '10.0.0.0/33', 'vpc-1/16', 'fd00::/129'])('%s is no network, and no function starts with it', (PROBE_NETWORKS) => {
    expect(() => parseEnvironment(probeVariables, { PROBE_NETWORKS })).toThrow('PROBE_NETWORKS');
  });
});

describe('the probe', () => {
  const seen: { host: string | undefined; url: string | undefined; sni: unknown }[] = [];
  let answer: RequestListener = () => {};
  const server = createServer({ cert, key }, (request, response) => {
    seen.push({ host: request.headers.host, url: request.url, sni: (request.socket as { servername?: unknown }).servername });
    answer(request, response);
  });
  let port = 0;
  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  let names = 0;
  /** The whole probe, where the server of this test counts as public. */
  const probe = createProbeHandler({
    resolve: async () => {
      names++;
      return ['127.0.0.1'];
    },
    fetch: fetchPinned({ timeout: probeTimeout, ca: cert }),
    isAllowed: (address) => address === '127.0.0.1',
  });
  const url = () => `https://shop.example.com:${port}/health?deep=1`;
  const ask = (more: object = {}) => probe({ url: url(), status: 200, body: null, ...more });

  test('requests the name once resolved, with its name for TLS and HTTP', async () => {
    answer = (_, response) => response.end('all ok');
    expect(await ask({ body: 'ok' })).toEqual({ good: true, seen: 'it answers 200' });
    expect(seen.at(-1)).toEqual({ host: `shop.example.com:${port}`, url: '/health?deep=1', sni: 'shop.example.com' });
    expect(names).toBe(1);
  });

  test.each([
    [{ status: 204 }, 'it answers 200, not 204: all ok'],
    [{ body: 'fine' }, 'it answers 200 without the expected text: all ok'],
  ])('wants %j', async (more, words) => {
    answer = (_, response) => response.end('all ok');
    expect(await ask(more)).toEqual({ good: false, seen: words });
  });

  test('follows no redirect', async () => {
    const before = seen.length;
    answer = (_, response) => response.writeHead(302, { location: url() }).end();
    expect(await ask()).toMatchObject({ good: false, seen: expect.stringContaining('it answers 302, not 200') });
    expect(seen).toHaveLength(before + 1);
  });

  test('reads 64 KB and no more', async () => {
    answer = (_, response) => {
      response.write('x'.repeat(64 * 1024));
      // The answer never ends.
      response.write('needle');
    };
    expect(await ask()).toEqual({ good: true, seen: 'it answers 200' });
    expect(await ask({ body: 'needle' })).toMatchObject({ good: false });
  });

  test('believes no certificate of another name, and none that nobody has signed', async () => {
    answer = (_, response) => response.end('ok');
    const other = await probe({ url: `https://evil.example.com:${port}/`, status: 200, body: null });
    expect(other).toMatchObject({ good: false, seen: expect.stringContaining('it does not answer: ') });
    const strict = createProbeHandler({
      resolve: async () => ['127.0.0.1'],
      fetch: fetchPinned({ timeout: probeTimeout }),
      isAllowed: () => true,
    });
    expect(await strict({ url: url(), status: 200, body: null })).toMatchObject({
      good: false,
      seen: expect.stringContaining('self-signed'),
    });
  });

  test('gives up after ten seconds', async () => {
    answer = () => {};
    const waits: number[] = [];
    const timer = (ms: number) => {
      waits.push(ms);
      return AbortSignal.abort();
    };
    const impatient = createProbeHandler({
      resolve: async () => ['127.0.0.1'],
      fetch: fetchPinned({ timeout: probeTimeout, ca: cert, timer }),
      isAllowed: () => true,
    });
    expect(await impatient({ url: url(), status: 200, body: null })).toMatchObject({ good: false, seen: expect.stringContaining('abort') });
    expect(waits).toEqual([10_000]);
  });

  test.each([['127.0.0.1'], ['18.64.0.10', '10.0.0.1'], ['::ffff:127.0.0.1'], ['fd00:ec2::254']])(
    'connects to nothing where a name is %s',
    async (...addresses) => {
      const before = seen.length;
      const deployed = composeProbe({ PROBE_NETWORKS: [] }, { resolve: async () => addresses });
      const { good, seen: words } = await deployed({ url: url(), status: 200, body: null });
      expect({ good, words }).toEqual({
        good: false,
        words: expect.stringMatching(/^shop\.example\.com is .*, which may not be requested$/),
      });
      expect(seen).toHaveLength(before);
    },
  );

  test.each(['http://shop.example.com/', 'https://user:word@shop.example.com/', 'file:///etc/passwd', 'shop'])(
    'requests no %s',
    async (text) => {
      const before = names;
      expect(await probe({ url: text, status: 200, body: null })).toMatchObject({ good: false });
      expect(names).toBe(before);
    },
  );

  test.each(['https://127.0.0.1/', 'https://[::1]/', 'https://0x7f000001/', 'https://2130706433/', 'https://[::ffff:10.0.0.1]/'])(
    'takes %s for what it is',
    async (text) => {
      const deployed = composeProbe({ PROBE_NETWORKS: [] }, { timer: () => AbortSignal.timeout(2000) });
      expect(await deployed({ url: text, status: 200, body: null })).toMatchObject({
        good: false,
        seen: expect.stringContaining('may not be requested'),
      });
    },
  );
});
