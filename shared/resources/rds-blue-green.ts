import { DescribeBlueGreenDeploymentsCommand, RDSClient } from '@aws-sdk/client-rds';
import { lastEvent } from './rds-instance.ts';
import { isOfSource } from './rds-snapshot.ts';
import type { ResourceKind } from './resource-kind.ts';

/** The name in an ARN: `orders` from `arn:aws:rds:us-east-1:111122223333:db:orders`. */
const nameOf = (arn: string | undefined): string => arn?.split(':').at(-1) ?? 'nothing';

/**
 * An RDS blue/green deployment and its progress. Events may name it by id or name: assumed.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_BlueGreenDeployment.html
 */
export const rdsBlueGreen: ResourceKind = {
  id: 'rds-blue-green',
  types: ['database'],
  noun: 'blue/green deployment',
  permissions: ['rds:DescribeBlueGreenDeployments', 'rds:DescribeEvents'],
  notFound: ['BlueGreenDeploymentNotFound'],
  is: (subject) => isOfSource(subject, 'blue-green-deployment'),
  trailName: ({ resource }) => resource.id,
  observe: async (clients, { resource: { id } }, part) => {
    const rds = clients.of(RDSClient);
    const asked = id.startsWith('bgd-')
      ? { BlueGreenDeploymentIdentifier: id }
      : { Filters: [{ Name: 'blue-green-deployment-name', Values: [id] }] };
    const [{ BlueGreenDeployments }, event] = await Promise.all([
      rds.send(new DescribeBlueGreenDeploymentsCommand(asked)),
      part('its events', () => lastEvent(rds, id, 'blue-green-deployment')),
    ]);
    const found = BlueGreenDeployments?.[0];
    if (!found) return null;
    const { Status = 'unknown', StatusDetails, Source, Target, Tasks = [] } = found;
    const open = Tasks.filter((task) => task.Status !== 'COMPLETED').map((task) => `${task.Name} ${task.Status}`);
    const facts = [event ?? '', StatusDetails ?? '', open.join(', '), `from ${nameOf(Source)} to ${nameOf(Target)}`];
    return {
      state: Status,
      since: null,
      createdAt: found.CreateTime?.getTime() ?? null,
      changed: null,
      facts,
    };
  },
};
