import { describe, expect, test } from '@jest/globals';
import { rebootDatabase } from '../../shared/actions/reboot-database.ts';
import { approval } from '../../shared/guards/approval.ts';
import { database, facts, group, memberFacts } from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';

const required = (...rules: object[]) => effective({ approval: { required: rules } });

describe('approval', () => {
  test.each([
    ['nothing needs it', effective()],
    ['another action does', required({ action: 'stop-start-instance' })],
    ['another failure does', required({ failure: 'host-impaired' })],
    ['something tagged otherwise does', required({ tag: { key: 'stage', value: 'prod' } })],
    ['this action does on another failure', required({ action: 'reboot-instance', failure: 'memory-exhausted' })],
  ])('passes where %s', (_, policy) => {
    expect(approval.check(guardInput({ policy }))).toEqual({ answer: 'pass' });
  });

  test.each([
    ['the action', required({ action: 'reboot-instance' })],
    ['the failure', required({ failure: 'instance-unreachable' })],
    ['a tag', required({ tag: { key: 'selfheal' } })],
    ['one of several', required({ failure: 'host-impaired' }, { action: 'reboot-instance', tag: { key: 'selfheal', value: 'on' } })],
  ])('asks where the policy wants it for %s, and passes once approved', (_, policy) => {
    expect(approval.check(guardInput({ policy }))).toEqual({ answer: 'ask', reason: 'the policy requires the approval of a person' });
    expect(approval.check(guardInput({ policy, approved: true }))).toEqual({ answer: 'pass' });
  });

  test('asks where the action itself wants it, unless the policy waives that', () => {
    const about = { action: rebootDatabase, target: { type: 'database', id: 'orders' }, facts: facts({ database: database() }) } as const;
    expect(approval.check(guardInput(about))).toEqual({ answer: 'ask', reason: expect.stringContaining('every connection') });
    expect(approval.check(guardInput({ ...about, approved: true }))).toEqual({ answer: 'pass' });
    expect(approval.check(guardInput({ ...about, policy: effective({ databases: { approval: 'waived' } }) }))).toEqual({ answer: 'pass' });
  });

  test("reads the group's tags as well", () => {
    const facts = memberFacts({ group: group({ tags: { stage: 'prod' } }) });
    expect(approval.check(guardInput({ facts, policy: required({ tag: { key: 'stage' } }) }))).toMatchObject({ answer: 'ask' });
  });

  test('asks where a tag on the resource wants it', () => {
    const policy = { ...effective(), approvalByTag: true };
    expect(approval.check(guardInput({ policy }))).toEqual({ answer: 'ask', reason: 'a tag on it requires the approval of a person' });
    expect(approval.check(guardInput({ policy, approved: true }))).toEqual({ answer: 'pass' });
  });
});
