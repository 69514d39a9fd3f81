import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { handler } from '../local/invoke/intake.ts';
import { invokedEvents } from './docs/shared-runs.ts';
import { partOf, testWhole } from './runner/whole.ts';

/** Nothing of the machine's own credentials or endpoints, so that a call that leaves the process would fail. */
const cleanEnvironment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')));

let folder: string;

const invoke = (functionName: string, path: string) =>
  new Promise<{ code: number; stdout: string }>((resolve) => {
    const args = ['node_modules/serverless/bin/serverless.js', 'invoke', 'local', '--stage', 'local', '-f', functionName, '-p', path];
    const env = { ...cleanEnvironment, AWS_EC2_METADATA_DISABLED: 'true' };
    execFile(process.execPath, args, { env }, (error, stdout) => resolve({ code: error ? Number(error.code ?? 1) : 0, stdout }));
  });

describe('sls invoke local, without an account', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'selfheal-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  // As the pages say it: they are run here and nowhere else.
  test.each(partOf(invokedEvents(), 2))('heals %s in a world that is made to match the event', async (path) => {
    const { code, stdout } = await invoke('intake', path);
    expect(code).toBe(0);
    expect(stdout).toContain('"status": "healed"');
    const { outcomes } = JSON.parse(stdout);
    expect(outcomes).toHaveLength(1);
    expect(outcomes[0]).toMatchObject({ failure: basename(path, '.json'), status: 'healed', verified: true });
    expect(Date.parse(outcomes[0].actions[0].at)).toBeGreaterThanOrEqual(Date.parse(outcomes[0].startedAt));
  });

  testWhole('runs one playbook alone', async () => {
    const path = join(folder, 'incident.json');
    const incident = {
      failure: 'instance-unreachable',
      disposition: 'remediate',
      resource: { type: 'instance', id: 'i-0a1b2c3d4e5f60718' },
      account: '111122223333',
      region: 'eu-west-1',
      partition: 'aws',
      playbook: 'restart-instance',
      reason: 'tried by hand',
      severity: 'critical',
      kind: 'alarm',
      at: Date.parse('2026-11-20T13:35:12.681Z'),
      alarm: { name: 'web-check', arn: null },
      children: [],
      evidence: {},
    };
    await writeFile(path, JSON.stringify(incident));
    const { code, stdout } = await invoke('remediate', path);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).outcomes[0]).toMatchObject({ status: 'healed', verified: true });
  });

  // What the framework has to do with it, the others show: it runs the handler and exits as that says.
  test('rejects what is no event, with a clear error and no action', async () => {
    expect(await handler('hello')).toEqual({
      outcomes: [],
      rejected: [{ record: 0, error: 'event: plain text, not an event: "hello"' }],
      ignored: 0,
    });
    expect(process.exitCode).toBe(1);
    process.exitCode = undefined;
  });
});
