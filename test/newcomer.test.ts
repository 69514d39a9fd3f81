import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from '../local/adopt/live.ts';
import { createAdoptCommand } from '../local/cli/adopt.ts';
import { main, runCommand } from '../local/cli/main.ts';
import { recordingIo } from './cli/io.ts';
import { blocksOfPages } from './docs/blocks.ts';
import { linesOf } from './docs/extract.ts';
import { readersFolder, type Served, serveOnFreePort } from './docs/reader.ts';

const page = 'docs/first-hour.md';
const commands = blocksOfPages()
  .filter(({ mark, place }) => mark === 'walk' && place.startsWith(`${page}:`))
  .flatMap(({ text }) => linesOf(text));

const folder = readersFolder();
const before = process.cwd();
beforeAll(() => process.chdir(folder));

let server: Served | undefined;
afterAll(async () => {
  await server?.end();
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

/** Serves the account, with a clock that only this test moves. */
const serve = async (command: string): Promise<void> => {
  await server?.end();
  server = await serveOnFreePort(command.replace(/--speed \d+/, '--speed 0'), { folder });
  process.env.AWS_ENDPOINT_URL = server.url;
};

const advance = async (seconds: number): Promise<void> => {
  await fetch(`${server?.url}/_selfheal/clock`, { method: 'POST', body: JSON.stringify({ advanceSeconds: seconds }) });
};

/** Between two look-ups adopt waits by the account's clock. */
const adopt = createAdoptCommand({ connect, now: () => Date.now(), sleep: (milliseconds) => advance(milliseconds / 1000) });

/** Does what a line of the page says. The clock of the page runs sixty times as fast as the reader's. */
const run = async (command: string): Promise<string> => {
  const [name = '', ...args] = command.replaceAll("'", '').split(/\s+/);
  if (name === 'export') {
    // As the shell of a reader has it; the runner puts the environment back.
    Object.assign(process.env, Object.fromEntries(args.map((one) => one.split('=', 2))), { AWS_ENDPOINT_URL: server?.url });
    return '';
  }
  if (name === 'sleep') {
    await advance(60 * Number(args[0]));
    return '';
  }
  if (name === 'sed') {
    const policy = readFileSync('adopted/policy.yml', 'utf8');
    const [, from = '', to = ''] = /'s\/\^(.*?)\/(.*?)\/'/.exec(command) ?? [];
    expect(policy).toContain(from);
    writeFileSync('adopted/policy.yml', policy.replace(from, to));
    return '';
  }
  expect([name, args[0]]).toEqual(['npx', 'selfheal']);
  if (args[1] === 'aws') {
    await serve(command);
    return '';
  }
  const { io, written } = recordingIo({ env: process.env });
  const code = args[1] === 'adopt' ? await runCommand(adopt, args.slice(2), io) : await main(args.slice(1), io);
  const { stdout, stderr } = written;
  expect({ command, code, stderr: code === 0 ? '' : stderr }).toEqual({ command, code: 0, stderr: '' });
  return stdout;
};

/** The commands up to the next one that begins the account anew, each with what it printed. */
const runUntilServed = async (): Promise<Map<string, string>> => {
  const said = new Map<string, string>();
  do {
    const command = commands.shift() ?? '';
    said.set(command.split(' ').slice(0, 3).join(' '), await run(command));
  } while (commands.length > 0 && !commands[0]?.includes('selfheal aws '));
  return said;
};

test('a newcomer adopts an account with sixty alarms, rehearses, enforces, and sees an incident healed, by the commands of the page alone', async () => {
  const looked = await runUntilServed();
  const adopted = looked.get('npx selfheal adopt') ?? '';
  expect(adopted).toContain('60 alarms, 24 instances, 2 groups');
  const [, treated] = /(\d+ of 60 alarms would be treated)/.exec(adopted) ?? [];
  expect(readFileSync(page, 'utf8')).toContain(treated);
  expect(looked.get('npx selfheal policy')).toContain('can be used');

  const rehearsed = await runUntilServed();
  expect(rehearsed.get('npx selfheal incidents')).toMatch(/dry-run +instance-unreachable/);
  expect(rehearsed.get('npx selfheal incidents')).not.toContain('healed');

  const enforced = await runUntilServed();
  expect(commands).toEqual([]);
  expect(enforced.get('npx selfheal incidents')).toMatch(/healed +instance-unreachable/);
  expect(enforced.get('npx selfheal show')).toMatch(/reboot instance i-[\s\S]*=> healed/);
  expect(enforced.get('npx selfheal digest')).toMatch(/1 incident/);
});
