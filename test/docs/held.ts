import { createRequire } from 'node:module';
import { optionsIn } from '../../local/cli/command.ts';
import { commands } from '../../local/cli/main.ts';
import { awsCallsIn } from './extract.ts';
import { deployed, parameters, scripts } from './ours.ts';

const kebab = (text: string) => text.replace(/-/g, '').toLowerCase();
const require = createRequire(import.meta.url);
const clientOf: Record<string, string> = { autoscaling: 'auto-scaling', events: 'eventbridge' };
/** Services whose client the project doesn't have: their commands were held against AWS's reference by hand. */
const unheld = ['secretsmanager', 'logs', 'fis', 'cloudformation'];
/**
 * Commands that the AWS CLI has besides the API's operations, with the options of them that are used here:
 * https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/,
 * https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html,
 * https://docs.aws.amazon.com/cli/latest/reference/logs/tail.html; and operations of CloudFormation, whose client the project doesn't have:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackSet.html,
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackInstances.html
 */
const ofTheCli: Record<string, readonly string[]> = {
  'cloudformation deploy': ['stack-name', 'template-file', 'capabilities', 'parameter-overrides', 's3-bucket', 's3-prefix', 'tags'],
  'cloudformation package': ['template-file', 'output-template-file', 's3-bucket', 's3-prefix', 'use-json'],
  'cloudformation create-stack-set': [
    ...['stack-set-name', 'template-body', 'permission-model', 'auto-deployment', 'capabilities', 'parameters', 'call-as'],
  ],
  'cloudformation create-stack-instances': ['stack-set-name', 'deployment-targets', 'regions', 'operation-preferences', 'call-as'],
  'logs tail': ['since', 'follow'],
};
const everywhere = ['query', 'output', 'cli-binary-format', 'region'];

/** What the AWS CLI makes of a command, by the SDK's own schema of the operation. */
export const awsProblems = (lines: readonly string[]): string[] =>
  awsCallsIn(lines).flatMap(({ service: name, operation, flags }) => {
    const own = ofTheCli[`${name} ${operation}`];
    if (own)
      return flags
        .filter((flag) => ![...own, ...everywhere].includes(flag))
        .map((flag) => `aws ${name} ${operation}: there is no --${flag}`);
    if (unheld.includes(name)) return [];
    const client = require(`@aws-sdk/client-${clientOf[name] ?? name}`) as Record<string, unknown[]>;
    const found = Object.keys(client).find((key) => key.endsWith('$') && kebab(key) === `${kebab(operation)}$`);
    const schema = found === undefined ? undefined : client[found];
    if (schema?.[0] !== 9) return [`aws ${name} ${operation}: there is no such operation`];
    const input = schema[4] as unknown[] | (() => unknown[]);
    const members = (typeof input === 'function' ? input() : input)[4] as string[];
    const known = new Set([...members, ...everywhere].map(kebab));
    return flags
      .filter((flag) => !known.has(kebab(flag.replace(/^no-/, ''))))
      .map((flag) => `aws ${name} ${operation}: there is no --${flag}`);
  });

/** Commands of the Serverless Framework with their options, as its own --help is made from them. */
const slsCommands = require('../../node_modules/serverless/lib/cli/commands-schema/aws-service.js') as Map<
  string,
  { options: Record<string, { shortcut?: string }> }
>;

const slsProblems = (line: string): string[] =>
  [...line.matchAll(/npx sls ((?:[a-z]+ ?)+)((?: *(?:--?[\w-]+|"[^"]*"|[^\s|;&]+))*)/g)].flatMap(([, words = '', rest = '']) => {
    const name = words.trim();
    const options = slsCommands.get(name)?.options;
    if (!options) return [`sls ${name}: there is no such command`];
    const known = new Set(
      Object.entries(options).flatMap(([option, { shortcut }]) => [`--${option}`, ...(shortcut ? [`-${shortcut}`] : [])]),
    );
    return [...rest.replace(/"[^"]*"/g, 'word').matchAll(/(?:^|\s)(--?[a-zA-Z][\w-]*)/g)]
      .filter(([, option = '']) => !known.has(option))
      .map(([, option]) => `sls ${name}: there is no ${option}`);
  });

/** https://developer.hashicorp.com/terraform/cli/commands */
const terraformCommands = ['init', 'plan', 'apply'];

/** What is wrong with commands of selfheal, npm, Terraform and the Serverless Framework, by their help, the scripts and the template's parameters. */
export const ownProblems = async (lines: readonly string[]): Promise<string[]> => {
  const problems: string[] = [];
  for (const line of lines.map((text) => text.replace(/ #.*$/, ''))) {
    for (const [, name = '', rest = ''] of line.matchAll(/(?:npx |^)selfheal ([a-z]+)([^|;&]*)/g)) {
      const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
      if (!entry) problems.push(`selfheal ${name}: there is no such command`);
      const options = entry ? optionsIn((await entry.load()).help) : [];
      problems.push(
        ...(rest.match(/--[a-z-]+/g) ?? [])
          .filter((option) => entry && !options.includes(option))
          .map((option) => `selfheal ${name}: there is no ${option}`),
      );
    }
    for (const [, name = ''] of line.matchAll(/npm run ([\w-]+)/g))
      if (!scripts.includes(name)) problems.push(`npm run ${name}: there is no such script`);
    problems.push(...slsProblems(line));
    for (const [, name = ''] of line.matchAll(/^terraform ([\w-]+)/g))
      if (!terraformCommands.includes(name)) problems.push(`terraform ${name}: there is no such command`);
    for (const [, name = ''] of line.matchAll(/--param "?(\w+)=/g))
      if (!Object.hasOwn(parameters, name)) problems.push(`--param ${name}: there is no such parameter`);
  }
  return problems;
};

/** Names with a stage in them that nothing has that the template makes. */
export const stagedProblems = (code: readonly string[]): string[] =>
  code
    .flatMap((text) => text.match(/[\w/-]*selfheal[-/](?:prod|dev)[\w/-]*/g) ?? [])
    .map((name) =>
      name
        .replace(/^(?:\/aws\/lambda\/|early-warning\/)/, '')
        .replace(/\/$/, '')
        .replace('-dev', '-prod'),
    )
    .filter((name) => name !== 'selfheal-prod' && !name.endsWith('-') && !deployed.has(name));
