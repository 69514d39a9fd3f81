import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { scenarioNames } from '../../local/worlds/library.ts';
import { readScenario } from '../../local/worlds/read.ts';
import { base } from '../../local/worlds/schema.ts';
import { stepSchema } from '../../local/worlds/steps.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = read('docs/gameday.md');

describe('docs/gameday.md', () => {
  test('shows a scenario that can be read', () => {
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const found = readScenario(example, 'example.yml');
    expect('problems' in found ? found.problems : []).toEqual([]);
  });

  test('names every kind of step, every field of a fleet and everything that can be expected', () => {
    const steps = stepSchema.options.map(({ shape }) => shape.do.value);
    const { fleet, expect: expected } = base.shape;
    const fields = [fleet.shape.instances, fleet.shape.groups, fleet.shape.targetGroups, fleet.shape.keys].flatMap((field) => {
      const { valueType } = field.def.innerType.def;
      return Object.keys(('shape' in valueType ? valueType.shape : {}) as object);
    });
    const missing = [...steps, ...fields, ...Object.keys(expected.shape)].filter((name) => !page.includes(`\`${name}\``));
    expect(missing).toEqual([]);
  });

  test('names only scenarios and files that there are', () => {
    const table = page.slice(page.indexOf('| scenario |'), page.indexOf('AWS lists all'));
    const named = [...table.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    );
    expect(named.length).toBeGreaterThan(10);
    const names = scenarioNames();
    expect(named.filter((name) => !names.some((one) => (name.endsWith('…') ? one.startsWith(name.slice(0, -1)) : one === name)))).toEqual(
      [],
    );
    for (const [, path = ''] of page.matchAll(/`((?:docs|test|events)\/[\w./-]+)`/g))
      expect([path, existsSync(new URL(`../../${path}`, import.meta.url))]).toEqual([path, true]);
  });
});

type Template = { Type: string; Properties: Record<string, unknown> };
type Experiment = {
  Description: string;
  RoleArn: unknown;
  StopConditions: { Source: string; Value: unknown }[];
  ExperimentOptions: Record<string, string>;
  Targets: Record<string, { ResourceType: string; ResourceTags: Record<string, string>; SelectionMode: string }>;
  Actions: Record<string, { ActionId: string; Parameters: Record<string, unknown>; Targets: Record<string, string> }>;
};

describe('docs/fis/gameday.json', () => {
  const { Resources } = JSON.parse(read('docs/fis/gameday.json')) as { Resources: Record<string, Template> };
  const experiments = Object.entries(Resources).flatMap(([name, { Type, Properties }]) =>
    Type === 'AWS::FIS::ExperimentTemplate' ? [[name, Properties as unknown as Experiment] as const] : [],
  );

  test.each(experiments)('%s stops by an alarm, breaks only what is tagged for it, and knows its own targets', (_, experiment) => {
    expect(experiment.Description.length).toBeLessThanOrEqual(512);
    expect(experiment.StopConditions).toEqual([{ Source: 'aws:cloudwatch:alarm', Value: { Ref: 'StopAlarmArn' } }]);
    expect(experiment.ExperimentOptions.EmptyTargetResolutionMode).toBe('fail');
    for (const { ResourceTags } of Object.values(experiment.Targets)) expect(ResourceTags).toEqual({ gameday: 'on', selfheal: 'on' });
    for (const { Targets, Parameters } of Object.values(experiment.Actions)) {
      for (const target of Object.values(Targets)) expect(experiment.Targets).toHaveProperty(target);
      expect(Parameters.duration).toMatch(/^PT\d+M$/);
      if (typeof Parameters.documentParameters === 'string') JSON.parse(Parameters.documentParameters);
    }
  });

  test('lets its role send commands to what is tagged for it alone', () => {
    const policies = Resources.ExperimentRole?.Properties.Policies;
    const [policy] = (policies ?? []) as { PolicyDocument: { Statement: Record<string, unknown>[] } }[];
    const sends = policy?.PolicyDocument.Statement.filter(({ Action }) => Action === 'ssm:SendCommand') ?? [];
    const toInstances = sends.filter(({ Resource }) => JSON.stringify(Resource).includes(':instance/'));
    expect(toInstances.map(({ Condition }) => Condition)).toEqual([{ StringEquals: { 'aws:ResourceTag/gameday': 'on' } }]);
    const others = policy?.PolicyDocument.Statement.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action);
    expect(others).toEqual(['ssm:ListCommands', 'ssm:CancelCommand', 'ec2:DescribeInstances']);
  });
});
