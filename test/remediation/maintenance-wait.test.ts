import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { defineGuard, type GuardAnswer, hold, holdForNow, pass } from '../../shared/guards/guard.ts';
import { lease } from '../../shared/guards/lease.ts';
import { maintenanceWindow, rung } from '../../shared/playbooks/playbook.ts';
import { drive, type Scene } from './drive.ts';
import { alarm, noon } from './examples.ts';

const hour = 3600;
const playbook: Scene['playbook'] = { ladder: [maintenanceWindow(), rung(rebootInstance)] };
const policy = { calm: { fromHour: 2, toHour: 4 } };
/** In so many days. */
const due = (days: number) => ({ evidence: { deadline: new Date(noon + days * 24 * hour * 1000).toISOString() } });
/** It rings until something has been done. */
const look: Scene['look'] = ({ acted }) => ({ alarm: alarm({ state: acted > 0 ? 'OK' : 'ALARM' }) });
const when = (answer: (seconds: number) => GuardAnswer) => defineGuard({ id: 'own', check: ({ now }) => answer((now - noon) / 1000) });

const hoursOf = (seconds: number) => seconds / hour;
const actedAt = ({ calls }: Awaited<ReturnType<typeof drive>>) =>
  hoursOf(calls.find(({ call, input }) => call === 'ec2:RebootInstances' && !input.DryRun)?.seconds ?? Number.NaN);

describe('work for the maintenance window', () => {
  test('is done in the next one, with time to come to its end there', async () => {
    const course = await drive({ look, playbook, policy, incident: due(14) });
    expect(course.outcome.status).toBe('healed');
    expect(actedAt(course)).toBeGreaterThanOrEqual(14);
    expect(actedAt(course)).toBeLessThan(15.8);
  });

  test('that is held all the while is done in the next ones, where the deadline is far', async () => {
    const guards = [lease, when((seconds) => (seconds < 20 * hour ? holdForNow('closed') : pass))];
    const long = { calm: { fromHour: 2, toHour: 8 } };
    const course = await drive({ look, playbook, policy: long, guards, incident: due(14) });
    expect(course.outcome.status).toBe('healed');
    expect(actedAt(course)).toBeGreaterThanOrEqual(38);
    expect(actedAt(course)).toBeLessThan(44);
    expect(course.texts).toContain('closed');
  });

  test('does not begin in their last minutes, however long it was held up', async () => {
    // Until a minute before the maintenance window is over.
    const guards = [lease, when((seconds) => (seconds < 16 * hour - 60 ? holdForNow('closed') : pass))];
    const patient = { ...policy, lease: { patience: 3 * hour } };
    const course = await drive({ look, playbook, policy: patient, guards, incident: due(14) });
    expect(actedAt(course)).toBeGreaterThanOrEqual(38);
    expect(course.texts).toContain('the maintenance window is over');
  });

  test('is done at once where no others come before the deadline', async () => {
    const guards = [lease, when((seconds) => (seconds < 16 * hour ? holdForNow('closed') : pass))];
    const patient = { ...policy, lease: { patience: 3 * hour } };
    const course = await drive({ look, playbook, policy: patient, guards, incident: due(1) });
    expect(course.outcome.status).toBe('healed');
    expect(actedAt(course)).toBeGreaterThanOrEqual(15.75);
    expect(actedAt(course)).toBeLessThan(16.5);
  });

  test('that is held for good waits for nothing', async () => {
    const guards = [lease, when(() => hold('never'))];
    const course = await drive({ look, playbook, policy, guards, incident: due(14) });
    expect(course.outcome).toMatchObject({ status: 'held', reason: 'never' });
    expect(hoursOf(course.seconds)).toBeLessThan(16);
  });

  test('that is held until the deadline ends with a person', async () => {
    const guards = [lease, when(() => holdForNow('closed'))];
    const course = await drive({ look, playbook, policy, guards, incident: due(4) });
    expect(course.outcome).toMatchObject({ status: 'held', reason: 'closed', quiet: false });
    expect(hoursOf(course.seconds)).toBeGreaterThan(3 * 24);
    expect(hoursOf(course.seconds)).toBeLessThan(4 * 24);
  });
});
