import { describe, expect, test } from '@jest/globals';
import { maxDuration } from '../../shared/aws/executions.ts';
import { type Json, planted, referred, resourcesOf, type Template } from './service.ts';

/**
 * What would have an execution under way replayed by another version than it began with, or lose the version before its end: a version that
 * is deleted with the next deployment, an alias that isn't pinned to one, a start that names neither.
 */
const problems = (template: Template): string[] => {
  const versions = new Map(resourcesOf(template, 'AWS::Lambda::Version'));
  const aliases = resourcesOf(template, 'AWS::Lambda::Alias').map(([, { Properties }]) => Properties);
  const durable = resourcesOf(template, 'AWS::Lambda::Function').filter(([, { Properties }]) => Properties.DurableConfig);
  const starts = resourcesOf(template, 'AWS::Lambda::Function').flatMap(([, { Properties }]) => {
    const { Variables = {} } = (Properties.Environment ?? {}) as { Variables?: Json };
    return Variables.REMEDIATE_QUALIFIER === undefined ? [] : [Variables.REMEDIATE_QUALIFIER];
  });
  return durable.flatMap(([id, { Properties }]) => {
    const { ExecutionTimeout } = Properties.DurableConfig as { ExecutionTimeout: number };
    const own = aliases.filter(({ FunctionName }) => referred(FunctionName) === id);
    const pinned = own.map(({ FunctionVersion }) => versions.get(referred(FunctionVersion) ?? ''));
    return [
      ...(own.length === 1 ? [] : [`${id} has ${own.length} aliases`]),
      ...(pinned.every((version) => version && referred(version.Properties.FunctionName) === id) ? [] : [`an alias of ${id} moves`]),
      ...(pinned.every((version) => (version as Json | undefined)?.DeletionPolicy === 'Retain') ? [] : [`old versions of ${id} go`]),
      ...(own.every(({ Name }) => starts.length > 0 && starts.every((name) => name === Name)) ? [] : [`${id} is started elsewhere`]),
      ...(ExecutionTimeout * 1000 <= maxDuration ? [] : [`${id} may outlive its version`]),
    ];
  });
};

export const versions = (template: () => Template): void => {
  describe('an execution under way', () => {
    test('stays on the version that it began with, which is kept until its end', () => {
      expect(resourcesOf(template(), 'AWS::Lambda::Function').filter(([, { Properties }]) => Properties.DurableConfig)).toHaveLength(1);
      expect(problems(template())).toEqual([]);
    });

    test.each<[string, (kind: (type: string) => Json[]) => void]>([
      ['RemediateLambdaFunction has 0 aliases', (kind) => Object.assign(kind('AWS::Lambda::Alias')[0] ?? {}, { Type: 'None' })],
      ['an alias of RemediateLambdaFunction moves', (kind) => setIn(kind('AWS::Lambda::Alias'), 'FunctionVersion', '$LATEST')],
      [
        'old versions of RemediateLambdaFunction go',
        (kind) => Object.assign(kind('AWS::Lambda::Version')[0] ?? {}, { DeletionPolicy: 'Delete' }),
      ],
      ['RemediateLambdaFunction is started elsewhere', (kind) => setIn(kind('AWS::Lambda::Alias'), 'Name', 'other')],
      [
        'RemediateLambdaFunction may outlive its version',
        (kind) => setIn(kind('AWS::Lambda::Function').filter(isDurable), 'DurableConfig', { ExecutionTimeout: 31_536_000 }),
      ],
    ])('is noticed where %s', (problem, change) => {
      const changed = planted(template(), (resources) => change((type) => Object.values(resources).filter(({ Type }) => Type === type)));
      expect(problems(changed)).toContain(problem);
    });
  });
};

const isDurable = (resource: Json): boolean => (resource.Properties as Json).DurableConfig !== undefined;

const setIn = (resources: Json[], property: string, value: unknown): void => {
  for (const { Properties } of resources) Object.assign(Properties as Json, { [property]: value });
};
