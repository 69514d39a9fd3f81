import type * as Sdk from '@aws-sdk/client-eventbridge';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { Bus, Buses } from '../model/buses.ts';
import { limitOf, page } from './pages.ts';

type Statement = { Sid?: string };

const described = ({ name, arn, createdAt, description, policy }: Bus) => ({
  Name: name,
  Arn: arn,
  CreationTime: new Date(createdAt),
  LastModifiedTime: new Date(createdAt),
  ...(description !== undefined && { Description: description }),
  ...(policy && { Policy: policy.text }),
});

const statementsOf = ({ policy }: Bus): Statement[] => {
  const { Statement } = JSON.parse(policy?.text ?? '{"Statement":[]}') as { Statement: Statement | Statement[] };
  return [Statement].flat();
};

/** Buses and their policies. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html and its neighbours */
export const busOperations = ({ partition }: World, buses: Buses): Service['operations'] => {
  const setStatements = (bus: Bus, Statement: Statement[]): void =>
    buses.setPolicy(bus, Statement.length > 0 ? { Version: '2012-10-17', Statement } : undefined);

  const putPermission = ({
    EventBusName,
    Policy,
    Action = 'events:PutEvents',
    Principal,
    StatementId,
    Condition,
  }: Sdk.PutPermissionRequest) => {
    const bus = buses.expect(EventBusName);
    if (Policy !== undefined) {
      buses.setPolicy(bus, Policy);
      return {};
    }
    if (Principal === undefined || !/^(\d{12}|\*)$/.test(Principal) || !/^[\w-]{1,64}$/.test(StatementId ?? ''))
      throw new AwsError('ValidationException', 'Either Policy, or Action, Principal and StatementId, must be specified.');
    const made = {
      Sid: StatementId as string,
      Effect: 'Allow',
      Principal: Principal === '*' ? '*' : { AWS: `arn:${partition}:iam::${Principal}:root` },
      Action,
      Resource: bus.arn,
      ...(Condition && { Condition: { [Condition.Type ?? '']: { [Condition.Key ?? '']: Condition.Value } } }),
    };
    setStatements(bus, [...statementsOf(bus).filter(({ Sid }) => Sid !== StatementId), made]);
    return {};
  };

  const removePermission = ({ EventBusName, StatementId, RemoveAllPermissions }: Sdk.RemovePermissionRequest) => {
    const bus = buses.expect(EventBusName);
    const before = statementsOf(bus);
    const kept = RemoveAllPermissions ? [] : before.filter(({ Sid }) => Sid !== StatementId);
    if (!RemoveAllPermissions && kept.length === before.length)
      throw new AwsError('ResourceNotFoundException', `Statement with id ${StatementId} does not exist.`);
    setStatements(bus, kept);
    return {};
  };

  return {
    CreateEventBus: operation<Sdk.CreateEventBusRequest, Sdk.CreateEventBusResponse>(
      () => sdk.eventBridge().CreateEventBus$,
      ({ Name = '', Description }) => ({ EventBusArn: buses.create(Name, Description).arn }),
    ),
    DeleteEventBus: operation<Sdk.DeleteEventBusRequest, object>(
      () => sdk.eventBridge().DeleteEventBus$,
      ({ Name = '' }) => {
        buses.remove(Name);
        return {};
      },
    ),
    DescribeEventBus: operation<Sdk.DescribeEventBusRequest, Sdk.DescribeEventBusResponse>(
      () => sdk.eventBridge().DescribeEventBus$,
      ({ Name }) => described(buses.expect(Name)),
    ),
    ListEventBuses: operation<Sdk.ListEventBusesRequest, Sdk.ListEventBusesResponse>(
      () => sdk.eventBridge().ListEventBuses$,
      ({ NamePrefix = '', Limit, NextToken }) => {
        const named = buses.all().filter(({ name }) => name.startsWith(NamePrefix));
        const { found, next } = page(named, ({ name }) => name, limitOf(Limit), NextToken);
        return { EventBuses: found.map(described), NextToken: next };
      },
    ),
    PutPermission: operation<Sdk.PutPermissionRequest, object>(() => sdk.eventBridge().PutPermission$, putPermission),
    RemovePermission: operation<Sdk.RemovePermissionRequest, object>(() => sdk.eventBridge().RemovePermission$, removePermission),
  };
};
