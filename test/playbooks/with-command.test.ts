import { describe, expect, test } from '@jest/globals';
import { instanceTarget } from '../../shared/actions/action.ts';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { runCommand } from '../../shared/actions/run-command.ts';
import { alarmSaysOk } from '../../shared/health/alarm.ts';
import { anInstance, lone } from '../../shared/playbooks/conditions.ts';
import { playbooks } from '../../shared/playbooks/index.ts';
import { rung } from '../../shared/playbooks/playbook.ts';
import { commandRung, withCommand } from '../../shared/playbooks/with-command.ts';
import { command, commands } from './examples.ts';

const given = { ladder: [rung(runCommand, { when: [anInstance], healthy: [alarmSaysOk], tries: 2 }), rung(rebootInstance)] };

describe('a playbook with the command of the policy', () => {
  test('has its rungs for a command left out where the policy names none', () => {
    expect(withCommand(given, null)).toEqual({ ladder: [given.ladder[1]] });
  });

  test.each(Object.values(playbooks))('$id has no rung left without a command', (playbook) => {
    for (const one of commands) {
      const { ladder, ...rest } = withCommand(playbook, one);
      expect(rest).toEqual({ ...playbook, ladder: undefined });
      for (const step of ladder) expect(step).not.toMatchObject({ action: runCommand });
    }
  });

  test('runs it in their place, on the instance, with all else that the rung says', () => {
    const [bound, reboot] = withCommand(given, command()).ladder;
    expect(reboot).toBe(given.ladder[1]);
    expect(bound).toMatchObject({
      action: { id: 'run-command', target: instanceTarget },
      when: [lone, anInstance],
      healthy: [alarmSaysOk],
      tries: 2,
    });
  });

  // A group replaces its members: which of them may be interrupted is nothing that a command knows.
  test('runs one on a member of a group only if it interrupts nothing', () => {
    expect(commandRung(rung(runCommand, { when: [anInstance] }), command({ effects: [] }))).toMatchObject({ when: [anInstance] });
    expect(commandRung(rung(runCommand, { when: [lone] }), command())).toMatchObject({ when: [lone] });
  });

  test('is itself where it has no such rung', () => {
    const other = { ladder: [rung(rebootInstance)] };
    expect(withCommand(other, command())).toBe(other);
  });
});
