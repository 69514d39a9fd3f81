import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DescribeAvailabilityZonesCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { coveragePage } from '../scripts/coverage.ts';
import { clients } from './harness.ts';

const run = promisify(execFile);
const home = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(dirname(home));
const read = (path: string) => readFileSync(join(home, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  exports: Record<string, string>;
  dependencies: Record<string, string>;
};

const filesIn = (folder: string): string[] =>
  readdirSync(join(home, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path));

/** What a file imports: its own files as paths in the package, packages as they stand. */
const importsOf = (path: string): string[] =>
  [...read(path).matchAll(/(?:from|import|require)\s*\(?\s*'([^'\n]+)'/g)].map(([, name = '']) =>
    name.startsWith('.') ? join(dirname(path), name) : name,
  );

describe('the package', () => {
  test('imports nothing from outside of itself but packages, and in src only those that it depends on', () => {
    const leaving = [...filesIn('src'), ...filesIn('scripts'), ...filesIn('test')].flatMap((path) =>
      importsOf(path)
        .filter((name) => /^(\.\.|#)/.test(name))
        .map((name) => `${path} imports ${name}`),
    );
    expect(leaving).toEqual([]);
    const packages = filesIn('src')
      .flatMap(importsOf)
      .filter((name) => !/^(src\/|node:)/.test(name));
    const names = packages.map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );
    expect([...new Set(names)].sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });

  test('lays every service out alike: what it keeps, its API, what it tells others, and an index', () => {
    const services = readdirSync(join(home, 'src/services'));
    expect(services.length).toBeGreaterThan(10);
    for (const service of services) {
      const names = readdirSync(join(home, 'src/services', service)).map((name) => name.replace(/\.ts$/, ''));
      expect([service, names.filter((name) => !['model', 'operations', 'events', 'index'].includes(name))]).toEqual([service, []]);
      expect([service, names]).toEqual([service, expect.arrayContaining(['operations', 'index'])]);
    }
  });

  test('exports what the project imports of it, from the same files', () => {
    const { imports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { imports: Record<string, string> };
    const here = Object.entries(manifest.exports).map(([name, file]) => [
      name.replace(/^\./, '#local-aws'),
      file.replace('./dist/', './packages/local-aws/src/').replace(/\.js$/, '.ts'),
    ]);
    expect(Object.fromEntries(here)).toEqual(imports);
  });

  test('says in COVERAGE.md what it serves: npm run coverage writes it', () => {
    const { present, wanted } = coveragePage();
    expect(present).toBe(wanted);
    expect(present).toMatch(/^\| EC2 \| \d+ \| \d+ \| .*`RunInstances`/m);
  });
});

// It takes long, and is only run with all tests.
const whole = process.env.WHOLE === '1' ? describe : describe.skip;
whole('the package as it is packed', () => {
  let folder = '';
  let app = '';
  let installed = '';
  afterAll(() => rmSync(folder, { recursive: true }));

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'local-aws-'));
    app = join(folder, 'app');
    installed = join(app, 'node_modules/@selfheal/local-aws');
    // Built in a copy, so that nothing is left behind in the project.
    const copy = join(folder, 'project/packages/local-aws');
    cpSync(home, copy, { recursive: true, filter: (path) => !/local-aws\/(test|dist|node_modules)$/.test(path) });
    cpSync(join(root, 'tsconfig.json'), join(folder, 'project/tsconfig.json'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'project/node_modules'));
    await run('npm', ['pack', '--offline', '--pack-destination', folder], { cwd: copy });
    const [archive = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    mkdirSync(installed, { recursive: true });
    await run('tar', ['-xzf', join(folder, archive), '-C', installed, '--strip-components=1']);
    // What an install would put there: what the package says it depends on, and nothing else.
    for (const name of Object.keys(manifest.dependencies)) {
      mkdirSync(dirname(join(app, 'node_modules', name)), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), join(app, 'node_modules', name));
    }
  });

  test('has JavaScript, types, and no TypeScript or tests', () => {
    const names = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(names).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'CHANGELOG.md', 'COVERAGE.md', 'dist/index.js', 'dist/index.d.ts']),
    );
    expect(names.filter((name) => (name.endsWith('.ts') && !name.endsWith('.d.ts')) || /^(src|test|scripts)\b/.test(name))).toEqual([]);
    for (const file of Object.values(manifest.exports)) expect(names).toContain(join(file));
  });

  test('serves on a port, and ends when it is interrupted', async () => {
    const bin = join(installed, 'bin/local-aws.js');
    const child = spawn(process.execPath, [bin, '--json', '--speed', '0'], { cwd: app, stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { url } = JSON.parse(line.toString()) as { url: string };
    const { AvailabilityZones } = await clients({ endpoint: url }).ec2.send(new DescribeAvailabilityZonesCommand({}));
    expect(AvailabilityZones?.[0]?.ZoneName).toBe('us-east-1a');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
  });

  test("does what the README's example says", async () => {
    const [, example = ''] = /```js\n([\s\S]*?)```/.exec(read('README.md')) ?? [];
    writeFileSync(join(app, 'example.mjs'), example);
    const { stdout } = await run(process.execPath, ['example.mjs'], { cwd: app });
    expect(stdout).toBe(`${/console\.log\(.*\); \/\/ (.*)/.exec(example)?.[1]}\n`);
  });
});
