import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { replayStream } from '../local/replay/stream.ts';
import { createHost, type Host, type HostOptions } from '../local/testbed/host.ts';
import { playScenario } from '../local/worlds/play.ts';
import { readScenario } from '../local/worlds/read.ts';
import { outcomeSchema } from '../shared/model/outcome-schema.ts';
import { type Policy, policySchema } from '../shared/model/policy.ts';
import { account, region, start, treatedInstance } from './hung-instance.ts';

const topicArn = `arn:aws:sns:${region}:${account}:selfheal-local-route-good-news`;
const routed: Policy = policySchema.parse({ routes: [{ when: { outcome: 'healed' }, topicArn }] });

const play = async (options: Partial<HostOptions> = {}): Promise<Host> => {
  const host = await treatedInstance(options);
  await host.close();
  return host;
};
const topicsOf = ({ aws }: Pick<Host, 'aws'>) =>
  aws.world.calls.flatMap(({ operation, input }) => (operation === 'Publish' ? [(input as { TopicArn: string }).TopicArn] : []));

describe('the embedded host', () => {
  test('tells outcomes to the topic of their route, to the chat, and to nobody else', async () => {
    const host = await play({ policy: routed });
    expect(host.outcomes.map(({ status }) => status)).toEqual(['healed']);
    expect(topicsOf(host)).toEqual([topicArn, `arn:aws:sns:${region}:${account}:selfheal-local-chat`]);
    const messages = host.messages.map((message) => outcomeSchema.parse(JSON.parse(message)));
    expect(messages).toMatchObject([{ status: 'healed', incident: host.outcomes[0]?.incident }]);
    expect(host.routed.get(topicArn)).toEqual(host.messages);
    expect(host.chats.map((chat) => JSON.parse(chat).metadata.threadId)).toEqual([host.outcomes[0]?.incident]);
  });

  test('tells what no route is for to the usual topic', async () => {
    const other = policySchema.parse({ routes: [{ when: { outcome: 'failed' }, topicArn }] });
    const host = await play({ policy: other });
    expect(topicsOf(host)[0]).toBe(`arn:aws:sns:${region}:${account}:selfheal-local-outcomes`);
    expect(host.routed.get(topicArn)).toEqual([]);
    expect(host.messages).toHaveLength(1);
  });

  test('has no chat where its environment names none', async () => {
    const host = await play({ variables: { CHAT_TOPIC_ARN: '' } });
    expect(host.chats).toEqual([]);
    expect(host.messages).toHaveLength(1);
  });

  test('does no more than the mode in its environment, whatever the policy says', async () => {
    const host = await play({ variables: { SELFHEAL_MODE: 'dry-run' } });
    expect(host.outcomes.map(({ status }) => status)).toEqual(['dry-run']);
    expect(host.aws.world.calls.filter(({ operation, error }) => operation === 'RebootInstances' && error === null)).toEqual([]);
  });

  test('refuses an environment that the functions would refuse', async () => {
    await expect(createHost({ seed: 1, start, account, region, variables: { SELFHEAL_MODE: 'bold' } })).rejects.toThrow(/SELFHEAL_MODE/);
  });

  test('writes every function’s lines to one log', async () => {
    const { log } = await play();
    const lines = log.map((line) => JSON.parse(line));
    const messages = lines.flatMap(({ message }) => message ?? []);
    expect(messages).toContain('incident started');
    expect(messages).toContain('sweep');
    expect(lines.filter(({ phase }) => phase === 'act').length).toBeGreaterThan(0);
    const namespaces = lines.flatMap(({ _aws }) => _aws?.CloudWatchMetrics.map(({ Namespace }: { Namespace: string }) => Namespace) ?? []);
    expect(new Set(namespaces)).toEqual(new Set(['selfheal/local']));
  });
});

describe('outcomes go where the policy routes them, and to the chat,', () => {
  /** What the whole world of a tool told people, seen when it is over. */
  const holds = (host: Host | undefined, topic: string) => {
    const loud = host?.outcomes.filter(({ quiet }) => !quiet) ?? [];
    expect(loud.map(({ status }) => status)).toEqual(['healed']);
    expect(host?.chats).toHaveLength(1);
    expect(host?.routed.get(topic)?.map((message) => JSON.parse(message).incident)).toEqual([loud[0]?.incident]);
  };

  test('in a replay', async () => {
    const event = new URL('../events/cloudwatch-alarm/instance-unreachable.json', import.meta.url);
    const one = (async function* () {
      yield { file: 'event', value: JSON.parse(readFileSync(event, 'utf8')) as unknown };
    })();
    let host: Host | undefined;
    const onHost = (made: Host) => {
      host = made;
    };
    const there = topicArn.replace(region, 'us-west-2');
    await replayStream(one, {
      seed: 1,
      policy: policySchema.parse({ routes: [{ when: { outcome: 'healed' }, topicArn: there }] }),
      onHost,
    });
    holds(host, there);
  });

  test('on a game day', async () => {
    const text = JSON.stringify({
      name: 'A hung kernel',
      hypothesis: 'A reboot heals it.',
      fleet: { instances: { web: { alarms: ['instance'] } } },
      policy: { routes: [{ when: { outcome: 'healed' }, topicArn }] },
      timeline: [{ at: '5m', do: 'hang-kernel', on: 'web' }],
      expect: {},
    });
    const read = readScenario(text, 'hung.json');
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    let host: Host | undefined;
    const onHost = (made: Host) => {
      host = made;
    };
    await playScenario(read.scenario, { onHost });
    holds(host, topicArn);
  });
});
