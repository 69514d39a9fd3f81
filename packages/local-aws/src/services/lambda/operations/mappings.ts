import type * as Sdk from '@aws-sdk/client-lambda';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { Mapping, Mappings } from '../model/mappings.ts';
import { conflict, type Lookup, notFound, type Out, paginate } from './common.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html */
export const mappingOperations = (world: World, { all, create, turn }: Mappings, { arnOf, expect }: Lookup): Service['operations'] => {
  const describe = (mapping: Mapping): Sdk.EventSourceMappingConfiguration => ({
    UUID: mapping.id,
    BatchSize: mapping.batchSize,
    EventSourceArn: mapping.source,
    FunctionArn: arnOf(mapping.functionName, mapping.target || undefined),
    LastModified: new Date(mapping.modifiedAt),
    LastProcessingResult: mapping.result,
    State: mapping.state,
    StateTransitionReason: mapping.reason,
    EventSourceMappingArn: world.arn('lambda', `event-source-mapping:${mapping.id}`),
  });

  const expectMapping = (id = ''): Mapping => {
    const found = all.get(id);
    if (!found) throw notFound('The resource you requested does not exist.');
    return found;
  };

  const checkIdle = ({ state }: Mapping): void => {
    if (state === 'Enabled' || state === 'Disabled') return;
    throw new AwsError('ResourceInUseException', `Cannot update the event source mapping because it is in use: its state is ${state}.`);
  };

  const make = (input: Sdk.CreateEventSourceMappingCommandInput): Out<Sdk.CreateEventSourceMappingCommandOutput> => {
    const { found, qualifier } = expect(input.FunctionName);
    const { EventSourceArn: source = '', Enabled = true, BatchSize } = input;
    const target = qualifier ?? '';
    if (target !== '' && !found.aliases.has(target) && !found.versions.has(target))
      throw notFound(`Function not found: ${arnOf(found.name, target)}`);
    const same = [...all.values()].find((one) => one.source === source && one.functionName === found.name && one.target === target);
    if (same)
      throw conflict(
        `The event source arn (" ${source} ") and function (" ${found.name} ") provided mapping already exists. Please update or delete the existing mapping with UUID ${same.id}`,
      );
    const mapping = create({ functionName: found.name, target, source, enabled: Enabled });
    mapping.batchSize = BatchSize ?? mapping.batchSize;
    return describe(mapping);
  };

  const update = (input: Sdk.UpdateEventSourceMappingCommandInput): Out<Sdk.UpdateEventSourceMappingCommandOutput> => {
    const mapping = expectMapping(input.UUID);
    checkIdle(mapping);
    mapping.batchSize = input.BatchSize ?? mapping.batchSize;
    const on = input.Enabled ?? mapping.state === 'Enabled';
    if (on !== (mapping.state === 'Enabled')) turn(mapping, on ? 'Enabling' : 'Disabling', on ? 'Enabled' : 'Disabled');
    else turn(mapping, 'Updating', mapping.state);
    return describe(mapping);
  };

  const remove = (input: Sdk.DeleteEventSourceMappingCommandInput): Out<Sdk.DeleteEventSourceMappingCommandOutput> => {
    const mapping = expectMapping(input.UUID);
    checkIdle(mapping);
    turn(mapping, 'Deleting', undefined);
    return describe(mapping);
  };

  const list = (input: Sdk.ListEventSourceMappingsCommandInput): Out<Sdk.ListEventSourceMappingsCommandOutput> => {
    const { FunctionName, EventSourceArn, Marker, MaxItems = 100 } = input;
    const asked = FunctionName === undefined ? undefined : expect(FunctionName);
    const rows = [...all.values()].filter(
      (one) =>
        (asked === undefined || (one.functionName === asked.found.name && (asked.qualifier ?? one.target) === one.target)) &&
        (EventSourceArn === undefined || one.source === EventSourceArn),
    );
    const { page, next } = paginate(rows, { Marker, MaxItems }, 100);
    return { EventSourceMappings: page.map(describe), ...next };
  };

  return {
    CreateEventSourceMapping: operation<Sdk.CreateEventSourceMappingCommandInput, Sdk.CreateEventSourceMappingCommandOutput>(
      () => sdk.lambda().CreateEventSourceMapping$,
      make,
    ),
    GetEventSourceMapping: operation<Sdk.GetEventSourceMappingCommandInput, Sdk.GetEventSourceMappingCommandOutput>(
      () => sdk.lambda().GetEventSourceMapping$,
      ({ UUID }) => describe(expectMapping(UUID)),
    ),
    ListEventSourceMappings: operation<Sdk.ListEventSourceMappingsCommandInput, Sdk.ListEventSourceMappingsCommandOutput>(
      () => sdk.lambda().ListEventSourceMappings$,
      list,
    ),
    UpdateEventSourceMapping: operation<Sdk.UpdateEventSourceMappingCommandInput, Sdk.UpdateEventSourceMappingCommandOutput>(
      () => sdk.lambda().UpdateEventSourceMapping$,
      update,
    ),
    DeleteEventSourceMapping: operation<Sdk.DeleteEventSourceMappingCommandInput, Sdk.DeleteEventSourceMappingCommandOutput>(
      () => sdk.lambda().DeleteEventSourceMapping$,
      remove,
    ),
  };
};
