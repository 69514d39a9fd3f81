import { describe, expect, test } from '@jest/globals';
import type { Call } from '#local-aws';
import { runAs } from '../../local/testbed/engine/process.ts';
import type { Observer } from '../../local/worlds/observer.ts';
import { observePlaces } from '../../local/worlds/places.ts';
import { scenarioSchema, type WrittenScenario } from '../../local/worlds/schema.ts';
import type { Place } from '../../shared/model/place.ts';

const home = { account: '111111111111', region: 'us-east-1' };
const member = { account: '222222222222', region: 'us-east-1' };
const abroad = { account: '222222222222', region: 'eu-west-1' };
const stranger = { account: '333333333333', region: 'us-east-1' };

const call = (place: Place, operation: string, input: object = {}, service = 'ec2', userAgent = 'aws-sdk-js app/selfheal'): Call => ({
  ...{ service, operation, input: { ...input } },
  context: { ...place, now: 0, requestId: '', accessKey: 'ASIA1', userAgent },
});
const start = (incident: Place, alarm?: string) =>
  call(
    home,
    'Invoke',
    {
      DurableExecutionName: 'x-1',
      Payload: new TextEncoder().encode(JSON.stringify({ ...incident, alarm: alarm === undefined ? null : { name: 'a', arn: alarm } })),
    },
    'lambda',
  );

/** What is objected to, and which calls each place's observer is shown. */
const judge = (...calls: Call[]) => {
  const objected: string[] = [];
  const seen = new Map<string, string[]>();
  const observers = [home, member, abroad, stranger].map((place) => {
    const own: string[] = [];
    seen.set(`${place.account}/${place.region}`, own);
    const observer = {
      object: (promise: string, _resource: string, text: string) => objected.push(`${promise}: ${text}`),
      interceptor: { before: ({ operation, context }: Call) => own.push(`${operation} by ${context.accessKey}`), after: () => undefined },
    };
    return { place, member: place !== stranger, observer: observer as unknown as Observer };
  });
  const interceptor = observePlaces(home, observers);
  runAs({ name: 'x-1', dead: false, die: () => {} }, () => {
    for (const one of calls) interceptor.before?.(one);
  });
  return { objected, seen: (place: Place) => seen.get(`${place.account}/${place.region}`) };
};

describe('the observer of an organisation', () => {
  test.each([
    ['in the account and region of the failure', member, 'RebootInstances', member, []],
    [
      'in the hub’s own account for a failure in a member',
      member,
      'RebootInstances',
      home,
      ['own-place: RebootInstances in 111111111111, us-east-1 for a failure in 222222222222, us-east-1'],
    ],
    [
      'in another region of the same account',
      member,
      'TerminateInstanceInAutoScalingGroup',
      abroad,
      ['own-place: TerminateInstanceInAutoScalingGroup in 222222222222, eu-west-1 for a failure in 222222222222, us-east-1'],
    ],
    ['where there is no member', stranger, 'StopInstances', stranger, ['own-place: StopInstances where there is no stack of a member']],
    ['that only looks', member, 'DescribeInstances', home, []],
  ])('judges what is done %s', (_, failure, operation, where, objections) => {
    expect(judge(start(failure), call(where, operation)).objected).toEqual(objections);
  });

  test('lets a dry run pass, and what people do', () => {
    const others = call(home, 'RebootInstances', {}, 'ec2', 'aws-sdk-js app/operator');
    expect(judge(start(member), call(home, 'RebootInstances', { DryRun: true }), others).objected).toEqual([]);
  });

  test('objects to an incident that an alarm of another account has started', () => {
    const arn = (account: string) => `arn:aws:cloudwatch:us-east-1:${account}:alarm:cpu`;
    expect(judge(start(member, arn(member.account))).objected).toEqual([]);
    expect(judge(start(member, arn(stranger.account))).objected).toEqual([
      'own-place: an alarm of 333333333333, us-east-1 starts an incident in 222222222222, us-east-1',
    ]);
  });

  test('shows each observer the calls of its place, those about it from the hub, and the ledger', () => {
    const Entries = [{ Source: 'selfheal', Detail: JSON.stringify({ incident: 'x-1', ...member }) }];
    const { seen } = judge(
      start(member),
      call(member, 'RebootInstances'),
      call(home, 'PutEvents', { Entries }, 'events'),
      call(home, 'UpdateItem', {}, 'dynamodb'),
    );
    const all = ['Invoke', 'RebootInstances', 'PutEvents', 'UpdateItem'].map((operation) => `${operation} by selfheal`);
    expect([member, abroad, home].map(seen)).toEqual([all, ['UpdateItem by selfheal'], ['UpdateItem by selfheal']]);
  });
});

describe('the places of a scenario', () => {
  const scenario = (places: WrittenScenario['places']): WrittenScenario => ({
    ...{ name: 'two', hypothesis: 'each for itself' },
    fleet: {},
    timeline: [{ at: '0s', do: 'all-clear' }],
    expect: { outcomes: [] },
    ...(places && { places }),
  });
  const issues = (places: WrittenScenario['places']) =>
    scenarioSchema.safeParse(scenario(places)).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

  test.each([
    [{ shop: { ...member, fleet: {} } }, []],
    [{ shop: { ...member, fleet: {} }, again: { ...member, fleet: {} } }, ['places.again: 222222222222 in us-east-1 is there twice']],
    [{ shop: { account: '111122223333', region: 'us-east-1', fleet: {} } }, ['places.shop: 111122223333 in us-east-1 is there twice']],
    [{ shop: { ...member, account: '12', fleet: {} } }, ['places.shop.account: must be 12 digits']],
    [
      { shop: { ...member, fleet: {}, timeline: [{ at: '0s', do: 'hang-kernel' as const, on: 'web' }] } },
      ['places.shop.timeline.0.on: there is no instance web in the fleet'],
    ],
  ])('are checked: %j', (places, wrong) => {
    expect(issues(places)).toEqual(wrong);
  });
});
