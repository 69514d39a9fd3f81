#!/usr/bin/env node
// Plain JavaScript, so that a Node that is too old for the rest can still say so.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `selfheal needs Node 22.18 or later, and this is ${process.versions.node}. Run it with npx or npm run: they use the Node 24 that npm ci installs where there is one for this platform.\n`,
  );
  process.exit(2);
}
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code, message }) => {
    // Whoever reads may stop early (`| head -1`): then there is nobody left to tell, and nothing went wrong.
    if (code === 'EPIPE') process.exit(process.exitCode ?? 0);
    const why = code === 'ENOSPC' ? 'the disk is full' : message;
    if (stream === process.stdout) process.stderr.write(`selfheal: the output can't be written: ${why}\n`);
    process.exit(2);
  });
}
// Most of a start is compiling. What has been compiled is kept in the folder for temporary files, for the next start.
const { enableCompileCache } = await import('node:module');
enableCompileCache();
const { main } = await import('./main.ts');
const code = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
});
process.exitCode = code;
// What was interrupted may have threads and connections left that nobody waits for.
if (code === 130) process.stdout.write('', () => process.exit());
