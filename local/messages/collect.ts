import type { CallRecord } from '#local-aws';
import { composeWidget } from '../../shared/compose/dashboard-widget.ts';
import type { ChatNotification } from '../../shared/notifications/chat-schema.ts';
import type { Pace } from '../replay/pace.ts';
import type { Host } from '../testbed/host.ts';

/** One message as it was published, in the forms that its subscribers get. `at` in milliseconds since the epoch. */
export type Message = { at: number; topic: string } & (
  | {
      kind: 'outcome' | 'opened' | 'interim' | 'approval';
      incident: string;
      subject: string;
      email: string;
      sms: string;
      /** What machines get. */
      json: Record<string, unknown>;
      /** The page behind an approval's link while the request was open. */
      page: string | null;
    }
  | { kind: 'chat'; incident: string; chat: ChatNotification }
);

/** What a world has published to people, and the final widget. */
export type Published = { messages: Message[]; widget: string | null };

const functionArn = 'arn:aws:lambda:us-east-1:111122223333:function:selfheal-local-dashboard-widget';

const messageOf = ({ at, input }: CallRecord): Message => {
  const { TopicArn = '', Subject = '', Message: body = '' } = input as { TopicArn?: string; Subject?: string; Message?: string };
  const topic = TopicArn.split(':').at(-1) ?? '';
  const content = JSON.parse(body) as { default?: string; email?: string; sms?: string };
  if (content.default === undefined) {
    const chat = content as ChatNotification;
    return { at, topic, kind: 'chat', incident: chat.metadata.threadId, chat };
  }
  const json = JSON.parse(content.default) as { kind?: 'incident.opened' | 'interim' | 'approval'; incident: string };
  const { email = '', sms = '' } = content;
  const kind = json.kind === 'incident.opened' ? 'opened' : (json.kind ?? 'outcome');
  return { at, topic, kind, incident: json.incident, subject: Subject, email, sms, json, page: null };
};

/** Collects what worlds publish while they run: they forget old messages, and an approval page changes once it is decided. */
export const collecting = (pace: Pace): { pace: Pace; published: (host: Host) => Published } => {
  const worlds = new WeakMap<
    Host,
    { began: number; outcomes: number; seen: WeakSet<CallRecord>; asked: Set<string>; published: Published }
  >();
  const worldOf = (host: Host) => {
    const known = worlds.get(host) ?? {
      began: host.aws.world.clock.now(),
      outcomes: 0,
      seen: new WeakSet<CallRecord>(),
      asked: new Set<string>(),
      published: { messages: [], widget: null },
    };
    worlds.set(host, known);
    return known;
  };

  const take = async (host: Host): Promise<void> => {
    const world = worldOf(host);
    const { messages } = world.published;
    for (const call of host.aws.world.calls) {
      if (call.service !== 'sns' || call.operation !== 'Publish' || call.error !== null || call.accessKey !== 'selfheal') continue;
      if (world.seen.has(call)) continue;
      world.seen.add(call);
      messages.push(messageOf(call));
    }
    for (const question of host.approvals) {
      if (world.asked.has(question)) continue;
      world.asked.add(question);
      const { link } = JSON.parse(question) as { link: string };
      const asked = messages.findLast((message) => message.kind === 'approval' && message.json.link === link);
      if (asked?.kind === 'approval') asked.page = await (await host.fetch(link)).text();
    }
    if (host.busy() || host.outcomes.length === world.outcomes) return;
    world.outcomes = host.outcomes.length;
    const { now } = host.aws.world.clock;
    const widget = composeWidget({ LEDGER_TABLE: host.table }, { dynamodb: host.operator.dynamodb, log: () => {}, now });
    const event = { widgetContext: { timeRange: { start: world.began, end: now() } } };
    world.published.widget = String(await widget(event as never, { invokedFunctionArn: functionArn } as never));
  };

  return {
    published: (host) => worldOf(host).published,
    pace: {
      over: pace.over,
      advance: async (host, done, until) => {
        const { asked } = worldOf(host);
        const isAsked = () => host.approvals.some((question) => !asked.has(question));
        for (;;) {
          const stopped = await pace.advance(host, () => done() || isAsked(), until);
          await take(host);
          if (done()) return true;
          if (!stopped) return false;
        }
      },
    },
  };
};
