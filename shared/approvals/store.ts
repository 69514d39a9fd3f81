import { type AttributeValue, type DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { isConditionFailure } from '../aws/call.ts';
import { noteAsked } from '../aws/ledger.ts';
import { keyOf as itemKey } from '../aws/ledger-keys.ts';
import { stored } from '../aws/stored-names.ts';
import { type Approval, approvalSchema, type Decision, decisionSchema } from '../model/approval.ts';
import { dayMs } from '../model/duration.ts';

/** An approval with its decision. */
export type StoredApproval = {
  approval: Approval;
  decision: Decision | null;
  /** The result of passing the decision to the incident; null if it is still to be passed on. */
  delivery: DeliveryStatus | null;
};

/** `delivered`: the incident has it. `over`: it no longer waited. `unclear`: one of the two, since the response to an earlier try was lost. */
export type DeliveryStatus = 'delivered' | 'over' | 'unclear';

/**
 * Approvals in the ledger's table, one item each. Every write is conditional, so that concurrent requests can't create or decide one twice.
 * Times are milliseconds since the epoch.
 * @throws whatever the SDK throws, from all methods
 */
export type ApprovalStore = {
  /** Does nothing if it exists already. The incident knows of it, so that people find it without its link. */
  add(approval: Approval): Promise<void>;
  read(id: string): Promise<StoredApproval | null>;
  /** True if this decision is the first and in time. */
  decide(id: string, decision: Decision): Promise<boolean>;
  /** Records the result of passing the decision on, which then needn't be repeated. */
  noteNotified(id: string, delivery: DeliveryStatus): Promise<void>;
};

/** IAM actions of asking and of deciding. A test compares them with the packaged template. */
export const askingPermissions = ['dynamodb:PutItem', 'dynamodb:UpdateItem'] as const;
export const decidingPermissions = ['dynamodb:GetItem', 'dynamodb:UpdateItem'] as const;

const keyOf = (id: string) => itemKey('approval', id);

const deliveryOf = (text: string | undefined): DeliveryStatus | null => {
  if (text === stored.delivered) return 'delivered';
  return text === 'over' || text === 'unclear' ? text : null;
};

/** How long a decided approval is kept as a record until the table's time to live removes it. In milliseconds. */
const retentionMs = 90 * dayMs;

/** The store in the ledger's table. */
export const createApprovalStore = (client: DynamoDBClient, table: string): ApprovalStore => {
  /** True if the condition held and the item was changed. */
  const update = async (id: string, expression: string, condition: string, values: Record<string, AttributeValue>) => {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(id),
          UpdateExpression: expression,
          ConditionExpression: condition,
          ExpressionAttributeValues: values,
        }),
      );
      return true;
    } catch (error) {
      if (isConditionFailure(error)) return false;
      throw error;
    }
  };
  return {
    add: async (approval) => {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              ...keyOf(approval.id),
              approval: { S: JSON.stringify(approval) },
              deadline: { N: String(approval.expiresAt) },
              expiresAt: { N: String(Math.floor((approval.expiresAt + retentionMs) / 1000)) },
            },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        );
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
      }
      await noteAsked(client, table, approval.incident, approval.id, approval.timeline);
    },
    read: async (id) => {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: keyOf(id), ConsistentRead: true }));
      if (!Item?.approval?.S) return null;
      return {
        approval: approvalSchema.parse(JSON.parse(Item.approval.S)),
        decision: Item.decision?.S ? decisionSchema.parse(JSON.parse(Item.decision.S)) : null,
        delivery: deliveryOf(Item[stored.delivery]?.S),
      };
    },
    decide: (id, decision) =>
      update(id, 'SET decision = :decision', 'attribute_exists(pk) AND attribute_not_exists(decision) AND deadline > :now', {
        ':decision': { S: JSON.stringify(decision) },
        ':now': { N: String(decision.at) },
      }),
    noteNotified: async (id, delivery) => {
      const { delivery: attribute, delivered } = stored;
      await update(id, `SET ${attribute} = :delivery`, `attribute_exists(decision) AND attribute_not_exists(${attribute})`, {
        ':delivery': { S: delivery === 'delivered' ? delivered : delivery },
      });
    },
  };
};
