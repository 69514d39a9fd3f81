#!/usr/bin/env node
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code }) => {
    // Whoever reads may stop early (`| head -1`).
    process.exit(code === 'EPIPE' ? (process.exitCode ?? 0) : 2);
  });
}
const { main } = await import('../dist/cli.js');
process.exitCode = await main(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, env: process.env });
