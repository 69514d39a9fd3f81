import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { policySchema } from '../../shared/model/policy.ts';
import { playbooks } from '../../shared/playbooks/index.ts';
import { observers } from '../../shared/playbooks/observers.ts';
import { maintenanceWindow, rung, watch } from '../../shared/playbooks/playbook.ts';
import { withCommand } from '../../shared/playbooks/with-command.ts';
import { allScenes, command, scenes, stepsFor, storeScenes } from './examples.ts';

const all = Object.values(playbooks).map((playbook) => [playbook.id, playbook] as const);

describe('every playbook', () => {
  test.each(all)('%s says in a sentence what it does', (_, { summary }) => {
    expect(summary).toMatch(/^[A-Z].{20,}\.$/);
  });

  test.each(all)('%s asks for a failure that is seen live, and for health, before anything else', (_, { failing, healthy }) => {
    expect(failing.length).toBeGreaterThan(0);
    expect(healthy.length).toBeGreaterThan(0);
  });

  test.each(all)('%s has an action, and each of them a condition', (_, { ladder }) => {
    const rungs = ladder.filter((step) => step.kind === 'act');
    expect(rungs.length).toBeGreaterThan(0);
    for (const { when } of rungs) expect(when.length).toBeGreaterThan(0);
  });

  test.each(all)('%s never stops, starts or reboots a member of a group, nor runs a command on it that interrupts', (_, playbook) => {
    for (const scene of allScenes.filter((name) => scenes[name].instance?.groupName != null)) {
      for (const action of ['stop-start-instance', 'start-instance', 'reboot-instance', 'run-command']) {
        expect([scene, stepsFor(withCommand(playbook, command()), scenes[scene])]).not.toEqual([scene, expect.arrayContaining([action])]);
      }
    }
  });

  test.each(all)('%s never stops what has or may have an instance store', (_, playbook) => {
    for (const scene of storeScenes) {
      expect([scene, stepsFor(playbook, scenes[scene])]).not.toEqual([scene, expect.arrayContaining(['stop-start-instance'])]);
    }
  });

  test.each(all)('%s replaces nothing but members of a group that is there', (_, playbook) => {
    for (const scene of allScenes.filter((name) => scenes[name].group === null)) {
      expect([scene, stepsFor(playbook, scenes[scene])]).not.toEqual([scene, expect.arrayContaining(['replace-member'])]);
    }
  });

  test.each(all)('%s leaves a member that its group may replace to the group first, unless there is no time', (id, playbook) => {
    for (const scene of ['a member that hangs', 'a member on a failed host'] as const) {
      const steps = stepsFor(playbook, scenes[scene]);
      const replace = steps.indexOf('replace-member');
      // Memory and processes are nothing that a group's health check sees, a retirement neither, and two minutes are too short to wait in.
      const atOnce = ['relieve-memory', 'restart-application', 'leave-retiring-host', 'replace-ahead'].includes(id);
      if (replace >= 0 && !atOnce) expect(steps.slice(0, replace)).toContain('watch');
    }
  });

  test.each(all)('%s does nothing where there is nothing', (_, playbook) => {
    const steps = stepsFor(playbook, scenes['nothing at all']);
    expect(steps.filter((step) => step !== 'maintenance-window')).toEqual([]);
  });

  test.each(all)('%s comes to an end: every rung has a bounded number of tries and a bounded time', (_, { ladder }) => {
    for (const step of ladder) {
      if (step.kind === 'act') {
        const { attempts, initial, cap } = step.backoff;
        for (const bound of [attempts, initial, cap, step.tries, step.within]) {
          expect(bound).toBeGreaterThan(0);
          expect(Number.isFinite(bound)).toBe(true);
        }
        expect(step.tries).toBeLessThanOrEqual(attempts);
      }
      if (step.kind === 'watch') expect(Number.isFinite(step.atMost)).toBe(true);
    }
  });
});

test('a step is spent before the budget is, so that the next one has its turn', () => {
  const { actions } = policySchema.parse({}).budget;
  for (const { ladder } of Object.values(playbooks))
    for (const step of ladder) if (step.kind === 'act') expect(step.backoff.attempts).toBeLessThan(actions);
});

test('observers never act', () => {
  for (const { ladder } of Object.values(observers)) expect(ladder.filter(({ kind }) => kind === 'act')).toEqual([]);
});

describe('writing a ladder', () => {
  test('gives a rung its defaults', () => {
    expect(rung(rebootInstance)).toEqual({
      kind: 'act',
      action: rebootInstance,
      when: [],
      backoff: { initial: 15, cap: 300, attempts: 5 },
      tries: 1,
      within: 900,
    });
  });

  test('gives a watch no condition unless it has one', () => {
    expect(watch({ because: 'it heals itself', atMost: 60 })).toEqual({ kind: 'watch', because: 'it heals itself', atMost: 60, when: [] });
    expect(maintenanceWindow()).toEqual({ kind: 'maintenance-window' });
  });
});
