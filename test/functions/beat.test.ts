import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { deployedLedger } from '../../local/testbed/deployed.ts';
import { createFunctionUrl } from '../../local/testbed/function-url.ts';
import { createBeats } from '../../shared/aws/beats.ts';
import { secretReference } from '../../shared/aws/secret.ts';
import { beatToken } from '../../shared/beats/token.ts';
import { beatVariables } from '../../shared/compose/beat.ts';
import { type Stage, start, testVariables, withStage } from './stage.ts';

const domain = 'beats.example.com';
const key = 'k'.repeat(64);
const name = 'nightly-export';
const policy = JSON.stringify({ beats: [{ name, every: '24h', grace: '1h' }] });
const authorization = `Bearer ${beatToken(name, key)}`;

/** The function by its URL, and by the bus. */
const open = async ({ aws, load, context }: Stage, variables: Record<string, string> = {}) => {
  aws.ssm.putParameter(secretReference('key'), JSON.stringify({ current: key }));
  const handler = await load('beat', { APPROVAL_SECRET: 'key', SELFHEAL_POLICY: policy, ...variables });
  const fetch = createFunctionUrl(((event: unknown) => handler(event, context)) as never, { domain, sourceIp: '203.0.113.7' });
  const post = async (headers: Record<string, string> = { authorization }) =>
    (await fetch(`https://${domain}/beat/${name}`, { method: 'POST', headers })).status;
  return { post, handler };
};

describe('the function beat', () => {
  testVariables('beat', beatVariables, {
    LEDGER_TABLE: async (stage) => {
      await stage.operator.dynamodb.send(new CreateTableCommand({ ...deployedLedger().table, TableName: 'another' }));
      const { post } = await open(stage, { LEDGER_TABLE: 'another' });
      expect(await post()).toBe(204);
      expect(await createBeats(stage.operator.dynamodb, 'another').readBeat(name)).toMatchObject({ lastAt: start });
    },
    APPROVAL_SECRET: async (stage) => {
      stage.aws.ssm.putParameter(secretReference('another-key'), JSON.stringify({ current: 'x'.repeat(64) }));
      const { post } = await open(stage, { APPROVAL_SECRET: 'another-key' });
      expect(await post()).toBe(401);
      expect(await post({ authorization: `Bearer ${beatToken(name, 'x'.repeat(64))}` })).toBe(204);
    },
    SELFHEAL_POLICY: async (stage) => {
      const { post } = await open(stage, { SELFHEAL_POLICY: '' });
      expect(await post()).toBe(401);
    },
  });

  test(
    'makes no call to AWS for a request without a token, and none but for the key with a wrong one',
    withStage(async (stage) => {
      const { post } = await open(stage);
      const calls = () => stage.aws.world.calls.filter(({ accessKey }) => accessKey === 'selfheal').map(({ operation }) => operation);
      expect(await post({})).toBe(401);
      expect(calls()).toEqual([]);
      expect(await post({ authorization: `Bearer ${'x'.repeat(43)}` })).toBe(401);
      expect(calls()).toEqual(['GetParameter']);
    }),
  );

  test(
    'counts an event of the bus, at its own time',
    withStage(async (stage) => {
      const { handler } = await open(stage);
      const time = new Date(start - 60_000).toISOString();
      await handler({ source: 'selfheal.beat', 'detail-type': 'selfheal beat', time, detail: { name } }, stage.context);
      expect(await createBeats(stage.operator.dynamodb, stage.table).readBeat(name)).toMatchObject({ lastAt: start - 60_000 });
    }),
  );

  test(
    'still counts where something else of the policy is invalid',
    withStage(async (stage) => {
      const { post } = await open(stage, { SELFHEAL_POLICY: JSON.stringify({ ...JSON.parse(policy), mode: 'enforced' }) });
      expect(await post()).toBe(204);
    }),
  );
});
