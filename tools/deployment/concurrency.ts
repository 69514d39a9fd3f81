import { GetAccountSettingsCommand, GetFunctionConcurrencyCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { isNamed } from '../../shared/model/errors.ts';
import { isDeployed, type Template } from './template.ts';

/** The parameters that reserve concurrency, by the functions' names in serverless.yml. */
export const concurrencyParameters: Readonly<Record<string, string>> = {
  intake: 'intakeConcurrency',
  remediate: 'remediateConcurrency',
  watch: 'watchConcurrency',
  approve: 'approveConcurrency',
  chat: 'chatConcurrency',
  beat: 'beatConcurrency',
  probe: 'probeConcurrency',
  dashboardWidget: 'widgetConcurrency',
  earlyWarning: 'earlyWarningConcurrency',
};

/** The concurrency that Lambda keeps unreserved. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
const leftOver = 100;

/** Why the concurrency that functions are to have reserved can't be meant, or undefined where it can: 0 would keep a function from running. */
export const concurrencyProblem = (functions: Readonly<Record<string, { reservedConcurrency?: unknown }>>): string | undefined => {
  const none = Object.keys(concurrencyParameters).find((name) => functions[name]?.reservedConcurrency === 0);
  return none === undefined
    ? undefined
    : `parameter ${concurrencyParameters[none]}: 0 would keep the function from running at all; it must be a whole number from 1, or none`;
};

/** How many executions at once a template reserves, by the names of its functions. */
const reservedBy = (template: Template): Map<string, number> =>
  new Map(
    Object.values(template.Resources).flatMap((resource): [string, number][] => {
      const { FunctionName, ReservedConcurrentExecutions: reserved } = resource.Properties ?? {};
      if (resource.Type !== 'AWS::Lambda::Function' || reserved === undefined || !isDeployed(template, resource)) return [];
      return [[String(FunctionName), Number(reserved)]];
    }),
  );

const heldBy = async (lambda: LambdaClient, FunctionName: string): Promise<number> => {
  try {
    const { ReservedConcurrentExecutions = 0 } = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
    return ReservedConcurrentExecutions;
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return 0;
    throw error;
  }
};

/**
 * Why an account has too little concurrency for a template's reservations; undefined if it has enough. What the functions hold already
 * counts as theirs.
 */
export const quotaProblem = async (template: Template, lambda: LambdaClient): Promise<string | undefined> => {
  const reserved = reservedBy(template);
  if (reserved.size === 0) return undefined;
  const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
  const { ConcurrentExecutions: all = 0, UnreservedConcurrentExecutions: unreserved = 0 } = AccountLimit ?? {};
  const held = await Promise.all([...reserved.keys()].map((name) => heldBy(lambda, name)));
  const sum = (numbers: Iterable<number>) => [...numbers].reduce((a, b) => a + b, 0);
  const [wanted, free] = [sum(reserved.values()), unreserved + sum(held)];
  if (wanted <= free - leftOver) return undefined;
  const without = Object.values(concurrencyParameters).map((name) => `--param ${name}=none`);
  return [
    `the account's concurrency: this deployment reserves ${wanted}, ${free} of ${all} are free for it, and Lambda wants ${leftOver} left over.`,
    `Reserve none with ${without.join(' ')},`,
    'or have the quota "Concurrent executions" of Lambda raised (Service Quotas, L-B99A9384).',
  ].join(' ');
};
