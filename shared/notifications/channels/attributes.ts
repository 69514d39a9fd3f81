import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import type { Approval } from '../../model/approval.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Interim } from '../../ports/reporter.ts';
import { printable } from '../text.ts';

type Attributes = Record<string, MessageAttributeValue>;

/** SNS refuses an attribute that is empty, and characters that XML has not. */
const attribute = (text: string): MessageAttributeValue => ({ DataType: 'String', StringValue: printable(text).slice(0, 256) || '?' });

/** For filter policies, so that a subscriber gets what concerns him and nothing else. */
const attributesOf = (
  own: Record<string, string>,
  { failure, severity, resource, account, region }: Pick<Approval, 'failure' | 'severity' | 'resource' | 'account' | 'region'>,
): Attributes =>
  Object.fromEntries(
    Object.entries({ ...own, failure, severity, resource: resource.id, account, region }).map(([name, text]) => [name, attribute(text)]),
  );

export const outcomeAttributes = (outcome: Outcome): Attributes => attributesOf({ kind: 'outcome', outcome: outcome.status }, outcome);

export const interimAttributes = (interim: Interim): Attributes =>
  attributesOf({ kind: interim.kind === 'opened' ? 'incident.opened' : 'interim' }, interim);

export const questionAttributes = (approval: Approval): Attributes =>
  attributesOf({ kind: 'approval', incident: approval.incident }, approval);
