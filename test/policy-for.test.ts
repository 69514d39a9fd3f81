import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { failureIds } from '../shared/model/failure-id.ts';
import type { BuiltInPlaybookId } from '../shared/model/playbook-id.ts';
import { playbookIds } from '../shared/model/playbook-id.ts';
import { modes, stricter } from '../shared/model/policy.ts';
import { playbooks } from '../shared/playbooks/index.ts';
import { narrows } from '../shared/playbooks/narrows.ts';
import { overrideTags, policyFor } from '../shared/policy/effective-policy.ts';
import { facts, group, incident, instance, memberFacts, policy } from './remediation/examples.ts';

type Tags = Record<string, string>;
const forTags = (tags: Tags, given: Record<string, unknown> = {}) =>
  policyFor(policy(given), { incident: incident(), facts: facts({ instance: instance({ tags }) }) });

const builtIn = (id: string) => playbooks[id as BuiltInPlaybookId];

const commands = {
  'restart-nginx': { document: 'Shop-RestartService', version: '3', parameters: { Service: 'nginx' } },
  'restart-php': { document: 'Shop-RestartService', version: '3', parameters: { Service: 'php-fpm' } },
  'clean-tmp': { document: 'Shop-CleanTmp', version: '1' },
};
const run = [
  { when: { failure: 'instance-unreachable', tag: { key: 'role', value: 'php' } }, command: 'restart-php' },
  { when: { failure: 'instance-unreachable' }, command: 'restart-nginx' },
  { when: { failure: 'disk-full' }, command: 'clean-tmp' },
];

describe('the policy for an incident', () => {
  test('is the policy itself where nothing says otherwise', () => {
    expect(forTags({ selfheal: 'on', Name: 'web' })).toEqual({
      ...policy(),
      playbook: 'restart-instance',
      approvalByTag: false,
      command: null,
      problems: [],
    });
  });

  test.each([
    ['the account', { account: '123456789012' }, 'dry-run'],
    ['another account', { account: '210987654321' }, 'enforce'],
    ['the region', { region: 'us-east-1' }, 'dry-run'],
    ['another region', { region: 'eu-west-1' }, 'enforce'],
    ['the failure', { failure: 'instance-unreachable' }, 'dry-run'],
    ['another failure', { failure: 'host-impaired' }, 'enforce'],
    ['a tag with its value', { tag: { key: 'stage', value: 'prod' } }, 'dry-run'],
    ['a tag with any value', { tag: { key: 'stage' } }, 'dry-run'],
    ['a tag with another value', { tag: { key: 'stage', value: 'test' } }, 'enforce'],
    ['a tag that the resource has only by inheritance', { tag: { key: 'constructor' } }, 'enforce'],
    ['the account and another region', { account: '123456789012', region: 'eu-west-1' }, 'enforce'],
    ['the unit of the account', { unit: 'shop' }, 'dry-run'],
    ['another unit', { unit: 'bank' }, 'enforce'],
    ['the unit and another region', { unit: 'shop', region: 'eu-west-1' }, 'enforce'],
  ])('takes another mode for %s as it matches', (_, when, mode) => {
    const organization = { units: { shop: ['210987654321', '123456789012'], bank: ['210987654321'] } };
    expect(forTags({ stage: 'prod' }, { organization, modes: [{ when, mode: 'dry-run' }] }).mode).toBe(mode);
  });

  test('takes the strictest mode of those that match, in whatever order they stand', () => {
    const when = { failure: 'instance-unreachable' };
    fc.assert(
      fc.property(fc.constantFrom(...modes), fc.array(fc.constantFrom(...modes), { minLength: 1, maxLength: 5 }), (mode, others) => {
        const given = { mode, modes: others.map((other) => ({ when, mode: other })) };
        expect(forTags({}, given).mode).toBe(others.reduce(stricter));
      }),
    );
  });

  test('lets some be looser than all, so that it can be tried out on a few', () => {
    const given = { mode: 'dry-run', modes: [{ when: { tag: { key: 'canary' } }, mode: 'enforce' }] };
    expect([forTags({}, given).mode, forTags({ canary: '' }, given).mode]).toEqual(['dry-run', 'enforce']);
  });

  test("reads the group's tags for its member", () => {
    const given = policy({ modes: [{ when: { tag: { key: 'stage', value: 'prod' } }, mode: 'off' }] });
    const seen = memberFacts({ group: group({ tags: { stage: 'prod' } }) });
    expect(policyFor(given, { incident: incident(), facts: seen }).mode).toBe('off');
  });

  test('takes another playbook for a failure class, or none', () => {
    expect(forTags({}, { playbooks: { 'instance-unreachable': 'recover-host' } }).playbook).toBe('recover-host');
    expect(forTags({}, { playbooks: { 'instance-unreachable': 'none' } }).playbook).toBeNull();
    expect(forTags({}, { playbooks: { 'host-impaired': 'none' } }).playbook).toBe('restart-instance');
  });

  test('gives no playbook to what is only to be reported', () => {
    const given = policy({ playbooks: { 'instance-unreachable': 'recover-host' } });
    const told = incident({ playbook: null, disposition: 'escalate' });
    expect(policyFor(given, { incident: told, facts: facts() }).playbook).toBeNull();
  });
});

describe('a tag', () => {
  test.each<[Tags, object]>([
    [{ 'selfheal:mode': 'dry-run' }, { mode: 'dry-run' }],
    [{ 'selfheal:mode': 'off' }, { mode: 'off' }],
    [{ 'selfheal:mode': 'enforce' }, { mode: 'enforce' }],
    [{ 'selfheal:playbook': 'none' }, { playbook: null }],
    [{ 'selfheal:playbook': 'recover-host' }, { playbook: 'recover-host' }],
    [{ 'selfheal:playbook': 'restart-instance' }, { playbook: 'restart-instance' }],
    [{ 'selfheal:approval': 'required' }, { approvalByTag: true }],
    [{ 'selfheal:max-actions': '2' }, { budget: { actions: 2, window: 21_600 } }],
    [{ 'selfheal:max-actions': '0' }, { budget: { actions: 0, window: 21_600 } }],
    [{ 'selfheal:max-actions': '6' }, { budget: { actions: 6, window: 21_600 } }],
  ])('%j makes it stricter', (tags, expected) => {
    expect(forTags(tags)).toMatchObject({ ...expected, problems: [] });
  });

  test.each<[Tags, RegExp]>([
    [{ 'selfheal:mode': 'on' }, /selfheal:mode=on must be one of off, dry-run, enforce/],
    [{ 'selfheal:mode': '' }, /must be one of/],
    [{ 'selfheal:playbook': 'pray' }, /must be a playbook or none/],
    [{ 'selfheal:playbook': 'constructor' }, /must be a playbook or none/],
    [{ 'selfheal:playbook': 'replace-ahead' }, /may only narrow the playbook restart-instance, which replace-ahead does not/],
    [{ 'selfheal:playbook': 'relieve-memory' }, /may only narrow/],
    [{ 'selfheal:approval': 'none' }, /never waive/],
    [{ 'selfheal:max-actions': '7' }, /would loosen the budget, which is 6/],
    [{ 'selfheal:max-actions': '-1' }, /must be a number/],
    [{ 'selfheal:max-actions': '1e0' }, /must be a number/],
    [{ 'selfheal:mod': 'off' }, /is not one of selfheal:mode/],
    [{ 'Selfheal:Mode': 'off' }, /is not one of selfheal:mode/],
  ])('%j is a problem, with its reason', (tags, reason) => {
    const { problems, ...rest } = forTags(tags);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(reason);
    // And it changes nothing.
    const { problems: _, ...plain } = forTags({});
    expect(rest).toEqual(plain);
  });

  test('that asks for enforcing is a problem where the policy is a dry run', () => {
    expect(forTags({ 'selfheal:mode': 'enforce' }, { mode: 'dry-run' })).toMatchObject({
      mode: 'dry-run',
      problems: ['tag selfheal:mode=enforce would loosen the mode, which is dry-run'],
    });
  });

  test('of the resource and one of its group hold both', () => {
    const seen = memberFacts({
      instance: instance({ groupName: 'web', tags: { 'selfheal:mode': 'dry-run', 'selfheal:max-actions': '1' } }),
      group: group({ tags: { 'selfheal:mode': 'off', 'selfheal:max-actions': '3', 'selfheal:approval': 'required' } }),
    });
    expect(policyFor(policy(), { incident: incident(), facts: seen })).toMatchObject({
      mode: 'off',
      budget: { actions: 1 },
      approvalByTag: true,
      problems: [],
    });
  });

  test('never loosens anything, whatever it says', () => {
    const value = fc.oneof(
      fc.constantFrom(...modes, ...playbookIds, ...Object.keys(commands), 'none', 'required', '0', '1', '99', '100', '1000'),
      fc.string({ maxLength: 12 }),
    );
    const key = fc.oneof(fc.constantFrom<string>(...overrideTags, 'selfheal', 'Name'), fc.string({ maxLength: 20 }));
    const tags = fc.dictionary(key, value, { maxKeys: 6 });
    const given = fc.record({
      mode: fc.constantFrom(...modes),
      budget: fc.record({ actions: fc.integer({ min: 1, max: 100 }), window: fc.constant(3600) }),
      approval: fc.record({ required: fc.constantFrom([], [{ action: 'reboot-instance' }]) }),
      commands: fc.constant(commands),
      run: fc.constant(run),
    });
    fc.assert(
      fc.property(given, tags, tags, fc.constantFrom(...failureIds), (own, ofInstance, ofGroup, failure) => {
        const about = incident({ failure });
        const seen = (a: Tags, b: Tags) => memberFacts({ instance: instance({ groupName: 'web', tags: a }), group: group({ tags: b }) });
        const plain = policyFor(policy(own), { incident: about, facts: seen({}, {}) });
        const tagged = policyFor(policy(own), { incident: about, facts: seen(ofInstance, ofGroup) });
        expect(stricter(tagged.mode, plain.mode)).toBe(tagged.mode);
        expect(tagged.budget.actions).toBeLessThanOrEqual(plain.budget.actions);
        if (tagged.playbook !== null)
          expect(plain.playbook !== null && narrows(builtIn(tagged.playbook), builtIn(plain.playbook))).toBe(true);
        // All the rest is the policy's own.
        const rest = ({ mode, budget, playbook, approvalByTag, command, problems, ...others }: typeof plain) => others;
        expect(rest(tagged)).toEqual(rest(plain));
        // Whichever command it is, it is one of the policy's, and there is one only where the policy has one.
        expect(tagged.command === null).toBe(plain.command === null);
        if (tagged.command !== null) expect(own.commands).toHaveProperty(tagged.command.name);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the command for an incident', () => {
  test.each<[Tags, string | null]>([
    [{}, 'restart-nginx'],
    [{ role: 'php' }, 'restart-php'],
    [{ role: 'other' }, 'restart-nginx'],
    [{ 'selfheal:command': 'clean-tmp' }, 'clean-tmp'],
    [{ 'selfheal:command': 'restart-nginx', role: 'php' }, 'restart-nginx'],
  ])('of a resource with the tags %j is %s', (tags, name) => {
    const { command, problems } = forTags(tags, { commands, run });
    expect([command?.name, problems]).toEqual([name, []]);
  });

  test('is the whole of what the policy says of it', () => {
    expect(forTags({}, { commands, run }).command).toEqual({
      name: 'restart-nginx',
      document: 'Shop-RestartService',
      version: '3',
      parameters: { Service: ['nginx'] },
      timeout: '5m',
      effects: ['interrupts'],
    });
  });

  test('is none where the policy names none for the failure, whatever a tag says', () => {
    const seen = facts({ instance: instance({ tags: { 'selfheal:command': 'clean-tmp' } }) });
    const effective = policyFor(policy({ commands, run }), { incident: incident({ failure: 'host-impaired' }), facts: seen });
    expect(effective).toMatchObject({ command: null, problems: [] });
    expect(forTags({ 'selfheal:command': 'clean-tmp' }, { commands })).toMatchObject({ command: null, problems: [] });
  });

  test.each(['restart-ngin', '', 'constructor', 'Restart-nginx'])('is a problem where a tag names %j, which there is not', (name) => {
    expect(forTags({ 'selfheal:command': name }, { commands, run }).problems).toEqual([
      `tag selfheal:command=${name} must be one of the commands in the policy`,
    ]);
  });

  const both = (ofInstance: Tags, ofGroup: Tags) =>
    policyFor(policy({ commands, run }), {
      incident: incident(),
      facts: memberFacts({ instance: instance({ groupName: 'web', tags: ofInstance }), group: group({ tags: ofGroup }) }),
    });

  test('of a member may be named by its own tag or by one of its group', () => {
    const tags = { 'selfheal:command': 'clean-tmp' };
    for (const seen of [both(tags, {}), both({}, tags), both(tags, tags)])
      expect([seen.command?.name, seen.problems]).toEqual(['clean-tmp', []]);
  });

  test.each([
    ['clean-tmp', 'restart-php'],
    ['restart-nginx', 'clean-tmp'],
    ['clean-tmp', 'restart-nginx'],
  ])('is a problem where the member names %s and the group %s', (own, its) => {
    expect(both({ 'selfheal:command': own }, { 'selfheal:command': its }).problems).toEqual([
      `tag selfheal:command names ${own} on the resource and ${its} on its group`,
    ]);
  });
});

describe('a playbook narrows another', () => {
  test('where it does less of the same, and never the other way round', () => {
    expect(narrows(playbooks['recover-host'], playbooks['restart-instance'])).toBe(true);
    expect(narrows(playbooks['restart-instance'], playbooks['recover-host'])).toBe(false);
  });

  test('always where it is the same', () => {
    for (const playbook of Object.values(playbooks)) expect(narrows(playbook, playbook)).toBe(true);
  });

  test('never where it says healed for less', () => {
    const usual = playbooks['restart-instance'];
    const { healthy } = usual;
    expect(narrows({ ...usual, healthy: healthy.slice(1) }, usual)).toBe(false);
    expect(narrows(usual, { ...usual, healthy: healthy.slice(1) })).toBe(true);
  });

  test('never where it takes something else for a failure', () => {
    expect(narrows(playbooks['replace-ahead'], playbooks['restart-instance'])).toBe(false);
    expect(narrows(playbooks['leave-retiring-host'], playbooks['restart-instance'])).toBe(false);
  });
});
