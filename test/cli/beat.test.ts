import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalAws, serve } from '#local-aws';
import { secretReference } from '../../shared/aws/secret.ts';
import { beatToken } from '../../shared/beats/token.ts';
import { selfheal } from './io.ts';

const token = 't'.repeat(43);

describe('selfheal beat', () => {
  let server: Server;
  let url = '';
  const received: { method: string | undefined; path: string | undefined; authorization: string | undefined }[] = [];
  beforeAll(async () => {
    server = createServer(({ method, url: path, headers: { authorization } }, response) => {
      received.push({ method, path, authorization });
      if (authorization !== `Bearer ${token}`) return response.writeHead(401).end('no valid token for this heartbeat\n');
      return response.writeHead(204).end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => new Promise((done) => server.close(done)));

  test('sends one beat, and says so in a line', async () => {
    const env = { SELFHEAL_BEAT_URL: url, SELFHEAL_BEAT_TOKEN: token };
    expect(await selfheal(['beat', 'export'], { env })).toEqual({ code: 0, stdout: 'export: the beat was counted\n', stderr: '' });
    expect(await selfheal(['beat', 'export', '--url', `${url}beat/export`, '--token', token])).toMatchObject({ code: 0 });
    expect(received).toEqual([1, 2].map(() => ({ method: 'POST', path: '/beat/export', authorization: `Bearer ${token}` })));
  });

  test('says why a beat was refused, and ends with 1', async () => {
    expect(await selfheal(['beat', 'export', '--url', url, '--token', 'x'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'selfheal beat: export: 401: no valid token for this heartbeat\n',
    });
  });

  test.each([
    [['beat'], 'give the name of one heartbeat'],
    [['beat', 'a', 'b'], 'give the name of one heartbeat'],
    [['beat', 'No!'], 'must be a name of up to 64 small letters'],
    [['beat', 'export'], 'no URL given; selfheal beat export --show prints both'],
    [['beat', 'export', '--url', 'https://example.com/'], 'no token given'],
    [['beat', 'export', '--token', 'x', '--url', 'example'], '--url must be the beat URL'],
    [['beat', 'export', '--token', 'x', '--url', 'http://example.com/'], '--url must begin with https://'],
    [['beat', 'export', '--token', 'x', '--url', 'https://example.com/beat/other'], 'end in /beat/export'],
    [['beat', 'export', '--token', 'x', '--url', 'http://127.0.0.1:1/'], 'the beat could not be sent'],
    [['beat', 'export', '--show', '--stage', '../prod'], '--stage must be the name of a stage'],
  ])('%j could not run, and says why', async (args, why) => {
    const { code, stdout, stderr } = await selfheal(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^selfheal beat: [^\n]+\n$/);
    expect(stderr).toContain(why);
  });

  test('shows the URL and the token of a stage, with the credentials of the environment', async () => {
    const aws = createLocalAws({ seed: 1, start: Date.parse('2026-03-02T09:00:00Z'), account: '111122223333', region: 'us-east-1' });
    const served = await serve(aws, { speed: 0 });
    const before = { ...process.env };
    Object.assign(process.env, {
      ...{ AWS_ENDPOINT_URL: served.url, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'operator', AWS_SECRET_ACCESS_KEY: 'local' },
    });
    try {
      const key = 'k'.repeat(64);
      aws.ssm.putParameter(secretReference('selfheal-prod-approval-key'), JSON.stringify({ current: key }));
      aws.lambda.place({ name: 'selfheal-prod-beat', modifiedAt: 0, url: 'https://abc.lambda-url.us-east-1.on.aws/' });
      const found = { url: 'https://abc.lambda-url.us-east-1.on.aws/beat/export', token: beatToken('export', key) };
      const shown = await selfheal(['beat', 'export', '--show', '--stage', 'prod']);
      expect(shown).toMatchObject({ code: 0, stderr: '' });
      expect(shown.stdout).toContain(`curl -fsS -X POST -H 'Authorization: Bearer ${found.token}' ${found.url}\n`);
      const { stdout } = await selfheal(['beat', 'export', '--show', '--stage', 'prod', '--json']);
      expect(JSON.parse(stdout)).toEqual(found);
      const { code, stderr } = await selfheal(['beat', 'export', '--show']);
      expect([code, stderr]).toEqual([2, expect.stringContaining('the heartbeats of stage dev can')]);
      expect(stderr).toContain('ResourceNotFoundException');
    } finally {
      process.env = before;
      await served.close();
    }
  });
});
