import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalAws, serve } from '#local-aws';
import { worldOptions } from '../../packages/local-aws/test/harness.ts';
import { selfheal } from '../cli/io.ts';
import { partOf, whole } from '../runner/whole.ts';
import { sendAwsCall } from './aws-call.ts';
import { type Block, blocksOfPages, pages, unheldIn } from './blocks.ts';
import { linesOf } from './extract.ts';
import { awsProblems, ownProblems, stagedProblems } from './held.ts';
import { readersFolder, root, type Served, serveOnFreePort } from './reader.ts';
import { sharedWithInvokeLocal } from './shared-runs.ts';

const all = blocksOfPages();
const marked = (mark: string): Block[] => all.filter((block) => block.language === 'sh' && block.mark === mark);

const folder = readersFolder();
afterAll(() => rmSync(folder, { recursive: true }));
const sample = readFileSync(join(root, 'events/cloudwatch-alarm/instance-unreachable.json'), 'utf8');
writeFileSync(join(folder, 'archive.jsonl.gz'), gzipSync(`${JSON.stringify(JSON.parse(sample))}\n`));
writeFileSync(join(folder, 'stricter.json'), '{"mode": "dry-run"}');

const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS_|NODE_OPTIONS|npm_)/.test(name))),
  NO_COLOR: '1',
  // What a command leaves there goes with the folder.
  TMPDIR: folder,
};

/**
 * What is executed in the place of a command that would change the very folder in which the tests run, run them inside of themselves, or
 * take minutes. The command itself is still held against the scripts and the help.
 */
const inPlaceOf = (command: string): string | null => {
  if (command === 'npm ci') return 'npm ci --dry-run --ignore-scripts --offline --no-audit --no-fund';
  // It is what runs this.
  if (command === 'npm test') return null;
  if (/^npm test\b/.test(command)) return `${command}${command.includes(' -- ') ? '' : ' --'} --listTests`;
  // A sample of them is a test of its own.
  if (/^npm run mutants\b/.test(command)) return 'npm run mutants -- --help';
  // Each part of it is a test or a check of its own, and it runs this test.
  if (command === 'npm run check' || command === 'npm run docs') return null;
  return command.replace(/^(npx selfheal simulate) --seeds \d+/, '$1 --seeds 1 --minutes 5');
};

/** That a promise is broken, that a hypothesis doesn't hold under another policy, or that an event has no class is an answer, too. */
const mayFail = (command: string): boolean => /--sabotage|selfheal (gameday|classify) .*--policy/.test(command);

const commandsIn = (text: string): string[] =>
  linesOf(text)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
    .flatMap((line) => line.split(/\s+&&\s+/));

type Executed = { status: number | null; stderr: string };

const bash = (args: readonly string[], env: Record<string, string | undefined> = environment): Promise<Executed> =>
  new Promise((resolve) => {
    const child = execFile('bash', args, { cwd: root, env: env as NodeJS.ProcessEnv, maxBuffer: 2 ** 26 }, (_, __, stderr) =>
      resolve({ status: child.exitCode, stderr }),
    );
    child.stdin?.end();
  });

/** The command line of selfheal is run here, in that folder; the process around it is that of `npm run demo`. */
const execute = async (command: string, env: Record<string, string | undefined> = environment): Promise<Executed> => {
  const [, name, ...args] = command.split(/\s+/);
  if (command.startsWith('npx ') && name === 'selfheal') {
    const before = process.cwd();
    process.chdir(folder);
    try {
      const { code, stderr } = await selfheal(args, { env });
      return { status: code, stderr };
    } finally {
      process.chdir(before);
    }
  }
  return bash(['-c', command.replace(/^curl /, 'curl --silent --show-error --fail ')], env);
};

test.each(pages())('%s has no commands that are not held', (name) => {
  expect(unheldIn(readFileSync(join(root, name), 'utf8'), name)).toEqual([]);
});

test('what is not held is found', () => {
  expect(unheldIn('```sh\nnpm ci\n```\n', 'a.md')).toEqual(['a.md:1: a block of commands must be marked run, local, walk, account']);
  expect(unheldIn('```sh runs\nnpm ci\n```\n', 'a.md')).toHaveLength(1);
  expect(unheldIn('x\n\n    npx selfheal demo\n', 'a.md')).toEqual(["a.md:3: commands in an indented block can't be marked"]);
  expect(unheldIn('```text\naws sns publish --x\n```\n', 'a.md')).toEqual(['a.md:1: commands that are not marked as such']);
  expect(unheldIn('```\nx\n```\n', 'a.md')).toEqual(['a.md:1: a block without a language']);
  expect(unheldIn('```sh run\nnpm ci\n```\n\n   ```json\n   {}\n   ```\n', 'a.md')).toEqual([]);
});

describe('every block of commands', () => {
  test('is shell that a shell reads, with commands and options that there are', async () => {
    const sh = all.filter(({ language }) => language === 'sh');
    expect(sh.length).toBeGreaterThan(30);
    // One shell starts those that read: started from here, each would cost as much as the whole of this process is large.
    const files = sh.map(({ text }, i) => {
      const file = join(folder, `block-${i}.sh`);
      writeFileSync(file, text);
      return file;
    });
    const { stderr } = await bash(['-c', 'for file; do bash -n "$file"; done', 'bash', ...files]);
    expect(stderr.replace(/\S*block-(\d+)\.sh/g, (_, i) => sh[Number(i)]?.place ?? '')).toBe('');
    for (const { place, text } of sh) {
      const lines = linesOf(text);
      expect([place, ...(await ownProblems(lines)), ...awsProblems(lines), ...stagedProblems([text])]).toEqual([place]);
    }
  });

  test('what is wrong in one is found', async () => {
    expect(await ownProblems(['npx sls deploy --stge prod --param email=x', 'npx sls invoke local -z intake'])).toEqual([
      'sls deploy: there is no --stge',
      'sls invoke local: there is no -z',
    ]);
    expect(await ownProblems(['terraform aply'])).toEqual(['terraform aply: there is no such command']);
    expect(awsProblems(['aws cloudformation package --bucket x'])).toEqual(['aws cloudformation package: there is no --bucket']);
    expect(awsProblems(['aws cloudformation deploy --stackname x', 'aws logs tail group --sinse 5m'])).toEqual([
      'aws cloudformation deploy: there is no --stackname',
      'aws logs tail: there is no --sinse',
    ]);
    expect(stagedProblems(['aws ssm put-parameter --name /selfheal/prod/swich'])).toEqual(['/selfheal/prod/swich']);
  });
});

describe('a block that is marked run', () => {
  const commands = [...new Set(marked('run').flatMap(({ text }) => commandsIn(text)))];
  const played = commands.filter((command) => !sharedWithInvokeLocal().includes(command));

  test('there are some, and those of sls invoke local run where they are looked at closely', () => {
    expect(commands.filter((command) => command.startsWith('npx selfheal ')).length).toBeGreaterThan(5);
    expect(commands.length - played.length).toBeGreaterThan(0);
  });

  // Those of a page use what others on it have written.
  const readme = new Set(marked('run').flatMap(({ place, text }) => (place.startsWith('README.md') ? commandsIn(text) : [])));
  test.each(played.filter((command) => whole || readme.has(command)))('%s', async (command) => {
    const executed = inPlaceOf(command);
    if (executed === null) return;
    const { status, stderr } = await execute(executed);
    const right = status === 0 || (status === 1 && mayFail(command));
    expect({ executed, status: right, stderr: right ? '' : stderr }).toEqual({ executed, status: true, stderr: '' });
  });
});

describe('a block that is marked local', () => {
  let served: Served | undefined;
  afterEach(async () => {
    await served?.end();
    served = undefined;
  });

  let hasCli = false;
  beforeAll(async () => {
    hasCli = (await bash(['-c', 'aws --version'])).status === 0;
  });
  /** What the CLI has run; it takes a second to start, and says the same of a command on another page. */
  const byCli = new Set<string>();

  test.each(partOf(marked('local'), 3).map((block) => [block.place, block] as const))('%s', async (_, { text }) => {
    const commands = commandsIn(text);
    const serves = commands.find((command) => /^npx (selfheal aws|local-aws)\b/.test(command));
    served = await serveOnFreePort(serves ?? 'npx selfheal aws --speed 60', { folder, env: environment });
    const { url } = served;
    const port = /--port (\d+)/.exec(serves ?? '')?.[1] ?? '4566';
    const keys = { AWS_ACCESS_KEY_ID: 'docs', AWS_SECRET_ACCESS_KEY: 'docs', AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-1' };
    for (const command of commands.filter((one) => one !== serves)) {
      const [, assigned = '', rest = ''] =
        /^((?:[A-Z_]+=\S+ )*)(.*)$/.exec(command.replaceAll(`127.0.0.1:${port}`, new URL(url).host)) ?? [];
      const given = Object.fromEntries([...assigned.matchAll(/([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name, value]));
      const env = { ...environment, ...keys, AWS_ENDPOINT_URL: url, ...given };
      if (rest.startsWith('aws ')) {
        // Over the wire to the served port in any case; by the CLI itself where the machine has it.
        await sendAwsCall(rest.split(/\s+/), given.AWS_ENDPOINT_URL ?? url);
        if (!hasCli || byCli.has(command)) continue;
        byCli.add(command);
      }
      const { status, stderr } = await execute(rest, env);
      expect({ rest, status, stderr: status === 0 ? '' : stderr }).toEqual({ rest, status: 0, stderr: '' });
    }
  });

  test('what is no call of AWS is found without a CLI as well', async () => {
    const { url, close } = await serve(createLocalAws(worldOptions));
    await expect(sendAwsCall(['aws', 'ec2', 'describe-instance'], url)).rejects.toThrow('there is no describe-instance');
    await expect(sendAwsCall(['aws', 'ec2', 'describe-instances', '--ids', 'x'], url)).rejects.toThrow('there is no --ids');
    await expect(sendAwsCall(['aws', 'ec2', 'describe-instances', '--instance-ids', '["i-0a1b2c3d4e5f60718"]'], url)).rejects.toMatchObject(
      { name: 'InvalidInstanceID.NotFound' },
    );
    await close();
  });
});
