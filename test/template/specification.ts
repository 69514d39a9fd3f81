import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { mentionsIn } from './references.ts';
import { isObject, planted, type Resource, type Template } from './service.ts';

type Specification = ReturnType<typeof loadAwsServiceSpecSync>;
type Known = ReturnType<Specification['all']>[number] & {
  properties: Record<string, Property>;
  attributes: Record<string, unknown>;
};
type Kind = {
  type: string;
  allowedValues?: readonly (string | number)[];
  element?: Kind;
  types?: readonly Kind[];
  reference?: { $ref: string };
};
type Property = { required?: boolean; type: Kind; previousTypes?: readonly Kind[] };

/** Attributes that CloudFormation has and the specification leaves out. */
const unlisted: Record<string, readonly string[]> = {};

const isFunction = (value: unknown): boolean => {
  if (!isObject(value)) return false;
  const [key = '', ...more] = Object.keys(value);
  return more.length === 0 && (key === 'Ref' || key.startsWith('Fn::'));
};

const isNumber = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && value !== '' && !Number.isNaN(Number(value)));

/** What is wrong with a template by the schemas of its resources' types, as AWS publishes them. */
export const schemaProblems = (specification: Specification, { Resources }: Template): string[] => {
  const allowed = ({ allowedValues }: Kind, value: unknown, where: string): string[] =>
    allowedValues === undefined || allowedValues.map(String).includes(String(value))
      ? []
      : [`${where}: ${String(value)} is none of ${allowedValues.join(', ')}`];

  const ofKind = (kind: Kind, value: unknown, where: string): string[] => {
    if (isFunction(value)) {
      const chosen = (value as { 'Fn::If'?: unknown[] })['Fn::If'];
      return chosen ? chosen.slice(1).flatMap((part) => ofKind(kind, part, where)) : [];
    }
    const wrong = [`${where}: is no ${kind.type}`];
    switch (kind.type) {
      case 'string':
        return ['string', 'number', 'boolean'].includes(typeof value) ? allowed(kind, value, where) : wrong;
      case 'integer':
        return isNumber(value) && Number.isInteger(Number(value)) ? allowed(kind, value, where) : wrong;
      case 'number':
        return isNumber(value) ? [] : wrong;
      case 'boolean':
        return typeof value === 'boolean' || value === 'true' || value === 'false' ? [] : wrong;
      case 'array':
        return Array.isArray(value) && kind.element
          ? value.flatMap((item, i) => ofKind(kind.element as Kind, item, `${where}[${i}]`))
          : wrong;
      case 'map':
        return isObject(value) && kind.element
          ? Object.entries(value).flatMap(([key, item]) => ofKind(kind.element as Kind, item, `${where}.${key}`))
          : wrong;
      case 'tag':
        return isObject(value) && 'Key' in value && 'Value' in value ? [] : wrong;
      case 'ref':
        return isObject(value)
          ? ofProperties(specification.get('typeDefinition', kind.reference?.$ref ?? '').properties as never, value, where)
          : wrong;
      case 'union': {
        const each = (kind.types ?? []).map((type) => ofKind(type, value, where));
        return each.some((problems) => problems.length === 0) ? [] : (each[0] ?? wrong);
      }
      default:
        return [];
    }
  };

  const ofProperties = (known: Record<string, Property>, given: Record<string, unknown>, where: string): string[] => [
    ...Object.entries(known).flatMap(([name, { required }]) =>
      required && given[name] === undefined ? [`${where}.${name}: is missing`] : [],
    ),
    ...Object.entries(given).flatMap(([name, value]) => {
      const property = known[name];
      if (!property) return [`${where}.${name}: there is no such property`];
      if (value === undefined) return [];
      const [problems = [], ...before] = [property.type, ...(property.previousTypes ?? [])].map((kind) =>
        ofKind(kind, value, `${where}.${name}`),
      );
      return before.some((none) => none.length === 0) ? [] : problems;
    }),
  ];

  const knownAs = (type: string) =>
    specification.lookup('resource', 'cloudFormationType', 'equals', type)[0] as unknown as Known | undefined;

  return Object.entries(Resources).flatMap(([id, resource]) => {
    const known = knownAs(resource.Type);
    if (!known) return [`${id}: there is no type ${resource.Type}`];
    const problems = ofProperties(known.properties, resource.Properties ?? {}, id);
    for (const { id: target, attribute } of mentionsIn(resource.Properties)) {
      const type = Resources[target]?.Type;
      if (attribute === null || type === undefined) continue;
      const attributes = [...Object.keys(knownAs(type)?.attributes ?? {}), ...(unlisted[type] ?? [])];
      if (!attributes.includes(attribute)) problems.push(`${id}: ${target} has no attribute ${attribute}`);
    }
    return problems;
  });
};

export const specification = (packaged: () => Template): void => {
  describe('its resources', () => {
    let known: Specification;
    beforeAll(() => {
      known = loadAwsServiceSpecSync();
    });

    test('are of types that there are, with the properties that they have, and all that they must have', () => {
      expect(schemaProblems(known, packaged())).toEqual([]);
    });

    test.each<[string, (resources: Template['Resources']) => void, string]>([
      [
        'a type that is none',
        (all) => Object.assign(all.Ledger as Resource, { Type: 'AWS::DynamoDB::Tables' }),
        'Ledger: there is no type AWS::DynamoDB::Tables',
      ],
      [
        'a property that is none',
        (all) => Object.assign((all.AlarmTopic as Resource).Properties, { KmsKeyId: 'x' }),
        'AlarmTopic.KmsKeyId: there is no such property',
      ],
      [
        'a property misspelt far down',
        (all) => Object.assign((all.Canary as Resource).Properties.RunConfig as object, { Timeout: 3 }),
        'Canary.RunConfig.Timeout: there is no such property',
      ],
      [
        'a property that is missing',
        (all) => Reflect.deleteProperty((all.Canary as Resource).Properties, 'Schedule'),
        'Canary.Schedule: is missing',
      ],
      [
        'a value that is none of those',
        (all) => Object.assign((all.IntakeLambdaFunction as Resource).Properties, { TracingConfig: { Mode: 'On' } }),
        'IntakeLambdaFunction.TracingConfig.Mode: On is none of Active, PassThrough',
      ],
      [
        'a number that is text',
        (all) => Object.assign((all.WatchLambdaFunction as Resource).Properties, { Timeout: 'long' }),
        'WatchLambdaFunction.Timeout: is no integer',
      ],
      [
        'an attribute that is none',
        (all) => Object.assign((all.SweepRule as Resource).Properties, { Description: { 'Fn::GetAtt': ['AlarmTopic', 'Arn'] } }),
        'SweepRule: AlarmTopic has no attribute Arn',
      ],
    ])('show %s', (_, change, problem) => {
      expect(schemaProblems(known, planted(packaged(), change))).toContain(problem);
    });
  });
};
