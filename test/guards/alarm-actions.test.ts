import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { scaleOut } from '../../shared/actions/scale-out.ts';
import { alarmActions } from '../../shared/guards/alarm-actions.ts';
import { alarm, facts, type group, groupFacts, groupName, incident, noon } from '../remediation/examples.ts';
import { guardInput } from './examples.ts';

const minute = 60_000;
const automate = (does: string) => `arn:aws:automate:us-east-1:ec2:${does}`;
const policyOf = (name: string) =>
  `arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:0f0e:autoScalingGroupName/${name}:policyName/out`;
const withAlarm = (change: Parameters<typeof alarm>[0], after = 0) =>
  alarmActions.check(guardInput({ facts: facts({ alarm: alarm(change) }), now: noon + after }));
const scaling = (change: Parameters<typeof alarm>[0], after: number, ofGroup: Parameters<typeof group>[0] = {}) =>
  alarmActions.check(
    guardInput({
      action: scaleOut,
      target: { type: 'group', id: groupName },
      facts: { ...groupFacts(ofGroup), alarm: alarm(change) },
      now: noon + after,
    }),
  );

describe('alarm-actions', () => {
  test('holds in silence where somebody has disabled the actions of the alarm that told', () => {
    expect(withAlarm({ actionsEnabled: false })).toMatchObject({ answer: 'hold', quiet: true });
  });

  test('takes a disabled child for evidence, where the composite alarm that told is enabled', () => {
    const seen = facts({ alarm: alarm({ actionsEnabled: false, actions: [automate('stop')] }) });
    const told = incident({ children: ['web-status'] });
    expect(alarmActions.check(guardInput({ facts: seen, incident: told }))).toEqual({ answer: 'pass' });
  });

  test('holds in silence where the composite alarm itself is silenced, whatever set it off', () => {
    const seen = facts({ alarm: alarm({ composite: true, actionsEnabled: false }) });
    const told = incident({ children: ['web-status'] });
    expect(alarmActions.check(guardInput({ facts: seen, incident: told }))).toMatchObject({ answer: 'hold', quiet: true });
  });

  test.each([
    ['an alarm that only tells people', { actions: ['arn:aws:sns:us-east-1:123456789012:people'] }],
    ["a healer of somebody's own", { actions: ['arn:aws:lambda:us-east-1:123456789012:function:heal'] }],
    ['no actions', {}],
  ])('passes %s', (_, change) => {
    expect(withAlarm(change)).toEqual({ answer: 'pass' });
  });

  test('has nothing to ask where there is no alarm', () => {
    expect(alarmActions.check(guardInput({ facts: facts({ alarm: null }) }))).toEqual({ answer: 'pass' });
  });

  test.each(['reboot', 'recover'])('stands aside for an alarm that has its instance %s-ed, and then goes on', (does) => {
    const actions = ['arn:aws:sns:us-east-1:123456789012:people', automate(does)];
    expect(withAlarm({ actions })).toMatchObject({ answer: 'hold', passing: true, until: noon + 5 * minute });
    expect(withAlarm({ actions }, 5 * minute - 1)).toMatchObject({ answer: 'hold' });
    expect(withAlarm({ actions }, 5 * minute)).toEqual({ answer: 'pass' });
  });

  test("knows the console's form as well", () => {
    const actions = ['arn:aws:swf:us-east-1:123456789012:action/actions/AWS_EC2.InstanceId.Reboot/1.0'];
    expect(withAlarm({ actions })).toMatchObject({ answer: 'hold', passing: true });
  });

  test.each(['stop', 'terminate'])('never acts where the alarm has its instance %s-ed', (does) => {
    const answer = withAlarm({ actions: [automate(does)] }, 24 * 60 * minute);
    expect(answer).toMatchObject({ answer: 'hold' });
    expect(answer).not.toHaveProperty('passing');
  });

  test('takes an alarm whose last change is not told for one that has just gone off', () => {
    expect(withAlarm({ actions: [automate('reboot')], updatedAt: null }, 24 * 60 * minute)).toMatchObject({ answer: 'hold' });
  });

  test('gives a scaling policy of the group its cooldown and two evaluations', () => {
    const given = 300 + 2 * 120;
    const actions = [policyOf(groupName)];
    expect(rebootInstance.effects).not.toContain('addsCapacity');
    expect(scaling({ actions }, 0)).toMatchObject({ answer: 'hold', until: noon + given * 1000 });
    expect(scaling({ actions }, given * 1000)).toEqual({ answer: 'pass' });
  });

  test.each([
    ["another group's policy", { actions: [policyOf('other')] }, {}],
    ['a group that no alarm may scale', { actions: [policyOf(groupName)] }, { suspendedProcesses: ['AlarmNotification'] }],
  ])('waits for no scaler of %s', (_, change, ofGroup) => {
    expect(scaling(change, 0, ofGroup)).toEqual({ answer: 'pass' });
  });
});
