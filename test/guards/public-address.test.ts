import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import { publicAddress } from '../../shared/guards/public-address.ts';
import { facts, instance, instanceId, memberFacts, status, targetsOf } from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';

const lent = { ip: '203.0.113.9', elastic: false };
const dead = status({ system: 'impaired', instance: 'impaired' });
const stopping = (mode: string, seen: Parameters<typeof facts>[0], approved = false) =>
  publicAddress.check(
    guardInput({
      action: stopStartInstance,
      facts: facts({ instance: instance({ address: lent }), ...seen }),
      policy: effective({ protect: { publicAddress: mode } }),
      approved,
    }),
  );

describe('public-address', () => {
  test.each([
    ['auto', 'a host that has failed', { status: dead }, 'pass'],
    ['auto', 'a host that still works', {}, 'ask'],
    ['auto', 'a host whose checks are not known', { status: null }, 'ask'],
    ['auto', 'checks that have only begun', { status: status({ system: 'initializing' }) }, 'ask'],
    [
      'auto',
      'a failed check, though its target is healthy',
      { status: dead, targets: targetsOf([{ id: instanceId, state: 'healthy' }]) },
      'ask',
    ],
    [
      'auto',
      "a failed check, though another one's target is healthy",
      { status: dead, targets: targetsOf([{ id: 'i-0ffffffffffffffff', state: 'healthy' }]) },
      'pass',
    ],
    [
      'auto',
      'a failed check and a target that is not healthy either',
      { status: dead, targets: targetsOf([{ id: instanceId, state: 'unhealthy' }]) },
      'pass',
    ],
    ['ask', 'a host that has failed', { status: dead }, 'ask'],
    ['allow', 'a host that still works', {}, 'pass'],
    ['never', 'a host that has failed', { status: dead }, 'skip'],
  ])('with %s and %s: %j is %s', (mode, _, seen, answer) => {
    expect(stopping(mode, seen)).toMatchObject({ answer });
  });

  test.each(['auto', 'ask'])('with %s passes once a person has said yes', (mode) => {
    expect(stopping(mode, {}, true)).toEqual({ answer: 'pass' });
  });

  test('says which address is lost', () => {
    expect(stopping('ask', {})).toMatchObject({ reason: expect.stringContaining('203.0.113.9') });
  });

  test.each([
    ['none', null],
    ['an elastic one', { ip: '203.0.113.9', elastic: true }],
  ])('has nothing to say of an instance with %s', (_, address) => {
    expect(stopping('never', { instance: instance({ address }) })).toEqual({ answer: 'pass' });
  });

  test('has nothing to say of actions that change no address', () => {
    for (const action of [rebootInstance, replaceMember]) {
      const seen = action === replaceMember ? memberFacts() : facts({ instance: instance({ address: lent }) });
      const policy = effective({ protect: { publicAddress: 'never' } });
      expect(publicAddress.check(guardInput({ action, facts: seen, policy }))).toEqual({ answer: 'pass' });
    }
  });

  test('holds where there is no instance', () => {
    expect(stopping('allow', { instance: null })).toMatchObject({ answer: 'hold' });
  });
});
