import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import type { Approval } from '../../model/approval.ts';
import type { IncidentSummary, Outcome } from '../../model/outcome.ts';
import type { Interim } from '../../ports/reporter.ts';
import { printable } from '../text.ts';

type Attributes = Record<string, MessageAttributeValue>;

/** SNS rejects empty attributes and characters outside XML. */
const attribute = (text: string): MessageAttributeValue => ({ DataType: 'String', StringValue: printable(text).slice(0, 256) || '?' });

/** For filter policies, so that subscribers can select messages. */
const attributesOf = (
  own: Record<string, string>,
  { failure, severity, resource, account, region }: Pick<Approval, Exclude<keyof IncidentSummary, 'incident'>>,
): Attributes =>
  Object.fromEntries(
    Object.entries({ ...own, failure, severity, resource: resource.id, account, region }).map(([name, text]) => [name, attribute(text)]),
  );

/** Message attributes of an outcome. */
export const outcomeAttributes = (outcome: Outcome): Attributes => attributesOf({ kind: 'outcome', outcome: outcome.status }, outcome);

/** Message attributes of an interim notification. */
export const interimAttributes = (interim: Interim): Attributes =>
  attributesOf({ kind: interim.kind === 'opened' ? 'incident.opened' : 'interim' }, interim);

/** Message attributes of a request for approval. */
export const questionAttributes = (approval: Approval): Attributes =>
  attributesOf({ kind: 'approval', incident: approval.incident }, approval);

/** Message attributes of a digest, which is about no one incident. */
export const digestAttributes: Attributes = { kind: attribute('digest'), severity: attribute('low') };
