import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { describe, expect, test } from '@jest/globals';
import { main, serveUntilInterrupted, UsageError } from '../../src/cli.ts';
import { serve } from '../../src/wire/server.ts';
import { clients, recordingIo, refusal } from '../harness.ts';
import { abroad, home, hub, member, organization, stranger } from './setup.ts';

const ask = async (url: string, path: string, body?: object) => {
  const answer = await fetch(`${url}${path}`, body ? { method: 'POST', body: JSON.stringify(body) } : {});
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

describe('an organisation on a port', () => {
  test('answers by key and region; the control plane means the first world unless it is told another one', async () => {
    const { org } = organization();
    const served = await serve(org, { speed: 0 });
    const { url } = served;
    const client = (accessKeyId: string, region: string) => clients({ endpoint: url, accessKeyId, region });
    expect((await client(member, abroad).sts.send(new GetCallerIdentityCommand({}))).Account).toBe(member);
    const about = `account=${member}&region=${abroad}`;
    const fault = { fault: 'fail-call', service: 'ec2', code: 'Unavailable', status: 503 };
    expect((await ask(url, `/_selfheal/faults?${about}`, fault)).status).toBe(200);
    const look = (account: string, region: string) => client(account, region).ec2.send(new DescribeInstancesCommand({}));
    expect(await refusal(look(member, abroad))).toMatchObject({ code: 'Unavailable' });
    await look(member, home);
    expect((await ask(url, `/_selfheal/state?${about}`)).body).toMatchObject({ account: member, region: abroad, faults: [{}] });
    expect((await ask(url, '/_selfheal/state')).body).toMatchObject({ account: hub, region: home, faults: [], calls: [] });
    expect((await ask(url, `/_selfheal/state?account=${stranger}`)).status).toBe(404);
    expect((await ask(url, '/_selfheal/reset', {})).status).toBe(200);
    await look(member, abroad);
    await served.close();
  });

  test('is what the command line serves where accounts or regions are repeated', async () => {
    const script = `import { main } from './packages/local-aws/src/cli.ts';
      process.exitCode = await main(process.argv.slice(1), { stdout: process.stdout, stderr: process.stderr, env: {} });`;
    const several = ['--account', hub, '--account', member, '--region', home, '--region', abroad, '--organization', 'o-abcdefghij'];
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', ...several, '--json', '--speed', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const said = JSON.parse(line.toString()) as { url: string };
    expect(said).toMatchObject({
      account: hub,
      region: home,
      accounts: [hub, member],
      regions: [home, abroad],
      organization: 'o-abcdefghij',
    });
    const { sts } = clients({ endpoint: said.url, accessKeyId: member, region: abroad });
    expect((await sts.send(new GetCallerIdentityCommand({}))).Account).toBe(member);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test("is refused where a world is somebody's own, and where an id is none", async () => {
    const { io, written } = recordingIo();
    const own = () => Promise.reject(new Error('never set up'));
    await expect(serveUntilInterrupted(['--account', hub, '--account', member], io, 'other', own)).rejects.toThrow(UsageError);
    expect(await main(['--organization', 'mine'], io)).toBe(2);
    expect(written.stderr).toMatch(/^local-aws: --organization must be an organization's id/);
  });
});
