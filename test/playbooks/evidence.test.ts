import { describe, expect, test } from '@jest/globals';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { startInstance } from '../../shared/actions/start-instance.ts';
import { alarmFires, alarmIsOk } from '../../shared/health/alarm.ts';
import { memberIsReplaced } from '../../shared/health/group.ts';
import { statusChecksPass } from '../../shared/health/status-checks.ts';
import { byEvidence } from '../../shared/playbooks/evidence.ts';
import { healTargets } from '../../shared/playbooks/heal-targets.ts';
import { observers } from '../../shared/playbooks/observers.ts';
import { rung, watch } from '../../shared/playbooks/playbook.ts';
import { relieveMemory } from '../../shared/playbooks/relieve-memory.ts';
import { restartInstance } from '../../shared/playbooks/restart-instance.ts';
import { alarm } from '../remediation/examples.ts';

const ids = ({ failing, healthy }: Pick<typeof restartInstance, 'failing' | 'healthy'>) => ({
  failing: failing.map(({ id }) => id),
  healthy: healthy.map(({ id }) => id),
});

describe('the evidence of a playbook', () => {
  test.each([
    ['its own metric', ['AWS/EC2 StatusCheckFailed_Instance']],
    ['both of its own metrics', ['AWS/EC2 StatusCheckFailed_Instance', 'AWS/EC2 StatusCheckFailed_System']],
  ])('is its own checks for an alarm on %s', (_, metrics) => {
    expect(byEvidence(restartInstance, alarm({ metrics }))).toBe(restartInstance);
  });

  test.each([
    ['another metric', ['CWAgent procstat_lookup_pid_count']],
    ['its own metric beside another', ['AWS/EC2 StatusCheckFailed_Instance', 'CWAgent procstat_lookup_pid_count']],
    ['a query that names no metric', []],
  ])('is the alarm itself for an alarm on %s', (_, metrics) => {
    expect(ids(byEvidence(restartInstance, alarm({ metrics })))).toEqual({
      failing: ['alarm-fires'],
      healthy: ['status-checks-pass', 'alarm-says-ok'],
    });
  });

  test('of its end is the alarm too where only what shows the failure asks it', () => {
    const half = { ...restartInstance, failing: [alarmFires], healthy: [statusChecksPass] };
    expect(ids(byEvidence(half, alarm({ metrics: ['CWAgent procstat_lookup_pid_count'] })))).toEqual({
      failing: ['alarm-fires'],
      healthy: ['status-checks-pass', 'alarm-says-ok'],
    });
  });

  test.each([
    ['deleted', null],
    ['deleted later', alarm({ metrics: ['CWAgent procstat_lookup_pid_count'] })],
  ])('of its end is no deleted alarm, where nothing else has shown the failure: %s', (_, seen) => {
    for (const failing of [[alarmFires], [alarmFires, statusChecksPass]]) {
      const own = { ...restartInstance, failing, healthy: [alarmIsOk, statusChecksPass] };
      expect(ids(byEvidence(own, seen)).healthy).toEqual(['status-checks-pass', 'alarm-says-ok']);
    }
  });

  test('of a step is the alarm too where its own checks do not see what that measures, except for a member that is replaced', () => {
    const step = rung(startInstance, { healthy: [statusChecksPass] });
    const wait = watch({ because: 'it heals by itself', atMost: 60, or: [statusChecksPass] });
    const replaced = rung(replaceMember, { healthy: [memberIsReplaced] });
    const own = { ...restartInstance, ladder: [wait, step, replaced] };
    const { ladder } = byEvidence(own, alarm({ metrics: ['CWAgent procstat_lookup_pid_count'] }));
    expect(ladder).toMatchObject([
      { or: [{ id: 'status-checks-pass' }, { id: 'alarm-says-ok' }] },
      { healthy: [{ id: 'status-checks-pass' }, { id: 'alarm-says-ok' }] },
      { healthy: [{ id: 'member-is-replaced' }] },
    ]);
    expect(byEvidence(own, alarm({ metrics: ['AWS/EC2 StatusCheckFailed_Instance'] }))).toBe(own);
  });

  test('is the alarm for targets that an alarm on their errors reports', () => {
    expect(ids(byEvidence(healTargets, alarm({ metrics: ['AWS/ApplicationELB HTTPCode_Target_5XX_Count'] }))).failing).toEqual([
      'alarm-fires',
    ]);
    expect(byEvidence(healTargets, alarm({ metrics: ['AWS/ApplicationELB UnHealthyHostCount'] }))).toBe(healTargets);
  });

  test('is its own where no alarm was read, where it is a composite, and where it asks the alarm anyway', () => {
    const observer = observers['instance-terminated'];
    if (!observer) throw new Error('nobody observes terminated instances');
    for (const [playbook, seen] of [
      [restartInstance, null],
      [restartInstance, alarm({ composite: true })],
      [relieveMemory, alarm({ metrics: ['CWAgent mem_used_percent'] })],
      [observer, alarm({ metrics: ['CWAgent mem_used_percent'] })],
    ] as const)
      expect(byEvidence(playbook, seen)).toBe(playbook);
  });

  test('has the alarm in what tells that it is over, where nothing else there can', () => {
    const blind = { ...relieveMemory, healthy: restartInstance.healthy.filter(({ id }) => id === 'status-checks-pass') };
    expect(ids(byEvidence(blind, alarm({ metrics: ['CWAgent procstat_lookup_pid_count'] })))).toEqual({
      failing: ['alarm-fires'],
      healthy: ['status-checks-pass', 'alarm-says-ok'],
    });
  });

  test('of a missed beat is a beat, in every way in which the playbook may end, whatever an alarm says', () => {
    const byBeat = byEvidence(restartInstance, alarm({ metrics: ['AWS/EC2 StatusCheckFailed_Instance'] }), 'export');
    expect(ids(byBeat)).toEqual({
      failing: ['beat-arrived'],
      healthy: [...restartInstance.healthy.map(({ id }) => id), 'beat-arrived'],
    });
    const ways = byBeat.ladder.flatMap((step) =>
      step.kind === 'act' ? (step.healthy ?? []) : step.kind === 'watch' ? (step.or ?? []) : [],
    );
    expect(ways.map(({ id }) => id)).toEqual(expect.arrayContaining(['member-is-replaced', 'beat-arrived']));
    for (const step of byBeat.ladder)
      if (step.kind === 'act' && step.healthy) expect(step.healthy.map(({ id }) => id)).toContain('beat-arrived');
  });
});
