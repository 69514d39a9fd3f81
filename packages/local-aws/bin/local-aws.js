#!/usr/bin/env node
// Plain JavaScript, so that a Node that is too old for the rest can still say so.
import { existsSync } from 'node:fs';

if (Number(process.versions.node.split('.')[0]) < 22) {
  process.stderr.write(`local-aws needs Node 22 or later, and this is ${process.versions.node}\n`);
  process.exit(2);
}
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code }) => {
    // Whoever reads may stop early (`| head -1`).
    process.exit(code === 'EPIPE' ? (process.exitCode ?? 0) : 2);
  });
}
// The package has JavaScript alone; in the project that it comes from it runs from its source.
const source = new URL('../src/cli.ts', import.meta.url);
const { main } = await import(existsSync(source) ? source.href : '../dist/cli.js');
process.exitCode = await main(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, env: process.env });
