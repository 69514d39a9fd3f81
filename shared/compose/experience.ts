import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { boundedBy } from '../aws/deadline.ts';
import { createDigests } from '../aws/digests.ts';
import { experienceOf } from '../digest/lessons.ts';
import type { Approval } from '../model/approval.ts';
import type { Timer } from '../ports/deadline.ts';

/** How long a question, or its page, waits for what is known of its action, in milliseconds. */
const budgetMs = 2000;

/** What is known of an action that a question asks for, in a sentence; null where nothing is. */
export const composeExperience = (dynamodb: DynamoDBClient, table: string, timer?: Timer) => {
  const digests = createDigests(dynamodb, table);
  const bounded = boundedBy(budgetMs, timer);
  return ({ failure, action, resource }: Pick<Approval, 'failure' | 'action' | 'resource'>): Promise<string | null> =>
    bounded(() => experienceOf(digests, { failure, step: action, resource: resource.type }));
};
