import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { clients } from '../harness.ts';
import { conformance } from './index.ts';

const help = `Usage: node packages/local-aws/test/conformance/run.ts --endpoint URL [options]

Says where an endpoint differs from AWS's API reference, as SDK clients see it. It makes instances, groups, alarms, queues, tables and
more, and leaves them behind: meant for emulators.

Options:
  --endpoint URL   where the services are, all of them
  --region R       the region to sign for (default: us-east-1)
  --service S      this service's checks alone: ${Object.keys(conformance).join(', ')}
  --patience N     the longest real wait at a time, in seconds, where the endpoint has no clock to move (default: 2)
  --json           one line of JSON for each check
`;

type Result = { service: string; name: string; page: string; differs: string | null };

const readArgs = (args: readonly string[]) => {
  const string = { type: 'string' } as const;
  const options = {
    endpoint: string,
    region: string,
    service: string,
    patience: string,
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  if (values.help) return undefined;
  if (values.endpoint === undefined || !URL.canParse(values.endpoint)) throw new Error('--endpoint must be a URL');
  if (values.service !== undefined && !Object.hasOwn(conformance, values.service))
    throw new Error(`no checks for --service ${values.service}`);
  return { ...values, endpoint: values.endpoint, patience: Number(values.patience ?? 2), region: values.region ?? 'us-east-1' };
};

/** Whether the endpoint is a local AWS of this project, whose clock can be moved. */
const hasClock = async (endpoint: string): Promise<boolean> => {
  try {
    const answer = await fetch(new URL('/_selfheal/clock', endpoint), { method: 'POST', body: '{"advanceSeconds":0}' });
    return answer.ok;
  } catch {
    return false;
  }
};

const run = async (
  { endpoint, region, service: only, patience, json }: NonNullable<ReturnType<typeof readArgs>>,
  print: (text: string) => void,
): Promise<number> => {
  const clock = await hasClock(endpoint);
  const pass = async (seconds: number): Promise<void> => {
    if (clock) await fetch(new URL('/_selfheal/clock', endpoint), { method: 'POST', body: JSON.stringify({ advanceSeconds: seconds }) });
    else await setTimeout(Math.min(seconds, patience) * 1000);
  };
  const started = Date.now().toString(36);
  let names = 0;
  const setting = { ...clients({ endpoint, region, maxAttempts: 4 }), pass, fresh: (prefix: string) => `${prefix}-${started}-${++names}` };
  const results: Result[] = [];
  for (const [service, checks] of Object.entries(conformance)) {
    if (only !== undefined && service !== only) continue;
    for (const { name, page, run } of checks) {
      // So that one check doesn't pay for what another has taken out of the token buckets.
      await pass(30);
      const differs = await run(setting).then(
        () => null,
        (error: Error) => error.message,
      );
      const result: Result = { service, name, page, differs };
      results.push(result);
      if (json) print(`${JSON.stringify(result)}\n`);
      else if (differs !== null) print(`${service}: ${name}\n  ${page}\n  ${differs.trim().replaceAll('\n', '\n  ')}\n`);
    }
  }
  const same = results.filter(({ differs }) => differs === null).length;
  if (!json) print(`${same} of ${results.length} checks conform\n`);
  return same === results.length ? 0 : 1;
};

type Streams = { print: (text: string) => void; complain: (text: string) => void };

/** Runs the command and says its exit code: 0 if all conform, 1 if not, 2 if it was called wrongly. */
export const main = async (given: readonly string[], { print, complain }: Streams): Promise<number> => {
  try {
    const args = readArgs(given);
    if (args) return await run(args, print);
    print(help);
    return 0;
  } catch (error) {
    complain(`conformance: ${(error as Error).message}\n`);
    return 2;
  }
};

if (import.meta.main)
  process.exitCode = await main(process.argv.slice(2), {
    print: (text) => process.stdout.write(text),
    complain: (text) => process.stderr.write(text),
  });
