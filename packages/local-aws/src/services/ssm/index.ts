import type { Ec2, SystemsManager } from '../../core/service-interfaces.ts';
import type { World } from '../../core/world.ts';
import { createAgents } from './model/agents.ts';
import { createDocumentStore } from './model/documents.ts';
import { createInvocations } from './model/invocations.ts';
import { calendarOperations } from './operations/calendars.ts';
import { commandOperations } from './operations/commands.ts';
import { documentOperations } from './operations/documents.ts';
import { instanceOperations } from './operations/instances.ts';
import { opsItemOperations } from './operations/ops-items.ts';
import { createParameters } from './operations/parameters.ts';

/** Systems Manager: Parameter Store, documents, change calendars, OpsCenter, and Run Command with the agents that carry it out. */
export const createSsm = (world: World, ec2: Ec2): SystemsManager => {
  const parameters = createParameters(world);
  const store = createDocumentStore(world);
  const agents = createAgents(world, ec2);
  const commands = createInvocations(world, { ec2, agents, store });
  return {
    putParameter: parameters.put,
    putCalendar: store.placeCalendar,
    placeDocument: store.place,
    changeEffect: store.override,
    loseAgent: agents.lose,
    service: {
      signingName: 'ssm',
      protocols: ['json'],
      targetPrefix: 'AmazonSSM',
      missingParameter: 'ValidationException',
      operations: {
        ...parameters.operations,
        ...documentOperations(world, store),
        ...calendarOperations(world, store),
        ...commandOperations(world, { ec2, agents, store, commands }),
        ...instanceOperations(ec2, agents),
        ...opsItemOperations(world),
      },
    },
  };
};
