import type { Ec2 } from '../../core/service-interfaces.ts';
import type { World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import { createCommands } from './operations/commands.ts';
import { createDocuments, type Documents } from './operations/documents.ts';
import { createParameters, type Parameters } from './operations/parameters.ts';

export type Ssm = {
  service: Service;
  putParameter: Parameters['put'];
  putCalendar: Documents['putCalendar'];
};

/** Systems Manager: Parameter Store, change calendars and Run Command. */
export const createSsm = (world: World, ec2: Ec2): Ssm => {
  const parameters = createParameters(world);
  const documents = createDocuments(world);
  return {
    putParameter: parameters.put,
    putCalendar: documents.putCalendar,
    service: {
      signingName: 'ssm',
      protocols: ['json'],
      targetPrefix: 'AmazonSSM',
      missingParameter: 'ValidationException',
      operations: { ...parameters.operations, ...documents.operations, ...createCommands(world, ec2, documents) },
    },
  };
};
