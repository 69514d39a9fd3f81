import type { Call } from '#local-aws';
import type { PeopleLog } from './people.ts';
import type { PromiseId } from './promises.ts';

/** A question as it was sent: to which topic, and about what. */
type Question = { topic: string; action: string; target: string };

type Sent = { kind?: string; action?: string; target?: { id?: string }; link?: string };

/** What is sent as JSON beside the texts for mail; null if it is no question. */
const questionOf = (message: string): Sent | null => {
  try {
    const sent = JSON.parse(String((JSON.parse(message) as { default?: string }).default)) as Sent;
    return sent.kind === 'approval' ? sent : null;
  } catch {
    return null;
  }
};

/** What people were asked about promotions, and what they said to that. */
export const createPromotions = (
  people: Pick<PeopleLog, 'agreed'>,
  object: (promise: PromiseId, resource: string, text: string) => void,
) => {
  const questions = new Map<string, Question>();
  return {
    /** Notes a question that is sent by SNS. */
    asked: ({ input }: Call): void => {
      const sent = questionOf(String(input.Message));
      if (sent?.link !== undefined)
        questions.set(sent.link, { topic: String(input.TopicArn), action: String(sent.action), target: String(sent.target?.id) });
    },
    /** Whether a person has said yes to something about it. */
    agreedTo: (target: string): boolean => [...people.agreed].some((link) => questions.get(link)?.target === target),
    /** A replica is promoted: two people must have said yes, each to a question of their own. */
    promoted: ({ input }: Call): void => {
      const id = String(input.DBInstanceIdentifier);
      const yeses = [...people.agreed].flatMap((link) => questions.get(link) ?? []);
      const topics = new Set(yeses.flatMap(({ topic, action, target }) => (action === 'promote-replica' && target === id ? [topic] : [])));
      if (topics.size < 2) object('two-yeses', id, `promoted with the yes of ${topics.size}`);
    },
  };
};
