import { DescribeDBProxiesCommand, RDSClient } from '@aws-sdk/client-rds';
import { lastEvent } from './rds-instance.ts';
import { isOfSource } from './rds-snapshot.ts';
import type { ResourceKind } from './resource-kind.ts';

/** An RDS proxy. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBProxy.html */
export const rdsProxy: ResourceKind = {
  id: 'rds-proxy',
  types: ['database'],
  noun: 'database proxy',
  permissions: ['rds:DescribeDBProxies', 'rds:DescribeEvents'],
  notFound: ['DBProxyNotFound'],
  is: (subject) => isOfSource(subject, 'db-proxy'),
  trailName: ({ resource }) => resource.id,
  observe: async (clients, { resource: { id } }, part) => {
    const rds = clients.of(RDSClient);
    const [{ DBProxies }, event] = await Promise.all([
      rds.send(new DescribeDBProxiesCommand({ DBProxyName: id })),
      part('its events', () => lastEvent(rds, id, 'db-proxy')),
    ]);
    const found = DBProxies?.[0];
    if (!found) return null;
    const { Status = 'unknown', EngineFamily, RequireTLS, CreatedDate, UpdatedDate } = found;
    const changed = UpdatedDate && UpdatedDate.getTime() !== CreatedDate?.getTime();
    return {
      state: Status,
      since: null,
      createdAt: CreatedDate?.getTime() ?? null,
      changed: changed ? { what: 'settings changed', at: UpdatedDate.getTime() } : null,
      facts: [...(event ? [event] : []), `for ${EngineFamily}${RequireTLS ? ', TLS required' : ''}`],
    };
  },
};
