import { expect, test } from '@jest/globals';
import { agentIsConnected, hostIsReplaced } from '../../shared/health/container-host.ts';
import { containerHost, group, incident, memberFacts, memberOf } from '../remediation/examples.ts';

type Change = Parameters<typeof containerHost>[0];
const look = (change: Change) => memberFacts({ host: containerHost(change) });

test.each<[Change, string]>([
  [{ connected: true }, 'healthy'],
  [{ connected: false }, 'unhealthy'],
  [{ connected: true, status: 'DRAINING' }, 'unknown'],
  [{ connected: false, status: 'INACTIVE' }, 'unknown'],
])('an agent of %j is %s', (change, state) => {
  expect(agentIsConnected.check({ facts: look(change), incident: incident(), before: look(change) }).state).toBe(state);
});

test('an agent that ECS does not list is neither', () => {
  const seen = memberFacts({ host: null });
  expect(agentIsConnected.check({ facts: seen, incident: incident(), before: seen }).state).toBe('unknown');
});

test('a host is replaced once its group is whole again, and its cluster has one more that can take tasks', () => {
  const before = look({});
  const others = [memberOf('i-0ffffffffffffffff'), memberOf('i-0fffffffffffffffe')];
  const now = (able: number | null, members = before.group?.members, then = before) =>
    hostIsReplaced.check({
      facts: memberFacts({
        instance: null,
        group: group({ members: members ?? [] }),
        host: able === null ? null : containerHost({ status: 'INACTIVE', hosts: { all: 4, lost: 0, lostIds: [], able } }),
      }),
      incident: incident(),
      before: then,
    }).state;
  expect(now(4)).toBe('unhealthy');
  expect(now(3, others)).toBe('unknown');
  expect(now(4, others)).toBe('healthy');
  const two = look({ hosts: { all: 4, lost: 2, lostIds: [], able: 2 } });
  expect([now(2, others, two), now(3, others, two)]).toEqual(['unknown', 'healthy']);
  const none = look({ hosts: { all: 4, lost: 1, lostIds: [], able: 4 } });
  expect(now(4, others, none)).toBe('healthy');
  expect([now(null, others), now(4, others, memberFacts({ host: null }))]).toEqual(['unknown', 'unknown']);
});
