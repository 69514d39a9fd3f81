import { existsSync } from 'node:fs';

/** What a template may name: `__id__` and so on. */
export type Names = Readonly<Record<string, string>>;

export type ModuleType = {
  /** A template in this type's folder, and the file that it becomes. The sample's expectation is written beside the sample. */
  files: Readonly<Record<string, string>>;
  /**
   * An entry in a list that exists: `into` is how the list begins, with its bracket; `before`, the entry that stays last. An import has
   * neither, and goes where it is sorted.
   */
  entries: ReadonlyArray<{ file: string; text: string; into?: string; before?: string }>;
  /** Names beyond those of the module's own id. */
  names?: (id: string, root: URL) => Names;
  /** What is left to do by hand. */
  next: readonly string[];
};

export const camel = (id: string): string => id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
const words = (id: string): string => id.replaceAll('-', ' ');

export const namesOf = (id: string): Names => ({
  id,
  camel: camel(id),
  words: words(id),
  Words: words(id).replace(/(^| )(.)/g, (_, space: string, letter: string) => space + letter.toUpperCase()),
});

const imported = (folder: string) => ({
  file: `shared/${folder}/index.ts`,
  text: "import { __camel__ } from './__id__.ts';\n",
});
const module = (folder: string) => ({
  'module.ts.txt': `shared/${folder}/__id__.ts`,
  'test.ts.txt': `test/${folder}/__id__.test.ts`,
});
const exists = (root: URL, path: string): boolean => existsSync(new URL(path, root));

/** The types of module. Modules of one name belong together: a playbook does the action of its name, a failure class names the playbook. */
export const types: Readonly<Record<string, ModuleType>> = {
  action: {
    files: module('actions'),
    entries: [
      imported('actions'),
      { file: 'shared/actions/index.ts', into: 'export const actions: readonly Action[] = [', text: '__camel__' },
      { file: 'shared/model/action-id.ts', into: 'export const actionIds = [', text: "'__id__'" },
      {
        file: 'shared/model/custom-playbook.ts',
        into: 'export const targetsOfAction: Readonly<Record<ActionId, readonly ResourceType[]>> = {',
        text: "'__id__': ['instance']",
      },
      {
        file: 'shared/policy/custom-playbook-problems.ts',
        into: 'const sufficientProofs: Readonly<Record<ActionId, readonly HealthCheckId[]>> = {',
        text: "'__id__': ['alarm-says-ok']",
      },
    ],
    next: ['Grant its permissions in infrastructure/roles.yml.', 'Name it in the ladder of a playbook.'],
  },
  guard: {
    files: module('guards'),
    entries: [
      imported('guards'),
      { file: 'shared/guards/index.ts', into: '...[', text: '__camel__' },
      {
        file: 'shared/model/guard-settings.ts',
        before: '} as const satisfies Record<string, GoverningSettings>',
        text: "  '__id__': noSetting('say here what a person does instead'),\n",
      },
    ],
    next: [
      'Give it its place in the order of shared/guards/index.ts: it stands with those that cost nothing.',
      'Say in shared/model/guard-settings.ts which setting governs it, or what a person does instead.',
      'If it looks something up: list its permissions there, too, and grant them in infrastructure/roles.yml.',
    ],
  },
  failure: {
    files: { ...module('failures'), 'sample.json.txt': 'events/cloudwatch-alarm/__id__.json' },
    entries: [
      imported('failures'),
      { file: 'shared/failures/index.ts', before: '  unclassified: unclassified', text: "  '__id__': __camel__,\n" },
      { file: 'shared/model/failure-id.ts', before: "  'unclassified',", text: "  '__id__',\n" },
      { file: 'shared/notifications/what-now.ts', before: '  unclassified: ', text: "  '__id__': 'See what failed.',\n" },
    ],
    names: (id, root) =>
      exists(root, `shared/playbooks/${id}.ts`)
        ? { escalate: '', playbook: `'${id}'`, playbookId: `'${id}'`, disposition: 'remediate' }
        : { escalate: ' escalate,', playbook: "escalate('why nothing is done by itself')", playbookId: 'null', disposition: 'escalate' },
    next: [
      'Say in shared/notifications/what-now.ts what a person does first.',
      'Correct why its sample is there, in the expectation beside it.',
    ],
  },
  playbook: {
    files: module('playbooks'),
    entries: [
      imported('playbooks'),
      {
        file: 'shared/playbooks/index.ts',
        into: 'export const playbooks: Readonly<Record<BuiltInPlaybookId, Playbook>> = {',
        text: "'__id__': __camel__",
      },
      { file: 'shared/model/playbook-id.ts', into: 'export const playbookIds = [', text: "'__id__'" },
      {
        file: 'shared/model/playbook-abilities.ts',
        into: 'export const abilities: Readonly<Record<BuiltInPlaybookId, Abilities>> = {',
        text: "'__id__': { subjects: ['instance'], actions: ['__action__'], looksFor: ['status-checks-pass'], proves: ['status-checks-pass', 'alarm-is-ok'] }",
      },
    ],
    names: (id, root) => {
      const action = exists(root, `shared/actions/${id}.ts`) ? id : 'reboot-instance';
      return { action, actionCamel: camel(action) };
    },
    next: ['Name it in a failure class.', 'Run npm run docs, which writes its page.'],
  },
  channel: {
    files: module('notifications/channels'),
    entries: [
      imported('notifications/channels'),
      {
        file: 'shared/notifications/channels/index.ts',
        into: 'export const channels: readonly ChannelModule[] = [',
        text: '__camel__',
      },
      { file: 'shared/model/channel-id.ts', into: 'export const channelIds = [', text: "'__id__'" },
    ],
    next: [
      'Let it send, and grant its calls in infrastructure/roles.yml.',
      'What it needs of a deployment: add it to Deployment in shared/notifications/channels/channel.ts, read it in shared/compose/reporter.ts.',
      'Run npm run schemas and npm run docs.',
    ],
  },
  resource: {
    files: module('resources'),
    entries: [
      imported('resources'),
      { file: 'shared/resources/index.ts', into: 'export const resourceKinds: readonly ResourceKind[] = [', text: '__camel__' },
      {
        file: 'test/resources/samples.ts',
        into: 'export const samples: Readonly<Record<string, Incident>> = {',
        text: "'__id__': alarmOn('__Words__', { type: 'service', id: 'one' })",
      },
      {
        file: 'local/testbed/incident-resources.ts',
        into: 'export const places: Readonly<Record<string, Place>> = {',
        text: "// What the embedded AWS has of it.\n'__id__': () => undefined",
      },
    ],
    next: [
      'Let it look, and grant what it asks in infrastructure/roles.yml; test/resources/conformance.test.ts says what a look has to do.',
      'Put it into the world in local/testbed/incident-resources.ts.',
    ],
  },
  signal: {
    files: { ...module('signals'), 'sample.json.txt': 'events/__id__/__id__.json' },
    entries: [imported('signals'), { file: 'shared/signals/index.ts', before: '  // Last: it claims', text: '  __camel__,\n' }],
    next: [
      'Add a rule to infrastructure/rules.yml if it comes by the bus.',
      'Name what it tells in a failure class.',
      'Correct why its sample is there, in the expectation beside it.',
    ],
  },
};
