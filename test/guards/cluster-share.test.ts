import { describe, expect, test } from '@jest/globals';
import { playScenario } from '../../local/worlds/play.ts';
import { scenarioSchema } from '../../local/worlds/schema.ts';
import { failOverCluster } from '../../shared/actions/fail-over-cluster.ts';
import { replaceContainerInstance } from '../../shared/actions/replace-container-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { clusterShare } from '../../shared/guards/cluster-share.ts';
import type { GuardInput } from '../../shared/guards/guard.ts';
import { clusterMembers, containerHost, database, facts, instanceId, memberFacts, noon } from '../remediation/examples.ts';
import { effective, guardInput, kindOf } from './examples.ts';

const policy = effective({ ecs: { hosts: 'on' }, blastRadius: { share: 0.25 } });
const hosts = (all: number, lost: number) => ({
  hosts: { all, lost, able: all - lost, lostIds: Array.from({ length: lost }, (_, i) => `i-${String(i).padStart(17, '0')}`) },
});
const reporter = (is: boolean) => ({
  electReporter: async () => is,
  joinMass: async () => ({ role: 'first' as const }),
  recent: async () => [],
});
const asked = (change: Parameters<typeof containerHost>[0] = {}, more: Partial<GuardInput> = {}) =>
  clusterShare.check(
    guardInput({
      action: replaceContainerInstance,
      facts: memberFacts({ host: containerHost(change) }),
      policy,
      ledger: reporter(true),
      ...more,
    }),
  );

describe('cluster-share', () => {
  test('passes one lost host of four, and takes one place of the cluster', async () => {
    const taken: unknown[] = [];
    const take: GuardInput['take'] = async (what) => {
      taken.push(what);
      return { acquired: true, attempts: [] };
    };
    expect(await asked({}, { take })).toEqual({ answer: 'pass' });
    expect(taken).toEqual([{ type: 'cluster-place', id: 'prod/0' }]);
  });

  test('waits while the places of the cluster are taken', async () => {
    const take: GuardInput['take'] = async () => ({ acquired: false, holder: 'another', until: 0 });
    expect(await asked({}, { take })).toMatchObject({ answer: 'hold', passing: true });
  });

  test.each([
    [4, 2],
    [4, 4],
    [1, 1],
    [40, 11],
  ])('of %s hosts it lets none be replaced once %s are lost, which one message tells', async (all, lost) => {
    expect(await asked(hosts(all, lost))).toMatchObject({ answer: 'hold', shared: expect.any(Array) });
    expect(await asked(hosts(all, lost), { ledger: reporter(false) })).toMatchObject({ answer: 'hold', quiet: true });
  });

  test('is told of once in twice the window of a mass failure', async () => {
    const asks: unknown[][] = [];
    const electReporter = async (...given: unknown[]) => asks.push(given) > 0;
    await asked(hosts(4, 4), { ledger: { ...reporter(true), electReporter }, now: noon });
    expect(asks).toEqual([['lost agents in cluster prod', expect.any(String), noon, 2 * policy.massFailure.window * 1000]]);
  });

  test('names twenty of them, and says how many more there are', async () => {
    const answer = await asked(hosts(40, 30));
    expect(answer).toMatchObject({
      reason: expect.stringMatching(/\(i-0{17}, .*, i-0{15}19 and 10 more\)$/),
      shared: hosts(40, 30).hosts.lostIds,
    });
    expect(await asked(hosts(40, 20))).toMatchObject({ reason: expect.stringMatching(/, i-0{15}19\)$/) });
  });

  test.each<[string, string, Parameters<typeof containerHost>[0], Partial<GuardInput>]>([
    ['where the policy does not name it', 'hold', {}, { policy: effective() }],
    ['of a host that has left its cluster', 'hold quietly', { status: 'INACTIVE' }, {}],
    ['of a host that ECS does not know', 'hold', {}, { facts: memberFacts({ host: null }) }],
  ])('holds a replacement %s: %s', async (_, kind, change, more) => {
    expect(await kindOf(asked(change, more))).toBe(kind);
  });

  test('keeps the place that its incident holds, and takes no second', async () => {
    const taken: string[] = [];
    const take: GuardInput['take'] = async ({ id }) => {
      taken.push(id);
      return { acquired: false, holder: 'another', until: noon };
    };
    const at = { account: '123456789012', region: 'us-east-1' };
    const held = [
      { ...at, type: 'cluster-place', id: 'prod/2' },
      { ...at, type: 'group-place', id: 'prod/1' },
    ];
    await asked(hosts(12, 1), { take, held });
    expect(taken).toEqual(['prod/2', 'prod/0', 'prod/1']);
  });

  test('says nothing of a host that has left its cluster', async () => {
    expect(await asked({ status: 'INACTIVE' })).toMatchObject({ answer: 'hold', quiet: true });
  });

  test('leaves a cluster whose only group fails as a whole alone, and one message tells of it', async () => {
    const scenario = scenarioSchema.parse({
      name: 'One group',
      hypothesis: 'None of them is drained.',
      policy: { ecs: { hosts: 'on' } },
      fleet: {
        groups: { hosts: { min: 1, desired: 4, max: 6 } },
        clusters: { prod: { groups: ['hosts'] } },
        services: { checkout: { cluster: 'prod', desired: 6 } },
      },
      timeline: [{ at: '+0m', do: 'lose-container-agent', cluster: 'prod', how: 'cut-off', for: '40m' }],
      expect: { promises: 'kept' },
    });
    const { messages, calls, watched } = await playScenario(scenario);
    expect({ messages, violations: watched?.violations }).toEqual({ messages: 1, violations: [] });
    expect(calls).not.toContain('ecs:UpdateContainerInstancesState');
    expect(calls).not.toContain('autoscaling:TerminateInstanceInAutoScalingGroup');
  });

  test('is not concerned with other members', async () => {
    const input = guardInput({ action: replaceMember, target: { type: 'instance', id: instanceId }, facts: memberFacts() });
    expect(await clusterShare.check(input)).toEqual({ answer: 'pass' });
  });
});

describe('cluster-share, of databases', () => {
  const about = (members = clusterMembers()): Partial<GuardInput> => ({
    action: failOverCluster,
    target: { type: 'database', id: 'shop' },
    facts: facts({ instance: null, status: null, database: database({ id: 'shop', members }) }),
  });

  test('keeps both members of a failover to this incident, and to no other', async () => {
    const taken: string[] = [];
    const take: GuardInput['take'] = async ({ id }) => {
      taken.push(id);
      return { acquired: true, attempts: [] };
    };
    expect(await clusterShare.check(guardInput({ ...about(), take }))).toEqual({ answer: 'pass' });
    expect(taken).toEqual(['shop-1', 'shop-0']);
    const other = async () => ({ acquired: false, holder: 'another', until: noon }) as const;
    expect(await clusterShare.check(guardInput({ ...about(), take: other }))).toMatchObject({ answer: 'hold', passing: true });
  });

  test('leaves a cluster that nobody can take over to a person', async () => {
    expect(await clusterShare.check(guardInput(about(clusterMembers({ readers: [] }))))).toMatchObject({ answer: 'escalate' });
  });
});
