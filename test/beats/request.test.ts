import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createFunctionUrl } from '../../local/testbed/function-url.ts';
import { macOf } from '../../shared/approvals/mac.ts';
import { createBeats } from '../../shared/aws/beats.ts';
import { type BeatDeps, takeBeat } from '../../shared/beats/request.ts';
import { beatToken } from '../../shared/beats/token.ts';
import { emptyTable } from '../aws/table.ts';
import { keys } from './examples.ts';

const now = Date.parse('2026-03-02T09:00:00Z');
const domain = 'beats.example.com';
const name = 'nightly-export';
const url = `https://${domain}/beat/${name}`;
const token = beatToken(name, keys.current);
const bearer = (given: string) => ({ authorization: `Bearer ${given}` });

/** Whatever is asked of the ledger or the key is written down. */
const open = async (change: Partial<BeatDeps> = {}) => {
  const { client, TableName } = await emptyTable();
  const real = createBeats(client, TableName);
  const work: string[] = [];
  const logged: unknown[] = [];
  const deps: BeatDeps = {
    beats: {
      countBeat: async (...given) => {
        work.push(`count ${given[0]}`);
        return real.countBeat(...given);
      },
    },
    names: new Set([name, 'weekly-report']),
    keys: async () => {
      work.push('keys');
      return keys;
    },
    now: () => now,
    log: (line) => logged.push(line),
    ...change,
  };
  const fetch = createFunctionUrl(((event: unknown) => takeBeat(event, deps)) as never, { domain, sourceIp: '203.0.113.7' });
  const post = (to: string, init: RequestInit = {}) => fetch(to, { method: 'POST', ...init });
  return {
    fetch,
    post,
    work,
    logged,
    take: (event: unknown) => takeBeat(event, deps),
    lastAt: async () => (await real.readBeat(name)).lastAt,
  };
};

describe('a request to the beat URL', () => {
  test.each([
    ['in its header', url, { headers: bearer(token) }],
    ['in its header, in any case', url, { headers: { Authorization: `bearer  ${token}` } }],
    ['in its address', `${url}?token=${token}`, {}],
    ['of the key before', url, { headers: bearer(beatToken(name, keys.previous)) }],
    ['and a body', url, { headers: bearer(token), body: 'x'.repeat(1024) }],
    ['and a slash at the end', `${url}/?token=${token}`, {}],
  ])('with its token %s is a beat', async (_, to, init) => {
    const { post, lastAt, logged } = await open();
    const response = await post(to, init);
    expect([response.status, await response.text(), await lastAt()]).toEqual([204, '', now]);
    expect(logged).toEqual([]);
  });

  test.each([
    ['no token', url, {}],
    ['an empty one', `${url}?token=`, {}],
    ['text that is none', url, { headers: bearer('password') }],
    ['another scheme', url, { headers: { authorization: `Basic ${token}` } }],
  ])('with %s gets a 401, and not even the key is read', async (_, to, init) => {
    const { post, work } = await open();
    expect((await post(to, init)).status).toBe(401);
    expect(work).toEqual([]);
  });

  test.each([
    ['of another heartbeat', url, beatToken('weekly-report', keys.current)],
    ['with one letter changed', url, `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`],
    ['of another key', url, beatToken(name, 'x'.repeat(64))],
    ['signed for another purpose', url, macOf(['selfheal approval 2', name], keys.current)],
    ['for a wrong path', `https://${domain}/beats/${name}`, token],
    ['for no name', `https://${domain}/`, token],
    ['for a name that is none', `https://${domain}/beat/%2e%2e`, token],
  ])('with a token %s gets a 401 before the ledger is asked for anything', async (_, to, given) => {
    const { post, work } = await open();
    expect((await post(to, { headers: bearer(given) })).status).toBe(401);
    expect(work).toEqual(['keys']);
  });

  test('for a heartbeat that the policy has no more gets the same answer, with a valid token', async () => {
    const { post, work } = await open({ names: new Set() });
    const gone = await post(url, { headers: bearer(token) });
    const wrong = await post(url, { headers: bearer('x'.repeat(43)) });
    expect([gone.status, await gone.text()]).toEqual([401, await wrong.text()]);
    expect(work).toEqual(['keys', 'keys']);
  });

  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])('by %s gets a 405 and is no beat', async (method) => {
    const { fetch, work } = await open();
    const response = await fetch(`${url}?token=${token}`, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(work).toEqual([]);
  });

  test('with more than a kilobyte gets a 413, plain or encoded', async () => {
    const { post, take, work } = await open();
    expect((await post(url, { headers: bearer(token), body: 'x'.repeat(1025) })).status).toBe(413);
    expect((await post(url, { headers: bearer(token), body: 'ä'.repeat(513) })).status).toBe(413);
    const plain = {
      rawPath: `/beat/${name}`,
      headers: bearer(token),
      body: 'ä'.repeat(513),
      requestContext: { domainName: domain, http: { method: 'POST', sourceIp: '203.0.113.7' } },
    };
    expect(await take(plain)).toMatchObject({ statusCode: 413 });
    expect(work).toEqual([]);
  });

  test('is one too many after sixty in a minute', async () => {
    const { post } = await open();
    const statuses: number[] = [];
    for (let i = 0; i < 62; i++) statuses.push((await post(url, { headers: bearer(token) })).status);
    expect(statuses.filter((status) => status === 204)).toHaveLength(60);
    const last = await post(url, { headers: bearer(token) });
    expect([last.status, last.headers.get('retry-after')]).toEqual([429, '60']);
  });

  test('that could not be counted gets a 500, without a word of why or of the token', async () => {
    const countBeat = async () => {
      throw new Error('the ledger is throttled');
    };
    const { post, logged } = await open({ beats: { countBeat } });
    const response = await post(url, { headers: bearer(token) });
    expect([response.status, await response.text()]).toEqual([500, 'the beat was not counted; send it again\n']);
    expect(JSON.stringify(logged)).toContain('throttled');
    expect(JSON.stringify(logged)).not.toContain(token);
  });

  test('of any form gets an answer, and none without a token is counted', async () => {
    const { post, work } = await open();
    const given = fc.asyncProperty(fc.string(), fc.string(), fc.string({ maxLength: 2000 }), async (path, query, body) => {
      const to = `https://${domain}/${encodeURIComponent(path.toWellFormed())}?token=${encodeURIComponent(query.toWellFormed())}`;
      expect([401, 413]).toContain((await post(to, { body })).status);
    });
    await fc.assert(given, { numRuns: 50 });
    expect(work.filter((one) => one.startsWith('count'))).toEqual([]);
  });
});

describe('an event on the bus', () => {
  const event = (change: object = {}) => ({
    source: 'selfheal.beat',
    'detail-type': 'selfheal beat',
    time: '2026-03-02T08:59:30Z',
    detail: { name },
    ...change,
  });

  test('is a beat of the time that it carries, and gets no answer', async () => {
    const { take, lastAt } = await open();
    expect(await take(event())).toBeUndefined();
    expect(await lastAt()).toBe(now - 30_000);
  });

  test.each([
    ['with an unknown name', event({ detail: { name: 'unknown' } })],
    ['without a name', event({ detail: {} })],
    ['with another detail-type', event({ 'detail-type': 'beat' })],
  ])('%s is ignored, and the log says why', async (_, given) => {
    const { take, work, logged } = await open();
    expect(await take(given)).toBeUndefined();
    expect(work).toEqual([]);
    expect(logged).toMatchObject([{ level: 'WARN', message: 'beat ignored' }]);
  });

  test('of another source is no beat', async () => {
    const { take, work } = await open();
    await expect(take(event({ source: 'com.example' }))).rejects.toThrow('rawPath');
    expect(work).toEqual([]);
  });

  test('in the body of a request is none', async () => {
    const { post, work } = await open();
    expect((await post(url, { body: JSON.stringify(event()) })).status).toBe(401);
    expect(work).toEqual([]);
  });
});
