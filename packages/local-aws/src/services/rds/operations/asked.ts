import type * as Sdk from '@aws-sdk/client-rds';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { Database, Databases } from '../model/databases.ts';

/** Which databases a call means, and what it is told where there is none. */
export const createAsked = (world: World, { of, find }: Databases) => {
  const named = (kind: Database['kind'], idOrArn: string): string => {
    const prefix = world.arn('rds', kind === 'instance' ? 'db:' : 'cluster:');
    return idOrArn.startsWith(prefix) ? idOrArn.slice(prefix.length) : idOrArn;
  };

  /** Names are stored in lower case, and found in any. */
  const one = (kind: Database['kind'], id: string | undefined): Database => {
    const parameter = kind === 'instance' ? 'DBInstanceIdentifier' : 'DBClusterIdentifier';
    if (id === undefined || id === '') throw new AwsError('MissingParameter', `The request must contain the parameter ${parameter}.`);
    const found = find(kind, named(kind, id));
    if (found) return found;
    if (kind === 'instance') throw new AwsError('DBInstanceNotFound', `DBInstance ${id} not found.`, 404);
    throw new AwsError('DBClusterNotFoundFault', `DBCluster ${id} not found.`, 404);
  };

  const wanted: Readonly<Record<string, (database: Database, values: readonly string[]) => boolean>> = {
    'db-instance-id': ({ kind, id }, values) => kind === 'instance' && values.some((value) => named('instance', value) === id),
    'db-cluster-id': ({ kind, id, cluster }, values) =>
      values.some((value) => named('cluster', value) === (kind === 'cluster' ? id : cluster)),
    engine: ({ engine }, values) => values.includes(engine),
  };

  return {
    one,
    all: (kind: Database['kind'], id: string | undefined, filters: readonly Sdk.Filter[] | undefined): Database[] => {
      const tests = (filters ?? []).map(({ Name, Values = [] }) => {
        const test = Object.hasOwn(wanted, String(Name)) ? wanted[String(Name)] : undefined;
        if (!test || (kind === 'cluster' && Name === 'db-instance-id'))
          throw new AwsError('InvalidParameterValue', `Unrecognized filter name: ${String(Name).slice(0, 100)}`);
        return (database: Database) => test(database, Values);
      });
      const found = id === undefined ? of(kind) : [one(kind, id)];
      return found.filter((database) => tests.every((test) => test(database)));
    },
  };
};
export type Asked = ReturnType<typeof createAsked>;
