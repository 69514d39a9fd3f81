import { describe, expect, test } from '@jest/globals';
import { withoutIdleTags } from '../../shared/policy/effective-policy.ts';
import { particularsOf } from '../../shared/remediation/particulars.ts';
import { facts, group, groupFacts, groupName, incident, instance, memberFacts, policy } from './examples.ts';

describe("an outcome's particulars", () => {
  test('are the name, the zone, the group and the alarm, as far as they were seen', () => {
    const seen = withoutIdleTags(memberFacts({ instance: instance({ groupName, tags: { Name: ' web-1 ', other: 'x' } }) }), policy());
    expect(seen.instance?.tags).toEqual({ Name: ' web-1 ' });
    expect(particularsOf(incident(), seen)).toEqual({
      name: 'web-1',
      zone: 'us-east-1a',
      group: 'web',
      alarm: { name: 'web-status', arn: incident().alarm?.arn },
    });
    expect(particularsOf(incident({ alarm: null }))).toEqual({});
  });

  test("of a group have the group's name, and no zone", () => {
    const resource = { type: 'group' as const, id: groupName };
    const seen = groupFacts({ tags: { Name: 'the web' } });
    expect(particularsOf(incident({ resource, alarm: null }), seen)).toEqual({ name: 'the web', group: 'web' });
    expect(particularsOf(incident({ resource, alarm: null }), { ...seen, group: group({ tags: { Name: '' } }) })).toEqual({ group: 'web' });
  });

  test('name the runbook of the resource, or else that of its group', () => {
    const tagged = (own?: string, ofGroup?: string) => {
      const tags = (name?: string) => (name ? { 'selfheal:runbook': `https://wiki.example.com/${name}` } : {});
      const seen = memberFacts({ instance: instance({ groupName, tags: tags(own) }), group: group({ tags: tags(ofGroup) }) });
      return particularsOf(incident(), seen, policy({ runbooks: { hosts: ['wiki.example.com'] } })).runbook;
    };
    expect(tagged('web-1')).toMatch(/web-1$/);
    expect(tagged('web-1', 'web')).toMatch(/web-1$/);
    expect(tagged(undefined, 'web')).toMatch(/web$/);
    expect(tagged()).toBeUndefined();
  });

  test('of a decision say which policy of the package it was by', () => {
    expect(particularsOf(incident(), facts(), { ...policy(), version: '3f9ab2c41d07' })).toMatchObject({ policyVersion: '3f9ab2c41d07' });
    expect(particularsOf(incident(), facts(), policy())).not.toHaveProperty('policyVersion');
  });
});
