import { expect, test } from '@jest/globals';
import type { ResourceSnapshot } from '../../shared/model/snapshot.ts';
import type { Playbook } from '../../shared/playbooks/playbook.ts';
import type { NamedCommand } from '../../shared/playbooks/with-command.ts';
import {
  clusterMembers,
  containerHost,
  containerService,
  database,
  facts,
  functionFacts,
  group,
  groupFacts,
  groupName,
  instance,
  memberFacts,
  memberOf,
  status,
  targetsOf,
  task,
} from '../remediation/examples.ts';

const nameOf = (step: Playbook['ladder'][number]): string => (step.kind === 'act' ? step.action.id : step.kind);

/** The steps of a ladder that fit what a look saw, in their order; an action by its id, anything else by its kind. */
export const stepsFor = ({ ladder }: Pick<Playbook, 'ladder'>, seen: ResourceSnapshot): string[] =>
  ladder.filter((step) => step.kind === 'maintenance-window' || step.when.every(({ met }) => met(seen))).map(nameOf);

const bad = { status: status({ instance: 'impaired' }) };
const badHost = { status: status({ system: 'impaired', instance: 'impaired' }) };

/** A command of the policy that restarts nginx, and interrupts what it serves unless it says otherwise. */
export const command = (change: Partial<NamedCommand> = {}): NamedCommand => ({
  name: 'restart-nginx',
  document: 'Shop-RestartService',
  version: '3',
  parameters: { Service: ['nginx'] },
  timeout: '2m',
  effects: ['interrupts'],
  ...change,
});

/** None, one that interrupts what the instance serves, and one that doesn't. */
export const commands = [null, command(), command({ effects: [] })];

/** What a look may see, by what a person would call it. */
export const scenes = {
  'a lone instance that hangs': facts(bad),
  'a lone instance on a failed host': facts(badHost),
  'a lone instance that EC2 does not recover': facts({ ...badHost, instance: instance({ autoRecovery: false }) }),
  'a lone instance whose host is unknown': facts({ status: null }),
  'a lone instance with an instance store that hangs': facts({ ...bad, instance: instance({ instanceStore: true }) }),
  'a lone instance with an instance store on a failed host': facts({ ...badHost, instance: instance({ instanceStore: true }) }),
  'a lone instance of unknown disks on a failed host': facts({ ...badHost, instance: instance({ instanceStore: null }) }),
  'a lone instance with a root device in an instance store': facts({ ...badHost, instance: instance({ rootDevice: 'instance-store' }) }),
  'a lone spot instance on a failed host': facts({ ...badHost, instance: instance({ spot: true }) }),
  'a member that hangs': memberFacts(bad),
  'a member on a failed host': memberFacts(badHost),
  'a spot member with an instance store': memberFacts({ instance: instance({ groupName, spot: true, instanceStore: true }) }),
  'a member whose group is gone': memberFacts({ ...bad, group: null }),
  'a member that has left its group': memberFacts({ ...bad, group: group({ members: [memberOf('i-0ffffffffffffffff')] }) }),
  'a whole group': groupFacts(),
  'a database': facts({ instance: null, status: null, database: database() }),
  'a cluster of databases': facts({ instance: null, status: null, database: database({ members: clusterMembers() }) }),
  'a deployment that fails': facts({ instance: null, status: null, service: containerService() }),
  'a deployment that its circuit breaker ends': facts({
    instance: null,
    status: null,
    service: containerService({ endsFailures: 'rolls-back' }),
  }),
  'a deployment that its circuit breaker has ended': facts({
    instance: null,
    status: null,
    service: containerService({ endsFailures: 'stops', deployment: { status: 'STOPPED' } }),
  }),
  'a service that was not deployed': facts({
    instance: null,
    status: null,
    service: containerService({ rollout: 'COMPLETED', rollouts: 1, deployment: { status: 'SUCCESSFUL', target: 'checkout:1' } }),
  }),
  'a host without an agent': memberFacts({ host: containerHost() }),
  'a sick task': facts({
    instance: null,
    status: null,
    task: task(),
    targets: targetsOf([
      { id: '10.0.16.5', state: 'unhealthy' },
      { id: '10.0.16.6', state: 'healthy' },
      { id: '10.0.16.7', state: 'healthy' },
    ]),
  }),
  'a function': functionFacts(),
  'nothing at all': facts({ instance: null, status: null }),
} satisfies Record<string, ResourceSnapshot>;

export type Scene = keyof typeof scenes;
export const allScenes = Object.keys(scenes) as Scene[];
export const storeScenes = allScenes.filter((scene) => {
  const { instance: seen } = scenes[scene];
  return seen !== null && (seen.instanceStore !== false || seen.rootDevice !== 'ebs');
});

/** What holds for the playbooks that end with status checks that pass. */
export const testRestart = ({ failing, healthy, ladder }: Playbook): void => {
  test('is for what is seen to fail, and ends when it is seen to be well', () => {
    expect(failing.map(({ id }) => id)).toEqual(['status-checks-pass']);
    expect(healthy.map(({ id }) => id)).toEqual(['status-checks-pass', 'alarm-is-ok']);
  });

  test('calls a member healed once it is replaced, whatever its own alarm says', () => {
    const replace = ladder.find((step) => step.kind === 'act' && step.action.id === 'replace-member');
    expect(replace).toMatchObject({ healthy: [{ id: 'member-is-replaced' }] });
  });
};
