import { describe, expect, test } from '@jest/globals';
import { assess } from '../../shared/health/health.ts';
import type { Incident } from '../../shared/model/incident.ts';
import type { ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { relieveMemory } from '../../shared/playbooks/relieve-memory.ts';
import { withCommand } from '../../shared/playbooks/with-command.ts';
import { alarm, facts, groupFacts, groupName, incident, instance } from '../remediation/examples.ts';
import { commands, type Scene, scenes, stepsFor } from './examples.ts';

describe('relieve-memory', () => {
  // Without a command of the policy, with one, and with one that interrupts nothing.
  test.each<[Scene, string[], string[], string[]]>([
    ['a whole group', ['scale-out'], ['scale-out'], ['scale-out']],
    ['a lone instance that hangs', ['reboot-instance'], ['run-command', 'reboot-instance'], ['run-command', 'reboot-instance']],
    ['a member that hangs', ['replace-member'], ['replace-member'], ['run-command', 'replace-member']],
    ['a member whose group is gone', [], [], ['run-command']],
  ])('has for %s the steps %j; with a command %j; with a gentle one %j', (scene, ...steps) => {
    expect(commands.map((one) => stepsFor(withCommand(relieveMemory, one), scenes[scene]))).toEqual(steps);
  });

  test('is for what is seen to fail, and ends when it is seen to be well', () => {
    expect(relieveMemory.failing.map(({ id }) => id)).toEqual(['alarm-fires']);
    expect(relieveMemory.healthy.map(({ id }) => id)).toEqual(['alarm-says-ok', 'status-checks-pass']);
  });

  test('calls a member healed once it is replaced, whatever its own alarm says', () => {
    const replace = relieveMemory.ladder.find((step) => step.kind === 'act' && step.action.id === 'replace-member');
    expect(replace).toMatchObject({ healthy: [{ id: 'member-is-replaced' }] });
  });

  test('calls an instance well only while its status checks pass, whether it was rebooted or not, and a group by its alarm alone', () => {
    const health = (seen: ResourceSnapshot, resource: Incident['resource']) =>
      assess(relieveMemory.healthy, { facts: seen, incident: incident({ resource }), before: seen }).state;
    const ok = alarm({ state: 'OK' });
    const own = incident().resource;
    expect(health(facts({ alarm: ok }), own)).toBe('healthy');
    expect(health(facts({ alarm: ok, instance: instance({ state: 'stopped' }) }), own)).toBe('unhealthy');
    expect(health({ ...groupFacts(), alarm: ok }, { type: 'group', id: groupName })).toBe('healthy');
    expect(relieveMemory.ladder.filter((step) => step.kind === 'act' && step.action.id === 'reboot-instance' && step.healthy)).toEqual([]);
  });
});
