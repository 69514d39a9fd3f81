import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchClassify } from './classify.ts';
import { benchLocalAws } from './local-aws.ts';
import { benchStorm } from './storm.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } } });

const parts = { classify: benchClassify, 'local AWS': benchLocalAws, storm: benchStorm };

if (!values.json) {
  process.stdout.write(`${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.versions.node}\n`);
}
for (const [name, run] of Object.entries(parts)) {
  const figures = await run(values.quick);
  if (!values.json) process.stdout.write(`\n${name}\n`);
  for (const figure of figures) {
    const text = values.json ? JSON.stringify(figure) : `  ${figure.name.padEnd(40)} ${String(figure.value).padStart(12)} ${figure.unit}`;
    process.stdout.write(`${text}\n`);
  }
}
process.exit(0);
