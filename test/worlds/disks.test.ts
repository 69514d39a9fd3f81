import { describe, expect, test } from '@jest/globals';
import type { Host } from '../../local/testbed/host.ts';
import { playScenario } from '../../local/worlds/play.ts';
import { readScenario } from '../../local/worlds/read.ts';
import { createEarlyWarning } from '../../shared/recommended-alarms/index.ts';

const policy =
  "{ disks: { atMost: 60, look: list-disks, extend: extend-disk, serial: Volume }, commands: { list-disks: { document: Shop-ListDisks, version: '1', effects: [] }, extend-disk: { document: Shop-ExtendDisk, version: '1', effects: [], parameters: { Volume: none } } } }";
// biome-ignore lint/suspicious/noTemplateCurlyInString: the scenario's own language
const dimensions = "{ InstanceId: '${web}', path: /, device: nvme0n1p1, fstype: xfs }";
const threshold = `{ web-disk: { metric: { namespace: CWAgent, name: disk_used_percent, dimensions: ${dimensions} }, comparison: '>', threshold: 80, period: 1m, periods: 3 } }`;

/** From 60 percent a disk would be full in four hours; how full it is, once a minute, and what became of it. */
const filling = async (alarms: string, onReady: (host: Host) => void = () => {}) => {
  const read = readScenario(
    `name: n\nhypothesis: h\nwatch: 4h\npolicy: ${policy}\nfleet: { instances: { web: { alarms: [], volumes: [{ size: 20, used: 60, optedIn: true }] } }, alarms: ${alarms} }
timeline:
  - { at: 0m, do: document-does, document: Shop-ListDisks, lists: block-devices }
  - { at: 0m, do: document-does, document: Shop-ExtendDisk, extends: '{{ Volume }}' }
  - { at: 30m, do: fill-disk, on: web, percentAnHour: 10 }
expect: { promises: kept }\n`,
    'world.yml',
  );
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  const used: number[] = [];
  const { outcomes, watched } = await playScenario(read.scenario, {
    onReady: (host, says) => {
      onReady(host);
      const { ec2, world } = host.aws;
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the scenario's own language
      const InstanceId = says('${web}');
      world.clock.every(60_000, () => {
        used.push(ec2.metrics('disk_used_percent', { InstanceId, path: '/', device: 'nvme0n1p1', fstype: 'xfs' }, world.clock.now()) ?? 0);
      });
    },
  });
  expect(watched?.violations).toEqual([]);
  return { used, outcomes };
};

/** How full it was when it was given more: from one minute to the next it was less full. */
const fullness = (used: readonly number[]) => used.filter((percent, i) => (used[i + 1] ?? percent) < percent - 5);

describe('a disk that fills from 60 % to full in four hours', () => {
  test('is grown before 95 % by an alarm on a threshold', async () => {
    const { used, outcomes } = await filling(threshold);
    expect(outcomes).toMatchObject([{ failure: 'disk-full', status: 'healed', verified: true }]);
    expect(Math.max(...used)).toBeGreaterThan(80);
    expect(Math.max(...used)).toBeLessThan(83);
    expect(fullness(used)).toHaveLength(1);
  });

  test('is grown hours before by the forecast of early warning', async () => {
    const { used, outcomes } = await filling('{}', (host) => {
      const deps = {
        clients: host.operator,
        policy: host.policy,
        topicArn: host.alarmTopicArn,
        log: () => {},
        now: host.aws.world.clock.now,
      };
      void createEarlyWarning(deps)({} as never, { getRemainingTimeInMillis: () => 60_000 } as never);
    });
    // The second time once it is that full again, which the first time has put off by hours.
    expect(outcomes.map(({ failure, status, alarm }) => [failure, status, alarm?.name])).toEqual(
      [1, 2].map(() => ['disk-full', 'healed', expect.stringContaining('/disk-within-hours/')]),
    );
    expect(fullness(used)).toHaveLength(2);
    expect(Math.max(...used)).toBeLessThan(75);
  });

  test('is full without', async () => {
    const { used, outcomes } = await filling('{}');
    expect(outcomes).toEqual([]);
    expect(Math.max(...used)).toBeGreaterThan(94);
  });
});
