import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const clientOf: Record<string, string> = { autoscaling: 'auto-scaling', events: 'eventbridge', elbv2: 'elastic-load-balancing-v2' };
const kebab = (text: string) => text.replace(/-/g, '').toLowerCase();

type Client = { send(command: unknown): Promise<Record<string, unknown>>; destroy(): void };
type Made = Record<string, unknown>;

const given = (words: readonly string[]): unknown => {
  const [first = ''] = words;
  if (words.length === 0) return true;
  if (/^[[{]/.test(first)) return JSON.parse(first);
  return words.length === 1 ? first : [...words];
};

/**
 * A command of the AWS CLI as the SDK makes the same call, over the wire to an endpoint: where there is no CLI. Knows what the pages use:
 * texts, lists and JSON, but neither shorthand nor --query.
 */
export const sendAwsCall = async (
  words: readonly string[],
  endpoint: string,
  who: { accessKeyId?: string; region?: string } = {},
): Promise<Record<string, unknown>> => {
  // Before or behind the command, as the CLI takes it.
  const at = words.indexOf('--endpoint-url');
  if (at >= 0) return sendAwsCall(words.toSpliced(at, 2), words[at + 1] ?? endpoint, who);
  const where = words.indexOf('--region');
  if (where >= 0) return sendAwsCall(words.toSpliced(where, 2), endpoint, { ...who, region: words[where + 1] ?? '' });
  const { accessKeyId = 'docs', region = 'us-east-1' } = who;
  const [, service = '', operation = '', ...rest] = words;
  const made = require(`@aws-sdk/client-${clientOf[service] ?? service}`) as Made;
  const find = (suffix: string) =>
    Object.entries(made).find(([name, value]) => typeof value === 'function' && kebab(name) === kebab(`${operation}${suffix}`))?.[1] as
      | (new (
          input: object,
        ) => unknown)
      | undefined;
  const ofClient = Object.entries(made).find(([name]) => /^[A-Z]\w+Client$/.test(name) && name !== '__Client')?.[1] as unknown as new (
    options: object,
  ) => Client;
  const Command = find('Command');
  if (!Command) throw new Error(`aws ${service}: there is no ${operation}`);
  const schema = made[`${Command.name.replace(/Command$/, '')}$`] as unknown[];
  const input = schema[4] as unknown[] | (() => unknown[]);
  const members = (typeof input === 'function' ? input() : input)[4] as string[];
  const fields: Record<string, unknown> = {};
  for (let i = 0; i < rest.length; ) {
    const flag = rest[i] ?? '';
    const values: string[] = [];
    for (i++; i < rest.length && !rest[i]?.startsWith('--'); i++) values.push(rest[i] as string);
    const member = members.find((name) => kebab(name) === kebab(flag.replace(/^--/, '')));
    if (member === undefined) throw new Error(`aws ${service} ${operation}: there is no ${flag}`);
    fields[member] = given(values);
  }
  const client = new ofClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey: 'docs' } });
  try {
    return await client.send(new Command(fields));
  } finally {
    client.destroy();
  }
};
