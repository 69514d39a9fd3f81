import fc from 'fast-check';
import { parse } from 'yaml';
import { readPolicyText } from '../../local/policy/read.ts';
import { policySchema } from '../../shared/model/policy.ts';
import { parsePolicy, wholePolicySchema } from '../../shared/policy/read-policy.ts';

const { shape } = policySchema.def.innerType as unknown as { shape: Record<string, unknown> };
const known = [...Object.keys(shape), 'actions', 'window', 'when', 'failure', 'tag', 'key', 'value', 'alarms', 'required', 'url'];

const word = fc.oneof(
  fc.constantFrom(
    ...known,
    'off',
    'on',
    'enforce',
    'dry-run',
    'none',
    'disk-full',
    'restart-instance',
    'reboot-instance',
    '6h',
    '__proto__',
  ),
  fc.string({ maxLength: 6 }),
);
const leaf = fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null), fc.double());
const { value } = fc.letrec((again) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(again('value'), { maxLength: 4 }), fc.dictionary(word, again('value'), { maxKeys: 4 })),
}));

/** Policies that can be used, or nearly. */
const likely = fc.record(
  {
    mode: fc.constantFrom('off', 'dry-run', 'enforce', 'on'),
    modes: fc.array(
      fc.record({ when: fc.record({ failure: fc.constantFrom('disk-full', 'instance-unreachable') }), mode: fc.constant('off') }),
      {
        maxLength: 3,
      },
    ),
    budget: fc.record({ actions: fc.integer({ min: -1, max: 120 }) }),
    calendars: fc.array(fc.constantFrom('releases', 'x', 'freeze-2026'), { maxLength: 12 }),
    playbooks: fc.dictionary(
      fc.constantFrom('disk-full', 'instance-unreachable', 'instance-unreachabel'),
      fc.constantFrom('none', 'restart-instance'),
    ),
    [known[0] ?? 'mode']: value,
  },
  { requiredKeys: [] },
);

/** A value as YAML in one of the ways to write it; not always the value itself. */
const written = (given: unknown, indent: string): string => {
  if (typeof given !== 'object' || given === null) return JSON.stringify(given) ?? 'null';
  const entries = Object.entries(given);
  if (entries.length === 0) return Array.isArray(given) ? '[]' : '{}';
  const deeper = `${indent}  `;
  const line = ([key, part]: [string, unknown]) =>
    Array.isArray(given) ? `- ${written(part, deeper)}` : `${/^[\w-]+$/.test(key) ? key : JSON.stringify(key)}: ${written(part, deeper)}`;
  return entries.map((entry) => `\n${indent}${line(entry)}`).join('');
};

const mark = fc.constantFrom(
  '[',
  ']',
  '{',
  '}',
  '&a ',
  '*a',
  '? ',
  ': ',
  '- ',
  '|\n',
  '>\n',
  '"',
  "'",
  '!!int ',
  '!x ',
  '\n',
  '\t',
  '#',
  '%',
  '---\n',
  ',',
);

/** Anchors that stand for ten of the one before. */
const bomb = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
  .map(
    ([rows, wide]) =>
      `x0: &x0 [a]\n${Array.from({ length: rows }, (_, i) => `x${i + 1}: &x${i + 1} [${Array(wide).fill(`*x${i}`)}]`).join('\n')}`,
  );

const broken = fc
  .tuple(fc.oneof(likely, value), fc.array(fc.tuple(fc.nat(400), mark), { minLength: 1, maxLength: 5 }))
  .map(([given, marks]) => marks.reduce((text, [at, what]) => `${text.slice(0, at)}${what}${text.slice(at)}`, written(given, '')));

const repeated = fc
  .tuple(fc.array(mark, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 3000 }))
  .map(([marks, times]) => marks.join('').repeat(times));

/** What might be given for a policy, from right to hostile. */
const documents = fc.oneof(
  likely.map((given) => JSON.stringify(given)),
  likely.map((given) => written(given, '')),
  value.map((given) => JSON.stringify(given) ?? ''),
  value.map((given) => written(given, '')),
  broken,
  bomb,
  repeated,
  fc.string({ unit: 'binary' }),
);

const attempt = (read: () => unknown): boolean => {
  try {
    read();
    return true;
  } catch {
    return false;
  }
};

const isJson = (text: string): boolean => attempt(() => JSON.parse(text));

/** What must hold for every document, however it came about. */
export const holdsFor = (text: string): void => {
  const read = readPolicyText(text, 'policy.yml');
  if ('policy' in read) {
    // Nothing skips validation: neither the whole of it, nor that of the running function, nor any other reader's view of the text.
    parsePolicy(JSON.stringify(read.policy));
    if (!wholePolicySchema.safeParse(parse(text, { logLevel: 'silent' }) ?? {}).success) throw new Error('another reader finds it wrong');
  } else {
    if (read.problems.length === 0 || read.problems.length > 20) throw new Error(`${read.problems.length} problems`);
    for (const { line, column, message } of read.problems)
      if (!(line >= 1 && column >= 1 && message.length > 0 && message.length < 1000)) throw new Error(`${line}:${column}: ${message}`);
    // Keys that stand twice are read by JSON; nothing else may be refused that a function would take.
    if (isJson(text) && attempt(() => parsePolicy(text)) && !read.problems.some(({ message }) => message.includes('stands here twice')))
      throw new Error(`refused: ${read.problems[0]?.message}`);
  }
};

/** Generates documents, and gives how many were policies that can be used. */
export const holdsForMany = (count: number, seed?: number): number => {
  let usable = 0;
  fc.assert(
    fc.property(documents, (text) => {
      holdsFor(text);
      if ('policy' in readPolicyText(text, 'policy.yml')) usable++;
    }),
    { numRuns: count, ...(seed === undefined ? {} : { seed }) },
  );
  return usable;
};

/** `node test/policy/documents.ts [COUNT] [SEED]`: 10,000 documents where nothing is said. */
if (import.meta.main) {
  const [count = 10_000, seed] = process.argv.slice(2).map(Number);
  const began = performance.now();
  const usable = holdsForMany(count, seed);
  process.stdout.write(
    `${count} documents, ${usable} of them policies that can be used, in ${Math.round((performance.now() - began) / 1000)} s\n`,
  );
}
