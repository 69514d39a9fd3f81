import { describe, expect, test } from '@jest/globals';
import * as conditions from '../../shared/playbooks/conditions.ts';
import { facts, instanceId, status, targetsOf } from '../remediation/examples.ts';
import { allScenes, type Scene, scenes } from './examples.ts';

const hangs: Scene[] = ['a lone instance that hangs', 'a lone instance with an instance store that hangs', 'a member that hangs'];
const holds: Record<keyof typeof conditions, readonly Scene[]> = {
  lone: allScenes.filter((scene) => scene.startsWith('a lone ')),
  anInstance: allScenes.filter((scene) => scenes[scene].instance !== null),
  inGroup: [
    'a host without an agent',
    'a member that hangs',
    'a member on a failed host',
    'a spot member with an instance store',
    'a member that has left its group',
  ],
  ebsOnly: [
    'a host without an agent',
    'a lone instance that hangs',
    'a lone instance on a failed host',
    'a lone instance that EC2 does not recover',
    'a lone instance whose host is unknown',
    'a lone spot instance on a failed host',
    'a member that hangs',
    'a member on a failed host',
    'a member whose group is gone',
    'a member that has left its group',
  ],
  onDemand: allScenes.filter((scene) => !/spot|whole|database|deployment|service|sick|function|nothing/.test(scene)),
  hostIsFine: [
    'a host without an agent',
    ...hangs,
    'a spot member with an instance store',
    'a member whose group is gone',
    'a member that has left its group',
  ],
  hostIsImpaired: [
    'a lone instance on a failed host',
    'a lone instance that EC2 does not recover',
    'a lone instance with an instance store on a failed host',
    'a lone instance of unknown disks on a failed host',
    'a lone instance with a root device in an instance store',
    'a lone spot instance on a failed host',
    'a member on a failed host',
  ],
  recoveredByEc2: allScenes.filter((scene) => scenes[scene].instance !== null && !/spot|does not recover/.test(scene)),
  reclaimable: ['a lone spot instance on a failed host', 'a spot member with an instance store'],
  fewSickTargets: [],
  noTargetIsSick: [],
  noPortAnswers: [],
  isGroup: allScenes.filter((scene) => scenes[scene].group !== null),
  wholeGroup: ['a whole group'],
  isDatabase: ['a database'],
  isDatabaseCluster: ['a cluster of databases'],
  mayHaveReplicas: [],
  hasLessThanVolume: [],
  hasAllOfVolume: allScenes,
  sourceIsLost: [],
  isDeadLetterQueue: [],
  consumedByGroup: [],
  isContainerHost: ['a host without an agent'],
  isContainerService: [
    'a deployment that fails',
    'a deployment that its circuit breaker ends',
    'a deployment that its circuit breaker has ended',
    'a service that was not deployed',
  ],
  endsItself: ['a deployment that its circuit breaker ends'],
  ownDeployment: [
    'a deployment that fails',
    'a deployment that its circuit breaker ends',
    'a deployment that its circuit breaker has ended',
  ],
  sameDeployment: ['a service that was not deployed'],
  aSickTask: ['a sick task'],
  isCertificate: [],
  isFunction: ['a function'],
  namesFileSystem: [],
};

const byName = { ...conditions };

describe('conditions', () => {
  test.each(Object.keys(holds) as (keyof typeof conditions)[])('%s holds for these, and for no others', (name) => {
    expect(allScenes.filter((scene) => byName[name].met(scenes[scene])).sort()).toEqual([...holds[name]].sort());
  });

  test('a host is neither fine nor impaired while its check is initialising', () => {
    const seen = facts({ status: status({ system: 'initializing' }) });
    expect([conditions.hostIsFine.met(seen), conditions.hostIsImpaired.met(seen)]).toEqual([false, false]);
  });

  test.each([
    ['all ports fail', ['unhealthy', 'unhealthy'], true],
    ['one of three ports fails', ['unhealthy', 'healthy', 'healthy'], false],
    ['a port has only just begun', ['unhealthy', 'initial'], false],
    ['a port that is not used is left out', ['unhealthy', 'unused'], true],
    ['it has no port there', [], false],
  ])('a host is sick as a whole where %s: %j', (_, states, met) => {
    const targets = targetsOf(states.map((state) => ({ id: instanceId, state })));
    expect(conditions.noPortAnswers.met(facts({ targets }))).toBe(met);
  });

  test.each([
    ['it is the only one that is sick', ['unhealthy', 'healthy'], true],
    ['it is sick and another is new', ['unhealthy', 'initial'], true],
    ['half of them are sick', ['unhealthy', 'unhealthy', 'healthy', 'healthy'], true],
    ['more than half are sick', ['unhealthy', 'unhealthy', 'healthy'], false],
    ['another is sick as well', ['unhealthy', 'unhealthy'], false],
    ['another is sick and it is not', ['healthy', 'unhealthy'], false],
    ['none is sick', ['healthy', 'healthy'], false],
  ])('the instance behind a target group is the one to treat where %s: %j', (_, states, met) => {
    const targets = targetsOf(states.map((state, index) => ({ id: index === 0 ? instanceId : `i-0fffffffffffffff${index}`, state })));
    expect(conditions.fewSickTargets.met(facts({ targets }))).toBe(met);
  });

  test('each has a name of its own, for the timeline', () => {
    const ids = Object.values(conditions).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
