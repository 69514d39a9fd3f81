import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { actions } from '../shared/actions/index.ts';
import type { Failure } from '../shared/failures/define.ts';
import { failures } from '../shared/failures/index.ts';
import { guards } from '../shared/guards/index.ts';
import { channelIds } from '../shared/model/channel-id.ts';
import { failureIds } from '../shared/model/failure-id.ts';
import { playbookIds } from '../shared/model/playbook-id.ts';
import { resourceTypes } from '../shared/model/resource.ts';
import { channels } from '../shared/notifications/channels/index.ts';
import { playbooks } from '../shared/playbooks/index.ts';
import { resourceKinds } from '../shared/resources/index.ts';
import { signalModules } from '../shared/signals/index.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path))
    .sort();

type Fields = Record<string, unknown>;
type Kind = {
  /** What makes an export a module of its folder. */
  is: (value: Fields) => boolean;
  /** The name that it goes by. */
  id: (value: Fields) => unknown;
  index: readonly unknown[];
  /** Files that define more than one module: the same event from two services. */
  several?: readonly string[];
};

const has =
  (...fields: string[]) =>
  (value: Fields): boolean =>
    fields.every((field) => field in value);
const id = (value: Fields) => value.id;

const kinds: Record<string, Kind> = {
  actions: { is: has('id', 'permissions', 'steps', 'target'), id, index: actions },
  guards: { is: has('id', 'check'), id, index: guards },
  playbooks: { is: has('id', 'summary', 'ladder'), id, index: Object.values(playbooks) },
  failures: { is: has('id', 'severity', 'match', 'playbook'), id, index: Object.values(failures) },
  'notifications/channels': { is: has('id', 'essential', 'reports'), id, index: channels },
  resources: { is: has('id', 'noun', 'observe'), id, index: resourceKinds },
  signals: {
    is: (value) => 'kind' in value && ('events' in value || 'message' in value),
    id: ({ kind }) => kind,
    index: signalModules,
    several: ['ec2-fleet'],
  },
};

type Module = { name: string; value: Fields };
const modulesIn = async (folder: string): Promise<Module[]> => {
  const { is } = kinds[folder] as Kind;
  const found: Module[] = [];
  for (const path of filesIn(`shared/${folder}`)) {
    if (basename(path) === 'index.ts') continue;
    const exported = (await import(join(root, path))) as Fields;
    for (const value of Object.values(exported)) {
      if (typeof value === 'object' && value !== null && is(value as Fields)) {
        found.push({ name: basename(path, '.ts'), value: value as Fields });
      }
    }
  }
  return found;
};

const folders = Object.keys(kinds);

describe('every module', () => {
  test.each(folders)('of %s is in the index of its folder, once, and nothing else is', async (folder) => {
    const { index } = kinds[folder] as Kind;
    const modules = await modulesIn(folder);
    expect(modules.length).toBeGreaterThan(3);
    expect(modules.filter(({ value }) => index.filter((entry) => entry === value).length !== 1).map(({ name }) => name)).toEqual([]);
    expect(index).toHaveLength(modules.length);
  });

  test.each(folders)('of %s has the name of its file, and a file of its own', async (folder) => {
    const { id: idOf, several = [] } = kinds[folder] as Kind;
    const modules = await modulesIn(folder);
    expect(modules.map(({ value }) => idOf(value))).toEqual(modules.map(({ name }) => name));
    const alone = modules.map(({ name }) => name).filter((name) => !several.includes(name));
    expect(new Set(alone).size).toBe(alone.length);
  });

  test.each(folders)('of %s has a test of its name', async (folder) => {
    const untested = (await modulesIn(folder)).filter(({ name }) => !existsSync(join(root, `test/${folder}/${name}.test.ts`)));
    expect(untested.map(({ name }) => name)).toEqual([]);
  });
});

test('every function has a test of its name, in which it is loaded as it is deployed', () => {
  const untested = filesIn('functions').filter((path) => !existsSync(join(root, `test/functions/${basename(path, '.ts')}.test.ts`)));
  expect(untested).toEqual([]);
});

describe('ids', () => {
  test('of playbooks are those that intake names', () => {
    expect(Object.keys(playbooks).sort()).toEqual([...playbookIds].sort());
    for (const [key, playbook] of Object.entries(playbooks)) expect(playbook.id).toBe(key);
  });

  test('of failures are those that are listed', () => {
    expect(Object.keys(failures).sort()).toEqual([...failureIds].sort());
    for (const [key, failure] of Object.entries(failures)) expect(failure.id).toBe(key);
  });

  test('of channels are those that the ledger notes, in the same order', () => {
    expect(channels.map(({ id }) => id)).toEqual([...channelIds]);
  });

  test('of actions that a playbook uses are all in the index', () => {
    const used = Object.values(playbooks).flatMap(({ ladder }) => ladder.flatMap((step) => (step.kind === 'act' ? [step.action] : [])));
    for (const action of used) expect(actions).toContain(action);
    // An action that no playbook uses would have permissions for nothing.
    for (const action of actions) expect(used).toContain(action);
  });

  test('of playbooks are all named by a failure', () => {
    const named = Object.values<Failure>(failures).flatMap(({ playbook, match }) => [
      ...(typeof playbook === 'string' ? [playbook] : 'optIn' in playbook ? [playbook.optIn] : 'named' in playbook ? [playbook.named] : []),
      ...match.flatMap((one) => one.playbook ?? []),
    ]);
    expect([...new Set(named)].sort()).toEqual([...playbookIds].sort());
  });
});

/** What a file imports, as paths from the root for its own files and as they stand for packages. */
const importsOf = (path: string): string[] =>
  [...readFileSync(join(root, path), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name = '']) =>
    name.startsWith('.') ? normalize(join(dirname(path), name)) : name,
  );

/** Source without its comments. */
const codeOf = (path: string): string => readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');

const importing = (paths: readonly string[], forbidden: RegExp): string[] =>
  paths.flatMap((path) =>
    importsOf(path)
      .filter((name) => forbidden.test(name))
      .map((name) => `${path} imports ${name}`),
  );

describe('the boundaries', () => {
  test('of shared keep out functions, the local AWS, tests and benchmarks', () => {
    expect(importing(filesIn('shared'), /^(functions|local|packages|tools|test|bench)\/|^#/)).toEqual([]);
  });

  test('of functions keep out the local AWS, tests and benchmarks', () => {
    expect(importing(filesIn('functions'), /^(local|packages|tools|test|bench)\/|^#/)).toEqual([]);
  });

  test('of functions keep out what is put together: shared/compose does that, for them as for every offline mode', () => {
    const allowed = /^(@aws-sdk\/client-|shared\/(compose\/|aws\/(clients?|log)\.ts))/;
    const others = filesIn('functions').flatMap((path) => importsOf(path).filter((name) => !allowed.test(name)));
    expect(others).toEqual([]);
    const wiring = /^shared\/(handlers\/(approve|intake|remediate|watch)|dashboard\/index|recommended-alarms\/index)\.ts$/;
    const composing = ['shared', 'local', 'tools']
      .flatMap(filesIn)
      .filter((path) => /import \{[^}]*\bcreate(Intake|Remediate|Watch|Approve|Widget|EarlyWarning)\b[^}]*\} from/.test(codeOf(path)));
    expect(composing.filter((path) => !path.startsWith('shared/compose/'))).toEqual([]);
    expect(importing(composing, wiring)).toHaveLength(composing.length);
  });

  test('of shared keep out time, chance, the environment and timers', () => {
    const impure =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bset(Timeout|Interval|Immediate)\b|\bperformance\.now\b|\brandomUUID\b|\brandomBytes\b/;
    const edges = ['shared/compose/environment.ts'];
    expect(filesIn('shared').filter((path) => !edges.includes(path) && impure.test(codeOf(path)))).toEqual([]);
    // The edge is one: were it not, this test would look for the wrong thing.
    expect(edges.filter((path) => impure.test(codeOf(path)))).toEqual(edges);
  });

  test('of signals, failures, health checks and messages keep out every AWS client', () => {
    const pure = ['model', 'signals', 'failures', 'health', 'notifications'].flatMap((folder) => filesIn(`shared/${folder}`));
    // Channels send the messages; of the SDK's states the model has the type, so that the compiler knows a new one.
    const isAllowed = (path: string) => /^shared\/(notifications\/channels\/|model\/member-lifecycle\.ts$)/.test(path);
    expect(
      importing(
        pure.filter((path) => !isAllowed(path)),
        /^@aws-sdk\//,
      ),
    ).toEqual([]);
    expect(importing(filesIn('shared/aws'), /^@aws-sdk\//).length).toBeGreaterThan(0);
  });

  test('of guards keep out the ids of actions: they ask for effects', () => {
    const ids = new RegExp(`'(${actions.map((action) => action.id).join('|')})'`);
    expect(filesIn('shared/guards').filter((path) => ids.test(codeOf(path).replace(/(from|id:) '[^']*'/g, '')))).toEqual([]);
    expect(ids.test(codeOf('shared/actions/reboot-instance.ts'))).toBe(true);
  });

  test('of types of resource: what holds for one stands in its file, and is asked of the registry', () => {
    const asked = new RegExp(`\\.?type\\??\\s*[!=]==\\s*'(${resourceTypes.join('|')})'`);
    const asking = ['shared', 'local', 'functions'].flatMap(filesIn).filter((path) => asked.test(codeOf(path)));
    // The observer of the simulation trusts nothing of what it observes.
    expect(asking).toEqual(['local/worlds/observer.ts']);
    const files = filesIn('shared/model/resources').map((path) => basename(path, '.ts'));
    expect(files.filter((name) => name !== 'index' && name !== 'definition')).toEqual([...resourceTypes].sort());
  });

  test('of guards keep out every call that could change something', () => {
    const commands = filesIn('shared/guards').flatMap((path) =>
      [...codeOf(path).matchAll(/\b([A-Z]\w+)Command\b/g)].map(([, name = '']) => name),
    );
    expect(commands.filter((name) => !/^(Describe|Get|List|Lookup)/.test(name))).toEqual([]);
  });

  test('of the AWS SDK: one place makes its clients, with their time limits', () => {
    const making = [...filesIn('shared'), ...filesIn('functions')].filter((path) => /\bnew \w*Client\(/.test(codeOf(path)));
    expect(making).toEqual(['shared/aws/client.ts']);
  });

  test('of the durable engine: only a handler knows it', () => {
    const knowing = filesIn('shared').filter((path) => importsOf(path).some((name) => name.startsWith('@aws/durable-execution')));
    expect(knowing.filter((path) => !path.startsWith('shared/handlers/'))).toEqual([]);
    expect(knowing.length).toBeGreaterThan(0);
  });
});
