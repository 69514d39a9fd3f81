import { describe, expect, test } from '@jest/globals';
import { describeSnapshot } from '../../shared/remediation/describe-snapshot.ts';
import { alarm, facts, functionFacts, group, groupName, incident, instance, instanceId, noon, release, status } from './examples.ts';

const minute = 60_000;
const ofGroup = incident({ resource: { type: 'group', id: groupName }, alarm: null });
const bare = { instance: null, status: null, group: null, alarm: null };

describe('what a look saw, in one line', () => {
  test.each([
    ['one that runs', instance({ launchedAt: noon - 26 * 60 * minute }), `${instanceId} running in us-east-1a, launched 1 d ago`],
    ['one whose launch is not told', instance({ launchedAt: 0 }), `${instanceId} running in us-east-1a`],
    ['one just launched', instance({ launchedAt: noon - minute }), `${instanceId} running in us-east-1a, launched 1 min 00 s ago`],
    [
      'one that is stopped',
      instance({ state: 'stopped', stoppedAt: noon - 5 * minute }),
      `${instanceId} stopped in us-east-1a for 5 min 00 s`,
    ],
    ['one whose time is not told', instance({ state: 'stopped' }), `${instanceId} stopped in us-east-1a`],
  ])('says how long an instance has been as it is: %s', (_, one, line) => {
    expect(describeSnapshot(facts({ ...bare, instance: one }), incident())).toBe(line);
  });

  test('says what a function serves, and how that goes', () => {
    const about = incident({ resource: { type: 'service', id: 'checkout' }, alarm: null });
    expect(describeSnapshot(functionFacts(), about)).toContain('version 4 serves since 11:50 UTC, 3000 of 6000 requests failed');
    const known = functionFacts({ release: { ...release(), since: null } });
    expect(describeSnapshot(known, about)).toContain('version 4 serves, 3000 of 6000 requests failed');
  });

  test('says since when a check fails, an alarm rings, and a group is there', () => {
    const failing = status({ system: 'impaired', systemImpairedSince: noon - 9 * minute });
    const seen = facts({ status: failing, alarm: alarm(), group: group({ createdAt: noon - 50 * minute }) });
    const line = describeSnapshot(seen, incident());
    expect(line).toContain('system check impaired since 11:51 UTC, instance check ok');
    expect(line).toContain('alarm web-status ALARM since 12:00 UTC');
    expect(line).toContain('group web 2/2 (max 4), created 50 min 00 s ago');
  });

  test('says that there is none where EC2 says so, also beside an alarm', () => {
    expect(describeSnapshot(facts({ ...bare, alarm: alarm() }), incident())).toBe(
      `EC2 finds no instance ${instanceId}: there is no such instance; alarm web-status ALARM since 12:00 UTC`,
    );
  });

  test.each([
    ['a group', ofGroup, 'Auto Scaling lists no group web'],
    ['an alarm', incident({ resource: { type: 'alarm', id: 'x' } }), 'CloudWatch lists no alarm x'],
  ])('takes an empty answer for no word: %s', (_, about, words) => {
    const line = describeSnapshot(facts(bare), about);
    expect(line).toBe(words);
    expect(line).not.toMatch(/no such/);
  });

  test('says what was refused, and nothing of what is missing for it', () => {
    const refused = ["selfheal isn't allowed to look at group web (autoscaling:DescribeAutoScalingGroups)"];
    expect(describeSnapshot(facts({ ...bare, refused }), ofGroup)).toBe(refused[0]);
  });

  test('has nothing to say of what others look at', () => {
    expect(describeSnapshot(facts(bare), incident({ resource: { type: 'certificate', id: 'arn' }, alarm: null }))).toBe('');
  });
});
