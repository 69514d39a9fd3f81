import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { actions } from '../../shared/actions/index.ts';
import { guards } from '../../shared/guards/index.ts';
import { failureIds } from '../../shared/model/failure-id.ts';
import { playbookIds } from '../../shared/model/playbook-id.ts';
import { selfheal } from './io.ts';

const json = async (...ids: string[]) => JSON.parse((await selfheal(['playbooks', '--json', ...ids])).stdout);

describe('playbooks', () => {
  test('tells of every failure class what is done, or why nothing is', async () => {
    const { code, stdout } = await selfheal(['playbooks'], { columns: 200 });
    expect(code).toBe(0);
    for (const id of failureIds) expect(stdout).toMatch(new RegExp(`^${id} `, 'm'));
  });

  test.each([...playbookIds, ...failureIds])('tells of %s in full, within the width', async (id) => {
    const { code, stdout, stderr } = await selfheal(['playbooks', id], { columns: 80 });
    expect([code, stderr]).toEqual([0, '']);
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  test('--policy tells what is done under a policy', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'selfheal-playbooks-'));
    try {
      const file = join(folder, 'policy.yml');
      writeFileSync(file, 'playbooks: { instance-unreachable: none }\nclassification: { spotRebalance: replace-ahead }\n');
      const under = await json('--policy', file);
      const treated = (all: { playbooks: { id: string; failures: { id: string; onlyIfOptedIn: boolean }[] }[] }) =>
        all.playbooks.flatMap(({ id, failures }) => failures.map((one) => [one.id, id, one.onlyIfOptedIn]));
      expect(treated(await json())).toContainEqual(['instance-unreachable', 'restart-instance', false]);
      expect(treated(under).filter(([id]) => id === 'instance-unreachable')).toEqual([]);
      expect(treated(under)).toContainEqual(['spot-rebalance', 'replace-ahead', false]);
      expect(under.escalated).toContainEqual(
        expect.objectContaining({ id: 'instance-unreachable', because: 'the policy leaves it to a person' }),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('tells of a playbook its steps, conditions, patience, verification, permissions and guards, in order', async () => {
    const { stdout } = await selfheal(['playbooks', 'instance-unreachable'], { columns: 120 });
    expect(stdout).toMatch(
      /reboot-instance[\s\S]*only if: not in a group, the host is fine[\s\S]*stop-start-instance[\s\S]*replace-member/,
    );
    expect(stdout).toContain('patience: 1 try, 15 s to 5 min 00 s between, 5 calls at most');
    expect(stdout).toContain('verified within 20 min 00 s');
    expect(stdout).toContain('needs: ec2:RebootInstances');
    const at = guards.map(({ id }) => stdout.search(new RegExp(`\\d\\. ${id} `)));
    expect(at.every((position, i) => position > (at[i - 1] ?? 0))).toBe(true);
  });

  test('as JSON has every playbook, its permissions, and every guard with what it sees to', async () => {
    const all = await json();
    expect(all.playbooks.map(({ id }: { id: string }) => id).sort()).toEqual([...playbookIds].sort());
    expect([...new Set(all.playbooks.flatMap(({ permissions }: { permissions: string[] }) => permissions))].sort()).toEqual(
      [...new Set(actions.flatMap(({ permissions }) => permissions))].sort(),
    );
    expect(all.guards.map(({ id }: { id: string }) => id)).toEqual(guards.map(({ id }) => id));
    for (const { says } of all.guards) expect(says).toMatch(/^[A-Z].{20,}\.$/);
    expect(await json('scale-out')).toEqual(all.playbooks.find(({ id }: { id: string }) => id === 'scale-out'));
    expect(await json('latency-high')).toMatchObject({ id: 'latency-high', because: expect.any(String) });
    // Its playbook runs only where the policy names a command.
    expect(await json('disk-full')).toMatchObject({ id: 'clean-disk' });
  });

  test('has no colour in a pipe nor with NO_COLOR, and some on a terminal', async () => {
    const coloured = async (isTTY: boolean, env = {}) =>
      (await selfheal(['playbooks', 'scale-out'], { isTTY, columns: 80, env })).stdout.includes('\u001b[');
    expect([await coloured(true), await coloured(false), await coloured(true, { NO_COLOR: '1' })]).toEqual([true, false, false]);
  });

  test('refuses what it does not know, and more than one', async () => {
    expect(await selfheal(['playbooks', 'restart-instanc'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'selfheal playbooks: there is no playbook or failure class "restart-instanc"; did you mean restart-instance?\n',
    });
    expect((await selfheal(['playbooks', 'a', 'b'])).code).toBe(2);
  });
});
