import { parseArgs } from 'node:util';
import { GetFunctionUrlConfigCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import { readKeys } from '../../shared/approvals/keys.ts';
import { classifyError, explain } from '../../shared/aws/call.ts';
import { createClient } from '../../shared/aws/client.ts';
import { beatToken } from '../../shared/beats/token.ts';
import { beatName } from '../../shared/model/beat.ts';
import { UsageError } from '../../shared/model/errors.ts';
import { plainLine } from '../../shared/model/text.ts';
import { remedyOf } from '../terminal/aws-remedy.ts';
import type { Command, Io } from './command.ts';

const help = `Usage: selfheal beat NAME [--url URL] [--token TOKEN]
       selfheal beat NAME --show [--stage STAGE] [--json]

Sends one heartbeat, as a job does that has just ended well. The policy names heartbeats (beats); if one doesn't come, people
are told, or its playbook runs. docs/heartbeats.md explains them.

  --url URL      the beat URL (default: SELFHEAL_BEAT_URL)
  --token TOKEN  the token of this heartbeat (default: SELFHEAL_BEAT_TOKEN)
  --show         send nothing: print the URL, the token and a line for curl. It reads them from AWS with your credentials
  --stage STAGE  the stage of the deployment to show it of (default dev)
  --json         with --show: one line of JSON

Exit code: 0 the beat was counted; 1 it was refused; 2 it could not be sent.

Examples:
  selfheal beat nightly-export --show --stage prod
  SELFHEAL_BEAT_URL=https://example.lambda-url.us-east-1.on.aws/ SELFHEAL_BEAT_TOKEN=... selfheal beat nightly-export
`;

/** How long an answer may take, in milliseconds. */
const timeout = 10_000;

/** The address of a heartbeat: the beat URL, with or without its path. */
const addressOf = (text: string, name: string): string => {
  if (!URL.canParse(text)) throw new UsageError(`--url must be the beat URL, not ${JSON.stringify(text.slice(0, 100))}`);
  const { protocol, hostname, origin, pathname } = new URL(text);
  // A token that is sent without encryption is everybody's.
  if (protocol !== 'https:' && !['127.0.0.1', 'localhost'].includes(hostname)) throw new UsageError('--url must begin with https://');
  const path = pathname.replace(/\/+$/, '');
  if (path !== '' && path !== `/beat/${name}`) throw new UsageError(`--url must be the beat URL alone, or end in /beat/${name}`);
  return `${origin}/beat/${name}`;
};

const send = async (io: Io, name: string, url: string, token: string): Promise<number> => {
  const headers = { authorization: `Bearer ${token}` };
  let response: Response;
  try {
    response = await fetch(addressOf(url, name), { method: 'POST', headers, redirect: 'error', signal: AbortSignal.timeout(timeout) });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { message, cause } = error as Error & { cause?: Error };
    throw new UsageError(`${name}: the beat could not be sent: ${plainLine(cause?.message || message, 200)}`);
  }
  if (response.ok) {
    io.stdout.write(`${name}: the beat was counted\n`);
    return 0;
  }
  const why = plainLine(await response.text(), 200);
  io.stderr.write(`selfheal beat: ${name}: ${response.status}${why === '' ? '' : `: ${why}`}\n`);
  return 1;
};

const show = async (io: Io, name: string, stage: string, json: boolean): Promise<number> => {
  if (!/^[a-z0-9-]{1,32}$/i.test(stage))
    throw new UsageError(`--stage must be the name of a stage, not ${JSON.stringify(stage.slice(0, 60))}`);
  const patient = { maxAttempts: 3 };
  try {
    const lambda = createClient(LambdaClient, patient);
    const { FunctionUrl = '' } = await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: `selfheal-${stage}-beat` }));
    const keys = await readKeys(createClient(SSMClient, patient), `selfheal-${stage}-approval-key`);
    const found = { url: addressOf(FunctionUrl, name), token: beatToken(name, keys.current) };
    const curl = `curl -fsS -X POST -H 'Authorization: Bearer ${found.token}' ${found.url}`;
    io.stdout.write(json ? `${JSON.stringify(found)}\n` : `URL    ${found.url}\ntoken  ${found.token}\n\n${curl}\n`);
    return 0;
  } catch (error) {
    const remedy = remedyOf(error);
    throw new UsageError(remedy ?? `the heartbeats of stage ${stage} can't be read: ${plainLine(explain(classifyError(error)), 300)}`);
  }
};

const run = async (args: string[], io: Io): Promise<number> => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      token: { type: 'string' },
      show: { type: 'boolean', default: false },
      stage: { type: 'string', default: 'dev' },
      json: { type: 'boolean', default: false },
    },
  });
  const [name = '', ...more] = positionals;
  if (name === '' || more.length > 0) throw new UsageError('give the name of one heartbeat; see selfheal beat --help');
  const [issue] = beatName.safeParse(name).error?.issues ?? [];
  if (issue) throw new UsageError(`${JSON.stringify(name.slice(0, 70))}: ${issue.message}`);
  if (values.show) return show(io, name, values.stage, values.json);
  const { url = io.env.SELFHEAL_BEAT_URL, token = io.env.SELFHEAL_BEAT_TOKEN } = values;
  if (!url || !token) throw new UsageError(`no ${url ? 'token' : 'URL'} given; selfheal beat ${name} --show prints both`);
  return send(io, name, url, token);
};

export const beatCommand: Command = { name: 'beat', help, names: () => [], run };
