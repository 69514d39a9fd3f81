import { type Call, type Driven, serve } from '#local-aws';
import { AwsError } from '#local-aws/errors';
import type { Organization } from '../../local/testbed/organization.ts';
import { findScenario, loadScenario } from '../../local/worlds/library.ts';
import type { Scenario } from '../../local/worlds/schema.ts';
import { serveHost, serveScenario } from '../../local/worlds/serve.ts';
import { createClients } from '../../shared/aws/clients.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { selfheal } from '../cli/io.ts';

const closing: (() => Promise<void>)[] = [];
/** Ends what is on ports: after each test, which its file has to say, since this one is loaded once for many. */
export const closeServed = async (): Promise<void> => {
  for (const close of closing.splice(0)) await close();
};

export const scenarioOf = (name: string): Scenario => {
  const found = findScenario(name);
  const read = 'file' in found ? loadScenario(found.file) : { problems: [found.problem] };
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return read.scenario;
};

/** A world on a port, and the command line of whoever operates selfheal in it. */
const onPort = async (world: Driven) => {
  const { url, close, aws } = await serve(world, { speed: 0 });
  closing.push(close);
  const { region } = aws().world;
  const env = {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'ops',
    AWS_SECRET_ACCESS_KEY: 'any',
    SELFHEAL_STAGE: 'local',
  };
  const clients = createClients({ region, endpoint: url, credentials: { accessKeyId: 'me', secretAccessKey: 'any' } });
  const control = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${url}/_selfheal/${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return (await answer.json()) as { time: string; error?: string };
  };
  return {
    aws,
    env,
    clients,
    control,
    advance: async (seconds: number) => void (await control('POST', 'clock', { advanceSeconds: seconds })),
    /** In a pipe, unless a terminal is given. */
    run: (args: string, terminal: { isTTY?: boolean; columns?: number } = {}) => selfheal(args.split(' '), { env, ...terminal }),
    json: async (args: string) => {
      const { code, stdout, stderr } = await selfheal([...args.split(' '), '--json'], { env });
      if (code === 2) throw new Error(stderr);
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));
    },
  };
};

export const servedScenario = async (scenario: Scenario, policy?: Policy) => onPort(await serveScenario(scenario, { policy }));

/** An empty account; the operator's calls that stand in `denied`, such as `dynamodb:PutItem`, are refused: for lack of rights, or by `code`. */
export const servedHost = async (denied: ReadonlySet<string> = new Set(), code = 'AccessDeniedException') => {
  const before = ({ service, operation, context }: Call) => {
    if (context.accessKey === 'ops' && denied.has(`${service}:${operation}`)) throw new AwsError(code, 'no', 400);
  };
  const place = { seed: 1, start: Date.UTC(2026, 2, 2), account: '111122223333', region: 'us-east-1' };
  return onPort(await serveHost({ ...place, interceptors: [{ before }] }));
};

/** A hub in 111122223333, us-east-1, and its members; operators have keys of the hub's account, and members' own numbers are keys of theirs. */
export const servedHub = async (organization: Organization) => {
  const world = await serveHost({ seed: 1, start: Date.UTC(2026, 2, 2), account: '111122223333', region: 'us-east-1', organization });
  const served = await onPort(world);
  const worldOf = (account: string, region: string) => {
    const found = world.find?.(account, region);
    if (!found) throw new Error(`there is no account ${account} in ${region}`);
    return found;
  };
  const clientsOf = (account: string, region: string) =>
    createClients({ region, endpoint: served.env.AWS_ENDPOINT_URL, credentials: { accessKeyId: account, secretAccessKey: 'any' } });
  return { ...served, worldOf, clientsOf };
};
