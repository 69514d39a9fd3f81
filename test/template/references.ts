import { describe, expect, test } from '@jest/globals';
import { isObject, type Json, list, planted, type Resource, type Template } from './service.ts';

/** A mention of a resource: its id, the attribute that is asked of it, and the conditions under which it is asked at all. */
type Mention = { id: string; attribute: string | null; under: readonly string[] };

const inText = (text: string): { id: string; attribute: string | null }[] =>
  [...text.matchAll(/\$\{(?!!)([^}]+)\}/g)].map(([, name = '']) => {
    const [id = '', ...attribute] = name.split('.');
    return { id, attribute: attribute.length > 0 ? attribute.join('.') : null };
  });

/** Everything that a part of the template refers to. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html */
export const mentionsIn = (value: unknown, under: readonly string[] = []): Mention[] => {
  if (Array.isArray(value)) return value.flatMap((item) => mentionsIn(item, under));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, given]) => {
    if (key === 'Ref') return [{ id: String(given), attribute: null, under }];
    if (key === 'Fn::GetAtt') {
      const [id = '', ...attribute] = Array.isArray(given) ? given.map(String) : String(given).split('.');
      return [{ id, attribute: attribute.join('.'), under }];
    }
    if (key === 'Fn::Sub') {
      const [text, values] = list(given as string | [string, Json]) as [string, Json | undefined];
      const own = inText(text).filter(({ id }) => !Object.hasOwn(values ?? {}, id));
      return [...own.map((mention) => ({ ...mention, under })), ...mentionsIn(values, under)];
    }
    if (key === 'Fn::If') {
      const [condition, yes, no] = given as [string, unknown, unknown];
      return [...mentionsIn(yes, [...under, condition]), ...mentionsIn(no, under)];
    }
    return mentionsIn(given, under);
  });
};

const dependsOn = ({ DependsOn }: Resource): Mention[] => list(DependsOn).map((id) => ({ id, attribute: null, under: [] }));

/** Whether a condition can only be true where another one is. */
const implies = (conditions: Json, a: string, b: string): boolean => {
  if (a === b) return true;
  const inner = (name: string, kind: 'Fn::And' | 'Fn::Or') =>
    list((conditions[name] as Json | undefined)?.[kind] as Json[] | undefined).flatMap(({ Condition }) =>
      typeof Condition === 'string' ? [Condition] : [],
    );
  return (
    inner(b, 'Fn::Or').some((part) => implies(conditions, a, part)) || inner(a, 'Fn::And').some((part) => implies(conditions, part, b))
  );
};

const referenceProblems = ({ Resources, Conditions = {}, Outputs = {} }: Template): string[] => {
  const problems: string[] = [];
  const check = (from: string, condition: string | undefined, mentions: readonly Mention[]) => {
    for (const { id, under } of mentions) {
      if (id.startsWith('AWS::')) continue;
      const target = Resources[id];
      if (!target) problems.push(`${from}: there is no ${id}`);
      else if (target.Condition !== undefined) {
        const held = [...under, ...list(condition)];
        if (!held.some((name) => implies(Conditions, name, target.Condition ?? '')))
          problems.push(`${from}: ${id} is only there if ${target.Condition}`);
      }
      for (const name of under) if (!Object.hasOwn(Conditions, name)) problems.push(`${from}: there is no condition ${name}`);
    }
    if (condition !== undefined && !Object.hasOwn(Conditions, condition)) problems.push(`${from}: there is no condition ${condition}`);
  };
  for (const [id, resource] of Object.entries(Resources)) {
    check(id, resource.Condition, [...mentionsIn(resource.Properties), ...dependsOn(resource)]);
  }
  for (const [id, { Value, Condition }] of Object.entries(Outputs))
    check(`output ${id}`, Condition as string | undefined, mentionsIn(Value));
  return problems;
};

/** A round of resources that wait for each other, or null. Packaging doesn't see one; a deployment refuses it. */
const cycleIn = ({ Resources }: Template): string[] | null => {
  const done = new Set<string>();
  const visit = (id: string, path: readonly string[]): string[] | null => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    const resource = Resources[id];
    if (done.has(id) || !resource) return null;
    for (const next of new Set([...mentionsIn(resource.Properties), ...dependsOn(resource)].map((mention) => mention.id))) {
      const found = visit(next, [...path, id]);
      if (found) return found;
    }
    done.add(id);
    return null;
  };
  for (const id of Object.keys(Resources)) {
    const found = visit(id, []);
    if (found) return found;
  }
  return null;
};

export const references = (packaged: () => Template): void => {
  describe('its references', () => {
    test('lead to something that is there, whatever is switched on', () => {
      expect(referenceProblems(packaged())).toEqual([]);
    });

    test('go round in no circle', () => {
      expect(cycleIn(packaged())).toBeNull();
    });

    test('show one that leads nowhere', () => {
      const wrong = planted(packaged(), ({ HeartbeatAlarm, WatchRole, Canary }) => {
        if (HeartbeatAlarm) HeartbeatAlarm.Properties.AlarmActions = [{ Ref: 'OperationTopic' }];
        if (WatchRole) WatchRole.DependsOn = ['Nothing'];
        if (Canary) Canary.Condition = 'HasCanaries';
      });
      expect(referenceProblems(wrong).sort()).toEqual([
        'Canary: CanaryArtifacts is only there if HasCanary',
        'Canary: CanaryRole is only there if HasCanary',
        'Canary: there is no condition HasCanaries',
        'CanaryAlarm: Canary is only there if HasCanaries',
        'HeartbeatAlarm: there is no OperationTopic',
        'WatchRole: there is no Nothing',
      ]);
    });

    test('show one to what is not always there', () => {
      const wrong = planted(packaged(), ({ RemediateLambdaFunction, OptInsToEarlyWarning }) => {
        if (RemediateLambdaFunction) RemediateLambdaFunction.Properties.Description = { 'Fn::Sub': 'tells $' + '{ChatTopic}' };
        delete OptInsToEarlyWarning?.Condition;
      });
      expect(referenceProblems(wrong).sort()).toEqual([
        'OptInsToEarlyWarning: EarlyWarningLambdaFunction is only there if WarnsEarly',
        'OptInsToEarlyWarning: EarlyWarningRole is only there if WarnsEarly',
        'OptInsToEarlyWarning: OptIns is only there if WarnsEarly',
        'RemediateLambdaFunction: ChatTopic is only there if HasChat',
      ]);
    });

    test('show a circle', () => {
      // What packaging does not notice: the role of a function that names the function.
      const round = planted(packaged(), ({ WatchRole }) => {
        if (WatchRole) WatchRole.Properties.Description = { 'Fn::Sub': 'of $' + '{WatchLambdaFunction.Arn}' };
      });
      expect(cycleIn(round)?.toSorted()).toEqual(expect.arrayContaining(['WatchLambdaFunction', 'WatchRole']));
    });
  });
};
