import { describe, expect, test } from '@jest/globals';
import { tellAct } from '../../local/operate/acts.ts';
import type { ApproveDeps } from '../../shared/approvals/answer.ts';
import { linkTo } from '../../shared/approvals/link.ts';
import { sealing } from '../../shared/approvals/seal.ts';
import { createApprovalStore, type StoredApproval } from '../../shared/approvals/store.ts';
import { createApprove } from '../../shared/handlers/approve.ts';
import type { Act } from '../../shared/model/act.ts';
import type { Approval, Decision } from '../../shared/model/approval.ts';
import { noon } from '../remediation/examples.ts';
import { approval, domain, keys, localStore, page } from './examples.ts';

type Asked = { method?: string; path?: string; body?: string; type?: string | null; base64?: boolean; domainName?: string };

const form = 'application/x-www-form-urlencoded';

/** The page over one question that is kept in memory; `change` is what differs from a fresh one. */
const setUp = (change: Partial<StoredApproval> = {}, deps: Partial<ApproveDeps> = {}) => {
  const stored: StoredApproval = { approval: approval(), decision: null, delivery: null, ...change };
  const answers: string[] = [];
  const logged: Record<string, unknown>[] = [];
  const acts: (Act & { done: boolean })[] = [];
  let reads = 0;
  let now = noon + 60_000;
  const handler = createApprove({
    store: {
      add: async () => {},
      read: async (id) => {
        reads++;
        return id === stored.approval.id ? structuredClone(stored) : null;
      },
      decide: async (id, decision) => {
        if (id !== stored.approval.id || stored.decision || decision.at >= stored.approval.expiresAt) return false;
        stored.decision = decision;
        return true;
      },
      noteNotified: async (_, told) => {
        stored.delivery ??= told;
      },
    },
    keys: async () => keys,
    completeCallback: async (callbackId, result) => {
      answers.push(`${callbackId} ${result}`);
      return 'delivered';
    },
    now: () => now,
    log: (entry) => logged.push(entry),
    acts: {
      note: async (act) => void acts.push({ ...act, done: false }),
      noteDone: async (id) => void Object.assign(acts.find((act) => act.id === id) ?? {}, { done: true }),
    },
    experience: async () => 'it has helped in 7 of 9 times',
    ...deps,
  }) as unknown as (event: unknown, context: unknown) => Promise<{ statusCode: number; headers: Record<string, string>; body: string }>;
  const link = linkTo(stored.approval, keys.current);
  const token = link.slice(page.length);
  const ask = ({ method = 'GET', path = `/${token}`, body, type = form, base64 = false, domainName = domain }: Asked = {}) =>
    handler(
      {
        rawPath: path,
        headers: { ...(type === null ? {} : { 'content-type': type }), 'x-forwarded-for': '198.51.100.99', host: 'elsewhere.example' },
        requestContext: { domainName, http: { method, sourceIp: '203.0.113.7' } },
        ...(body === undefined ? {} : { body: base64 ? Buffer.from(body).toString('base64') : body }),
        isBase64Encoded: base64,
      },
      {},
    );
  const send = (fields: Record<string, string>, how: Asked = {}) =>
    ask({ method: 'POST', path: '/', body: new URLSearchParams({ token, name: 'Ana', ...fields }).toString(), ...how });
  return { ask, send, stored, answers, logged, acts, token, reads: () => reads, at: (time: number) => (now = time) };
};

const ana: Decision = { decision: 'approve', name: 'Ana', from: '192.0.2.1', at: noon + 30_000 };

describe('looking', () => {
  test('shows what would be done, why, and the story, and two buttons', async () => {
    const { ask } = setUp();
    const { statusCode, body } = await ask();
    expect(statusCode).toBe(200);
    for (const text of [
      'May selfheal reboot instance i-0a1b2c3d4e5f60718?',
      'the policy requires the approval of a person',
      'instance-unreachable (critical): its instance status check fails',
      'account 123456789012, us-east-1',
      'the instance is running, its instance check fails',
      'Open until 2026-11-20 16:00 UTC, 3 h 59 min from when',
      'name="decision" value="approve"',
      'name="decision" value="reject"',
    ])
      expect(body).toContain(text);
  });

  test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'get', ''])('decides nothing by %j', async (method) => {
    const { ask, stored, answers } = setUp();
    for (let i = 0; i < 20; i++)
      await ask({ method, path: `/${setUp().token}`, body: new URLSearchParams({ token: setUp().token, decision: 'approve' }).toString() });
    expect(stored).toMatchObject({ decision: null, delivery: null });
    expect(answers).toEqual([]);
  });

  test('says how often such an action has helped, and does without where that is unknown or can not be read', async () => {
    const term = '<dt>How often it helped</dt>';
    expect((await setUp().ask()).body).toContain(`${term}<dd>it has helped in 7 of 9 times</dd>`);
    for (const experience of [async () => null, () => Promise.reject(new Error('no'))]) {
      const { statusCode, body } = await setUp({}, { experience }).ask();
      expect({ statusCode, asks: body.includes('value="approve"'), tells: body.includes(term) }).toEqual({
        statusCode: 200,
        asks: true,
        tells: false,
      });
    }
  });

  test('by HEAD gives the same without the page', async () => {
    const { ask } = setUp();
    const [get, head] = [await ask(), await ask({ method: 'HEAD' })];
    expect(head).toEqual({ ...get, body: '' });
  });

  test('says what may be asked, to OPTIONS and to what is not possible, and lets no other site in', async () => {
    const { ask } = setUp();
    for (const [method, status] of [
      ['OPTIONS', 204],
      ['DELETE', 405],
      ['PUT', 405],
    ] as const) {
      const { statusCode, headers } = await ask({ method });
      expect({ method, statusCode, allow: headers.allow }).toEqual({ method, statusCode: status, allow: 'GET, HEAD, POST, OPTIONS' });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  test('keeps the page out of caches, frames, archives and other sites’ logs, and runs nothing in it', async () => {
    const { headers, body } = await setUp().ask();
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-type': 'text/html; charset=utf-8',
    });
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(body).not.toMatch(/<script|javascript:|\son\w+=|https?:\/\//i);
  });

  test('shows a decision that was made, and no buttons', async () => {
    const { statusCode, body } = await setUp({ decision: ana, delivery: 'delivered' }).ask();
    expect(statusCode).toBe(200);
    expect(body).toContain('approved by Ana (name not checked) at 192.0.2.1, 2026-11-20 12:00 UTC');
    expect(body).not.toContain('<button');
  });

  test('says that it is too late from the deadline on, and not before', async () => {
    const { ask, at } = setUp();
    at(approval().expiresAt - 1);
    expect((await ask()).statusCode).toBe(200);
    at(approval().expiresAt);
    const { statusCode, body } = await ask();
    expect(statusCode).toBe(410);
    expect(body).not.toContain('<button');
  });
});

describe('deciding', () => {
  test.each(['approve', 'reject'] as const)(
    'to %s tells the incident once, with the name and the address that Lambda saw',
    async (decision) => {
      const { send, stored, answers, logged } = setUp();
      const { statusCode, body } = await send({ decision, name: '  Ana\n María ' });
      expect(statusCode).toBe(200);
      expect(body).toContain(`${decision === 'approve' ? 'approved' : 'rejected'} by Ana María (name not checked) at 203.0.113.7`);
      expect(stored).toMatchObject({
        decision: { decision, name: 'Ana María', from: '203.0.113.7', at: noon + 60_000 },
        delivery: 'delivered',
      });
      expect(answers).toEqual([`Y2FsbGJhY2s+/w== {"decision":"${decision}","by":"Ana María (name not checked) at 203.0.113.7"}`]);
      expect(logged).toMatchObject([{ message: 'approval', incident: approval().incident, action: 'reboot-instance', result: 'decided' }]);
    },
  );

  test('works with a form in base64, as function URLs hand it on, and with a charset', async () => {
    const { send, stored } = setUp();
    expect((await send({ decision: 'reject' }, { base64: true, type: `${form}; charset=UTF-8` })).statusCode).toBe(200);
    expect(stored.decision).toMatchObject({ decision: 'reject', name: 'Ana' });
  });

  test.each([{}, { name: '' }, { name: ' \n ' }, { name: '\u202e\u200b' }])(
    'is refused without a name (%j), and asks for it',
    async (fields) => {
      const { ask, stored, answers, acts, token } = setUp();
      const body = new URLSearchParams({ token, decision: 'approve', ...fields }).toString();
      const response = await ask({ method: 'POST', path: '/', body });
      expect(response.statusCode).toBe(400);
      expect(response.body).toContain('Nothing was decided: write your name first');
      expect(response.body).toContain('name="decision" value="approve"');
      expect({ decision: stored.decision, answers, acts }).toEqual({ decision: null, answers: [], acts: [] });
    },
  );

  test('is an act of that person in the ledger, as one by the command line is', async () => {
    const { send, acts } = setUp();
    await send({ decision: 'approve', name: 'arn:aws:iam::123456789012:user/root<b>' });
    const act = { at: noon + 60_000, by: '203.0.113.7', name: 'arn:aws:iam::123456789012:user/root<b>', kind: 'approve', because: null };
    expect(acts).toEqual([{ ...act, id: expect.any(String), what: approval().what, incident: approval().incident, done: true }]);
    expect(tellAct(acts[0] as (typeof acts)[number])).toBe(
      `2026-11-20 12:01 UTC: ${act.name} (name not checked) at 203.0.113.7 approved ${approval().what}`,
    );
    await send({ decision: 'reject', name: 'Ben' });
    expect(acts).toHaveLength(1);
  });

  test('that can not be recorded is not made', async () => {
    const { send, stored, answers } = setUp({}, { acts: { note: () => Promise.reject(new Error('down')), noteDone: async () => {} } });
    expect((await send({ decision: 'approve' })).statusCode).toBe(500);
    expect({ decision: stored.decision, answers }).toEqual({ decision: null, answers: [] });
  });

  test('bounds the name so that the driver can read the answer', async () => {
    const { send, answers, stored } = setUp();
    await send({ decision: 'approve', name: 'x'.repeat(2000) });
    expect(stored.decision?.name).toHaveLength(80);
    expect(JSON.parse(answers[0]?.split(' ').slice(1).join(' ') ?? '').by.length).toBeLessThanOrEqual(200);
  });

  test.each([
    ['approve', 200],
    ['reject', 409],
  ])('again, to %s, shows the decision that stands, and changes nothing', async (decision, status) => {
    const { send, stored, answers } = setUp({ decision: ana, delivery: 'delivered' });
    const { statusCode, body } = await send({ decision, name: 'Ben' });
    expect(statusCode).toBe(status);
    expect(body).toContain('approved by Ana');
    expect(stored.decision).toEqual(ana);
    expect(answers).toEqual([]);
  });

  test('too late is refused, and tells nobody', async () => {
    const { send, stored, answers, at } = setUp();
    at(approval().expiresAt);
    expect((await send({ decision: 'approve' })).statusCode).toBe(410);
    expect(stored.decision).toBeNull();
    expect(answers).toEqual([]);
  });

  test('when the incident waits no longer says so, then and later', async () => {
    const { send, ask, stored } = setUp({}, { completeCallback: async () => 'over' });
    expect((await send({ decision: 'approve' })).statusCode).toBe(410);
    expect(stored.delivery).toBe('over');
    expect((await ask()).statusCode).toBe(410);
    expect((await send({ decision: 'approve' })).statusCode).toBe(410);
  });

  test('that could not be passed on is passed on by the next, the same, once the first try must be over', async () => {
    let works = false;
    const told: string[] = [];
    const { send, ask, stored, logged, at } = setUp(
      {},
      {
        completeCallback: async (_, result) => {
          if (!works) throw new Error('token-like detail');
          told.push(result);
          return 'delivered';
        },
      },
    );
    const { statusCode, headers, body } = await send({ decision: 'approve', name: 'Ana' });
    expect({ statusCode, retry: headers['retry-after'] }).toEqual({ statusCode: 503, retry: '30' });
    expect(body).toContain('value="approve">Pass it on');
    expect(body).not.toContain('token-like detail');
    expect(logged).toMatchObject([{ result: 'undelivered', error: 'Error' }]);
    works = true;
    expect((await ask()).body).toContain('Pass it on');
    expect((await send({ decision: 'approve' })).body).toContain('Pass it on');
    expect(told).toEqual([]);
    at(noon + 60_000 + 30_000);
    expect((await send({ decision: 'reject', name: 'Ben' })).statusCode).toBe(409);
    expect(told).toEqual(['{"decision":"approve","by":"Ana (name not checked) at 203.0.113.7"}']);
    expect(stored.delivery).toBe('delivered');
  });

  test('that is passed on again, and finds the callback closed, stands: the first try may have told it', async () => {
    const { send, stored } = setUp({ decision: { ...ana, at: noon } }, { completeCallback: async () => 'over' });
    const { statusCode, body } = await send({ decision: 'approve' });
    expect(statusCode).toBe(200);
    expect(body).toContain('A separate message will say how the incident ends');
    expect(stored.delivery).toBe('unclear');
  });

  test('counts although the note of it could not be made', async () => {
    const stored: StoredApproval = { approval: approval(), decision: null, delivery: null };
    const { send } = setUp(
      {},
      {
        store: {
          add: async () => {},
          read: async () => stored,
          decide: async () => true,
          noteNotified: async () => Promise.reject(new Error('down')),
        },
      },
    );
    expect((await send({ decision: 'approve' })).statusCode).toBe(200);
  });
});

describe('a request that is not as it should be', () => {
  const good = setUp().token;
  const [id = '', mac = ''] = good.split('.');
  const badTokens: [string, string][] = [
    ['no token', ''],
    ['half a token', id],
    ['another question', `${'A'.repeat(22)}.${mac}`],
    ['another proof', `${id}.${'A'.repeat(43)}`],
    ['a proof with a bit turned in its last character', `${good.slice(0, -1)}${good.endsWith('A') ? 'B' : 'A'}`],
    ['something behind the token', `${good}x`],
    ['a path in the token', `../${good}`],
    ['an endless token', good.repeat(1000)],
  ];
  const plain = async () => (await setUp().ask({ path: '/' })).body;

  test.each(badTokens)('with %s gets 403 by GET and by POST, and the same page', async (_, token) => {
    const { ask, send, stored, answers } = setUp();
    const get = await ask({ path: `/${token}` });
    expect(get.statusCode).toBe(403);
    expect(get.body).toBe(await plain());
    if (token.length < 4000) {
      const post = await send({ token, decision: 'approve' });
      expect(post.statusCode).toBe(403);
      expect(post.body).toBe(await plain());
    }
    expect(stored.decision).toBeNull();
    expect(answers).toEqual([]);
  });

  test('with a token that can be none costs no look-up', async () => {
    const { ask, reads } = setUp();
    await ask({ path: '/favicon.ico' });
    await ask({ path: `/${'x'.repeat(100_000)}` });
    expect(reads()).toBe(0);
  });

  test('for another page gets 403: a link is good for the page that it was made for', async () => {
    const { ask, send, stored } = setUp();
    const domainName = 'other.lambda-url.us-east-1.on.aws';
    expect((await ask({ domainName })).statusCode).toBe(403);
    expect((await send({ decision: 'approve' }, { domainName })).statusCode).toBe(403);
    expect(stored.decision).toBeNull();
  });

  test('with a question that was changed after it was asked gets 403', async () => {
    const changed: Approval = approval({ target: { type: 'instance', id: 'i-0ffffffffffffffff' } });
    const { ask } = setUp({ approval: changed });
    expect((await ask({ path: `/${good}` })).statusCode).toBe(403);
  });

  test('with a question of which anything that is shown was changed gets 403, by GET and by POST', async () => {
    const asked = approval();
    const changes: Partial<Approval>[] = [
      ...(['failure', 'severity', 'reason', 'account', 'region', 'what', 'why', 'incident', 'action'] as const).map((field) => ({
        [field]: 'other',
      })),
      { resource: { type: 'instance', id: 'i-0ffffffffffffffff' } },
      { timeline: [] },
      { timeline: asked.timeline.map((entry) => ({ ...entry, text: 'all is lost' })) },
      { expiresAt: asked.expiresAt + 1 },
    ];
    for (const change of changes) {
      const { ask, send, stored, answers } = setUp({ approval: approval(change) });
      const looked = await ask({ path: `/${good}` });
      expect({ change, status: looked.statusCode }).toEqual({ change, status: 403 });
      expect(looked.body).toContain('was changed after you were asked: this page triggers no action');
      expect((await send({ token: good, decision: 'approve' })).statusCode).toBe(403);
      expect({ stored: stored.decision, answers }).toEqual({ stored: null, answers: [] });
    }
  });

  test('for a question whose deadline the ledger was made to forget is too late', async () => {
    const { store, close } = await localStore();
    try {
      await store.add(approval());
      const forgetful = { ...store, decide: async () => true };
      const { send, answers, at } = setUp({}, { store: forgetful });
      at(approval().expiresAt);
      expect((await send({ decision: 'approve' })).statusCode).toBe(410);
      expect(answers).toEqual([]);
    } finally {
      await close();
    }
  });

  test('for a question with a decision that nobody made gets 403 and tells nobody, whatever the person says', async () => {
    const { store, dynamoDb, close } = await localStore();
    try {
      await store.add(approval());
      // As somebody writes it who may write to the table.
      await store.decide(approval().id, { ...ana, at: noon - 60_000 });
      const { ask, send, answers, logged } = setUp({}, { store: sealing(createApprovalStore(dynamoDb, 'ledger'), async () => keys) });
      for (const response of [await ask(), await send({ decision: 'reject' }), await send({ decision: 'approve' })]) {
        expect(response.statusCode).toBe(403);
        expect(response.body).toContain('tampered with');
      }
      expect(answers).toEqual([]);
      expect(logged).toEqual(Array(3).fill({ level: 'ERROR', message: 'approval altered', error: expect.any(String) }));
    } finally {
      await close();
    }
  });

  test.each([null, 'application/json', 'multipart/form-data; boundary=x', 'text/plain', ''])('of type %j gets 415', async (type) => {
    const { send, stored } = setUp();
    expect((await send({ decision: 'approve' }, { type })).statusCode).toBe(415);
    expect(stored.decision).toBeNull();
  });

  test.each([false, true])('that is too large gets 413 (base64: %s)', async (base64) => {
    const { send, stored } = setUp();
    expect((await send({ decision: 'approve', name: 'x'.repeat(6000) }, { base64 })).statusCode).toBe(413);
    expect(stored.decision).toBeNull();
  });

  test.each([
    ['nothing in it', ''],
    ['no decision', `token=${good}`],
    ['another decision', `token=${good}&decision=maybe`],
    ['two decisions', `token=${good}&decision=reject&decision=approve`],
    ['two tokens', `token=${good}&token=${good}&decision=approve`],
    ['a decision in capitals', `token=${good}&decision=APPROVE`],
    ['nonsense', '%ff%00=&&&==='],
  ])('with %s gets 400', async (_, body) => {
    const { ask, stored } = setUp();
    expect((await ask({ method: 'POST', path: '/', body })).statusCode).toBe(400);
    expect(stored.decision).toBeNull();
  });

  test('with its decision in the query and not in the form gets 400', async () => {
    const { ask, stored } = setUp();
    expect((await ask({ method: 'POST', path: `/${good}`, body: '' })).statusCode).toBe(400);
    expect(stored.decision).toBeNull();
  });

  test('while the ledger or the keys can’t be read gets 500, without a reason on the page', async () => {
    const down = () => Promise.reject(Object.assign(new Error('secret detail'), { name: 'AccessDeniedException' }));
    for (const deps of [{ keys: down }, { store: { add: down, read: down, decide: down, noteNotified: down } }]) {
      const { ask, logged } = setUp({}, deps);
      const { statusCode, body, headers } = await ask();
      expect(statusCode).toBe(500);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(body).not.toContain('secret detail');
      expect(logged).toEqual([{ level: 'ERROR', message: 'approval page failed', error: 'AccessDeniedException: secret detail' }]);
    }
  });

  test('that is no request of a function URL gets 500 and no stack trace', async () => {
    const { statusCode, body } = await (
      createApprove({ log: () => {} } as never) as unknown as (
        event: unknown,
        context: unknown,
      ) => Promise<{ statusCode: number; body: string }>
    )({ Records: [] }, {});
    expect(statusCode).toBe(500);
    expect(body).not.toMatch(/ZodError|at .*\.ts/);
  });
});
