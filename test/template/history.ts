import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { type Resource, resourcesOf, type Template } from './service.ts';

const tableSchema = z.object({
  TableInput: z.object({
    Parameters: z.record(z.string(), z.unknown()),
    PartitionKeys: z.array(z.object({ Name: z.string() })),
    StorageDescriptor: z.object({ Columns: z.array(z.object({ Name: z.string(), Type: z.string() })) }),
  }),
});

/** Fields that a query asks of a struct, such as `useridentity.arn`. */
const paths = (sql: string) => [...sql.matchAll(/\b([a-z]+(?:\.[a-z]+)+)\b/g)].map(([, path = '']) => path);

/** The type of a field within Hive's notation of a struct. */
const within = (type: string, path: readonly string[]): boolean => {
  const [field, ...rest] = path;
  if (field === undefined) return true;
  const at = new RegExp(`[<,]${field}:`).exec(type);
  return at !== null && within(type.slice(at.index + at[0].length), rest);
};

export const history = (packaged: () => Template): void => {
  describe('its questions to CloudTrail', () => {
    const table = () => tableSchema.parse(packaged().Resources.HistoryTable?.Properties).TableInput;
    const queries = () =>
      resourcesOf(packaged(), 'AWS::Athena::NamedQuery').map(([id, { Properties }]) => {
        const text = Properties.QueryString as string | { 'Fn::Sub': string };
        return { id, sql: typeof text === 'string' ? text : text['Fn::Sub'], name: String(Properties.Name) };
      });

    test('are the four that an incident raises', () => {
      expect(
        queries()
          .map(({ name }) => name)
          .sort(),
      ).toEqual([
        'selfheal-prod-failed-calls',
        'selfheal-prod-own-actions',
        'selfheal-prod-what-changed-before-the-incident',
        'selfheal-prod-who-touched-this-resource',
      ]);
    });

    test('ask for columns that the table has, and for few of its days', () => {
      const columns = new Map(table().StorageDescriptor.Columns.map(({ Name, Type }) => [Name, Type]));
      for (const { id, sql } of queries()) {
        expect([id, /\bFROM cloudtrail\b/.test(sql)]).toEqual([id, true]);
        expect([id, /\bday >= date_format\(current_date - interval '\d' day, '%Y\/%m\/%d'\)/.test(sql)]).toEqual([id, true]);
        const bare = sql.replace(/'[^']*'/g, "''");
        for (const path of paths(bare)) {
          const [column = '', ...rest] = path.split('.');
          if (['asked', 'r', 'amazonaws'].includes(column)) continue;
          expect([id, path, within(columns.get(column) ?? '', rest)]).toEqual([id, path, true]);
        }
        for (const [, column] of bare.matchAll(/\b(event\w+|readonly|errorcode|sourceipaddress|useragent|requestparameters)\b/g)) {
          expect(columns.has(column ?? '')).toBe(true);
        }
      }
    });

    test('know selfheal by the role that acts', () => {
      const own = packaged().Resources.OwnActions as Resource;
      expect(JSON.stringify(own.Properties.QueryString)).toContain(`sessionissuer.arn = '$${'{RemediateRole.Arn}'}'`);
    });

    test('find a day by its name: the partition is in the place', () => {
      const { Parameters, PartitionKeys } = table();
      expect(PartitionKeys).toEqual([{ Name: 'day', Type: 'string' }].map(({ Name }) => expect.objectContaining({ Name })));
      expect(JSON.stringify(Parameters['storage.location.template'])).toMatch(/\/CloudTrail\/\$\{AWS::Region\}\/\$\{!day\}"/);
      expect(Parameters['projection.day.format']).toBe('yyyy/MM/dd');
    });

    test('are only there where there is a bucket to ask', () => {
      for (const [id, { Type, Condition }] of Object.entries(packaged().Resources)) {
        if (/^AWS::(Athena|Glue)::/.test(Type)) expect([id, Condition]).toEqual([id, 'KeepsHistory']);
      }
    });
  });
};
