import { consumerName, type RemedySettings } from './remedies.ts';

/** The tag of a queue that names what processes its messages. It is not a request of the owner's, as other tags of this prefix are. */
export const consumerTag = 'selfheal:consumer';

/** What processes the messages of a queue. */
export type Consumer = { kind: 'group'; name: string } | { kind: 'service'; cluster: string; name: string };

/** Reads `group/NAME` or `service/CLUSTER/NAME`; null for any other text. */
export const readConsumer = (text: string | null): Consumer | null => {
  if (text === null || !consumerName.safeParse(text).success) return null;
  const [kind, first = '', ...rest] = text.split('/');
  return kind === 'group' ? { kind, name: [first, ...rest].join('/') } : { kind: 'service', cluster: first, name: rest.join('/') };
};

/** What the policy names for a queue, or its tag where the policy lets tags do so; null if neither does, or if it can't be read. */
export const consumerOf = (
  { queues, tags }: RemedySettings['consumers'],
  queue: string,
  own: Readonly<Record<string, string>>,
): string | null => {
  const named = Object.hasOwn(queues, queue) ? queues[queue] : tags === 'on' ? own[consumerTag] : undefined;
  return named !== undefined && readConsumer(named) ? named : null;
};
