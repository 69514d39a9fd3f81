import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Bundle, bundle, functionNames, variablesOf } from './bundles.ts';
import { type Measurement, median, percentile, round } from './measurement.ts';

/** What a function finds in its environment: every variable that serverless.yml gives it, with a value of the right form. */
export const environmentOf = (name: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'BENCH',
  AWS_SECRET_ACCESS_KEY: 'secret',
  ...Object.fromEntries(variablesOf(name).map((variable) => [variable, sampleOf(variable)])),
});

const sampleOf = (variable: string): string => {
  if (variable.endsWith('_ARN')) return 'arn:aws:sns:us-east-1:111122223333:selfheal-bench';
  if (variable.endsWith('_PAGE')) return 'https://bench.lambda-url.us-east-1.on.aws/';
  if (variable === 'MEMBER_TOPICS') return 'none';
  if (variable === 'SELFHEAL_POLICY' || variable === 'PROBE_NETWORKS') return '';
  return variable === 'SELFHEAL_MODE' ? 'enforce' : 'selfheal-bench';
};

/** Milliseconds of a whole process that loads this and ends, by the clock and of processor time. */
const load = (name: string, file: string | null, given: NodeJS.ProcessEnv = {}): { wall: number; cpu: number } => {
  const code = `${file === null ? '' : `require(${JSON.stringify(file)});`}process.stdout.write(JSON.stringify(process.cpuUsage()))`;
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', code], {
    env: { ...environmentOf(name), ...given },
    encoding: 'utf8',
  });
  const wall = performance.now() - start;
  if (status !== 0)
    throw new Error(`${name} does not load: ${stderr.split('\n').find((line) => /^\w*Error\b/.test(line)) ?? stderr.slice(-500)}`);
  const { user, system } = JSON.parse(stdout);
  return { wall, cpu: (user + system) / 1000 };
};

/** Bytes as they are unpacked, about as they are transferred, and where the most of them are from. */
const sizeOf = ({ name, bytes, file, parts }: Bundle): Measurement[] => [
  { name: `bundle.${name}.bytes`, value: bytes, unit: 'B' },
  { name: `bundle.${name}.gzip_bytes`, value: gzipSync(readFileSync(file)).length, unit: 'B' },
  ...parts.slice(0, 8).map(([part, value]) => ({ name: `bundle.${name}.bytes.${part}`, value, unit: 'B' })),
];

/**
 * What each function is made of, and how long a fresh process takes to load it, over one that loads nothing: the functions and bare
 * Node take turns, so that what else the machine does comes over all of them. `ratio` is the whole process against bare Node.
 */
export const benchColdStart = async (quick = false): Promise<Measurement[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'selfheal-bench-'));
  try {
    const bundles = [];
    for (const name of functionNames()) bundles.push(await bundle(name, folder));
    const bare = { wall: [] as number[], cpu: [] as number[] };
    /** The function that treats, where there is no hub. */
    const alone = { wall: [] as number[], cpu: [] as number[] };
    const loads = new Map(bundles.map(({ name }) => [name, { wall: [] as number[], cpu: [] as number[] }]));
    const note = (times: { wall: number[]; cpu: number[] }, { wall, cpu }: { wall: number; cpu: number }) => {
      times.wall.push(wall);
      times.cpu.push(cpu);
    };
    for (let turn = 0; turn < (quick ? 3 : 20); turn++) {
      note(bare, load('', null));
      for (const { name, file } of bundles) {
        const times = loads.get(name);
        if (times) note(times, load(name, file));
        if (name === 'remediate') note(alone, load(name, file, { MEMBER_ROLE: '' }));
      }
    }
    const remediate = median(loads.get('remediate')?.wall ?? []);
    const node = { wall: median(bare.wall), cpu: median(bare.cpu) };
    return [
      { name: 'coldstart.node_ms', value: round(node.wall), unit: 'ms' },
      ...[...loads].flatMap(([name, { wall, cpu }]) => [
        { name: `coldstart.${name}.over_node_ms`, value: round(median(wall) - node.wall), unit: 'ms' },
        { name: `coldstart.${name}.over_node_p90_ms`, value: round(percentile(wall, 0.9) - node.wall), unit: 'ms' },
        { name: `coldstart.${name}.over_node_cpu_ms`, value: round(median(cpu) - node.cpu), unit: 'ms' },
        { name: `coldstart.${name}.ratio`, value: round(median(wall) / node.wall), unit: 'x' },
        { name: `coldstart.${name}.cpu_ratio`, value: round(median(cpu) / node.cpu), unit: 'x' },
      ]),
      { name: 'coldstart.remediate.hub_over_alone_ms', value: round(remediate - median(alone.wall)), unit: 'ms' },
      ...bundles.flatMap(sizeOf),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
