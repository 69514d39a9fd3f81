import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import type { GuardInput } from '../../shared/guards/guard.ts';
import { provenVersion } from '../../shared/guards/proven-version.ts';
import type { GroupFacts, LaunchSource } from '../../shared/model/snapshot.ts';
import { sdkError } from '../aws/recorder.ts';
import { groupFacts, groupName, incident, instance, instanceId, memberFacts, memberOf, noon } from '../remediation/examples.ts';
import { lookingUp } from './look-up.ts';

const template = 'lt-0a1b2c3d4e5f60718';
const from = (version: string): LaunchSource => ({ kind: 'template', id: template, name: 'web', version });
const others = (...versions: (string | null)[]) =>
  versions.map((version, i) => memberOf(`i-0${i}`, { source: version === null ? null : `${template} ${version}` }));
const failing = (version: string, change: object = {}) => memberOf(instanceId, { source: `${template} ${version}`, ...change });
const sick = (version: string) => memberOf('i-0sick', { health: 'Unhealthy', source: `${template} ${version}` });
const configured = (next: string, now: string): Partial<GroupFacts> => {
  const source = `configuration ${now}`;
  return { launchSource: { kind: 'configuration', name: next }, members: [memberOf(instanceId, { source }), memberOf('i-00', { source })] };
};

const minute = 60_000;
/** Launches of the group so many minutes ago. */
const launched = (...ago: number[]): Parameters<typeof lookingUp>[0] => ({
  'autoscaling:DescribeScalingActivities': {
    output: {
      Activities: ago.map((minutes) => ({
        Description: 'Launching a new EC2 instance: i-0a1b2c3d4e5f60718',
        StartTime: new Date(noon - minutes * minute),
        StatusCode: 'Successful',
      })),
    },
  },
});
const latest = { 'ec2:DescribeLaunchTemplateVersions': { output: { LaunchTemplateVersions: [{ VersionNumber: 8 }] } } };
const replacing = (ofGroup: Partial<GroupFacts>, change: Partial<GuardInput> = {}, answers: Parameters<typeof lookingUp>[0] = {}) =>
  lookingUp(answers, { action: replaceMember, facts: memberFacts({ group: groupFacts(ofGroup).group }), ...change });
const answerTo = async (...given: Parameters<typeof replacing>) => provenVersion.check(replacing(...given).input);

describe('proven-version', () => {
  test.each<[string, Partial<GroupFacts>]>([
    ['runs what a new one would', { launchSource: from('7'), members: [failing('7'), ...others('7')] }],
    ['runs the next version, which fails here too', { launchSource: from('8'), members: [failing('8'), ...others('8')] }],
    ['runs the same configuration', configured('old', 'old')],
    ['runs one of several templates', { launchSource: from('8'), otherSources: [from('7')], members: [failing('7'), ...others('7')] }],
  ])('lets pass where a healthy member %s, without a call', async (_, ofGroup) => {
    const { input, calls } = replacing(ofGroup);
    expect(await provenVersion.check(input)).toEqual({ answer: 'pass' });
    expect(calls).toEqual([]);
  });

  test.each<[string, Partial<GroupFacts>, string]>([
    ['nobody runs the next version', { launchSource: from('8'), members: [failing('7'), ...others('7', '7')] }, 'its successor would be'],
    ['only the one that fails runs it', { launchSource: from('8'), members: [failing('8'), ...others('7')] }, 'would probably fail, too'],
    ['of those that run it none is healthy', { launchSource: from('8'), members: [failing('7'), sick('8'), ...others('7')] }, 'version 8'],
    ['no member works, and the next version is new', { launchSource: from('8'), members: [failing('7'), sick('7')] }, 'version 8'],
    ['another configuration is next', configured('new', 'old'), 'launch configuration new'],
    ['nothing is known of what the others run', { launchSource: from('7'), members: [failing('6'), ...others(null)] }, 'version 7'],
  ])('asks a person where %s', async (_, ofGroup, words) => {
    expect(await answerTo(ofGroup)).toMatchObject({ answer: 'ask', reason: expect.stringContaining(words) });
    expect(await answerTo(ofGroup, { approved: true })).toEqual({ answer: 'pass' });
  });

  test.each<[string, string, Parameters<typeof launched>, string[]]>([
    ['lets pass what one has run for 15 minutes', 'pass', [15, 40], ['8']],
    ['lets pass what more run than were launched in these 15 minutes', 'pass', [14], ['8', '8']],
    ['asks a person where the only one that runs it is new', 'ask', [14], ['8']],
    ['asks a person where all that run it are new', 'ask', [2, 14, 60], ['8', '8']],
  ])('of the next version, %s', async (_, answer, ago, versions) => {
    const unlike = { launchSource: from('8'), members: [failing('7'), ...others('7', ...versions)] };
    expect(await answerTo(unlike, {}, launched(...ago))).toMatchObject({
      answer,
      ...(answer === 'ask' ? { reason: expect.stringContaining('has run launch template web version 8') } : {}),
    });
    expect(await answerTo(unlike, { approved: true }, launched(...ago))).toEqual({ answer: 'pass' });
  });

  test('asks a person where the one that fails is as new as the others of its version', async () => {
    const unlike = groupFacts({ launchSource: from('8'), members: [failing('8'), ...others('7', '8')] }).group as GroupFacts;
    const at = (minutes: number) => ({
      facts: { ...memberFacts({ group: unlike }), instance: instance({ groupName, launchedAt: noon - minutes * minute }) },
    });
    expect(await answerTo({}, at(14), launched(5, 14))).toMatchObject({ answer: 'ask' });
    expect(await answerTo({}, at(14), launched(14))).toMatchObject({ answer: 'ask' });
    expect(await answerTo({}, at(14), launched(16))).toEqual({ answer: 'pass' });
    expect(await answerTo({}, at(15), {})).toEqual({ answer: 'pass' });
  });

  test('takes no failed launch for a new member, and holds where the launches can not be seen', async () => {
    const unlike = { launchSource: from('8'), members: [failing('7'), ...others('8')] };
    const [failed] = (launched(3)['autoscaling:DescribeScalingActivities'] as { output: { Activities: object[] } }).output.Activities;
    const Activities = [{ ...failed, StatusCode: 'Failed' }];
    expect(await answerTo(unlike, {}, { 'autoscaling:DescribeScalingActivities': { output: { Activities } } })).toEqual({ answer: 'pass' });
    const denied = replacing(unlike, {}, { 'autoscaling:DescribeScalingActivities': sdkError('AccessDenied', 403) });
    expect(await evaluateGuards([provenVersion], denied.input)).toMatchObject({ answer: 'hold' });
  });

  test.each(['Healthy', 'Unhealthy'] as const)('lets pass where no other member works, and nothing has changed (%s)', async (health) => {
    expect(await answerTo({ launchSource: from('7'), members: [failing('7', { health })] })).toEqual({ answer: 'pass' });
    expect(await answerTo({ launchSource: from('7'), members: [failing('7', { health }), sick('7')] })).toEqual({ answer: 'pass' });
  });

  test.each(['$Latest', '$Default'])('asks EC2 what %s means', async (version) => {
    const answers = { ...latest, ...launched(15) };
    const known = replacing({ launchSource: from(version), members: [failing('7'), ...others('8')] }, {}, answers);
    expect(await provenVersion.check(known.input)).toEqual({ answer: 'pass' });
    expect(known.calls).toMatchObject([{ input: { LaunchTemplateId: template, Versions: [version] } }, { input: { MaxRecords: 50 } }]);
    expect(await answerTo({ launchSource: from(version), members: [failing('7'), ...others('7')] }, {}, answers)).toMatchObject({
      answer: 'ask',
      reason: expect.stringContaining('version 8'),
    });
  });

  test.each([
    ['EC2 does not say which version that is', { 'ec2:DescribeLaunchTemplateVersions': { output: { LaunchTemplateVersions: [] } } }],
    ['EC2 refuses to say it', { 'ec2:DescribeLaunchTemplateVersions': sdkError('UnauthorizedOperation', 403) }],
  ])('holds where %s', async (_, answers) => {
    const { input } = replacing({ launchSource: from('$Latest'), members: [failing('7'), ...others('7')] }, {}, answers);
    expect(await evaluateGuards([provenVersion], input)).toMatchObject({ answer: 'hold' });
  });

  test('holds where the group launches from nothing that is known, or a look of an earlier version kept nothing of its members', async () => {
    expect(await answerTo({ launchSource: null })).toMatchObject({ answer: 'hold' });
    const { working: _, ...before } = groupFacts().group as GroupFacts;
    expect(await answerTo({}, { facts: memberFacts({ group: before }) })).toMatchObject({ answer: 'hold' });
  });

  test('is no concern of a member that EC2 takes away within minutes, nor of what replaces nothing', async () => {
    const unproven = { launchSource: from('8'), members: [failing('7'), ...others('7')] };
    expect(await answerTo(unproven, { incident: incident({ failure: 'spot-interruption' }) })).toEqual({ answer: 'pass' });
    expect(await answerTo(unproven, { incident: incident({ failure: 'instance-retiring' }) })).toMatchObject({ answer: 'ask' });
    expect(await answerTo(unproven, { action: rebootInstance })).toEqual({ answer: 'pass' });
  });
});
