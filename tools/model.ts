import { checkModel } from '../local/model-check/command.ts';

process.exitCode = await checkModel(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
