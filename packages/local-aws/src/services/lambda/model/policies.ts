import { lambdaParameters } from '../../../core/model-parameters.ts';
import type { Agent, World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { Ask } from '../../iam/model/condition.ts';
import { readPolicy } from '../../iam/model/document.ts';
import { judge } from '../../iam/model/judge.ts';
import { parseFunctionName } from './name.ts';

type Statement = Record<string, unknown> & { Sid: string };

/** What an agent is in the conditions of policies. */
export const askOf = ({ sourceArn }: Agent, organization?: string): Ask => {
  const account = sourceArn.split(':')[4] ?? '';
  const keys: Record<string, readonly string[] | undefined> = {
    'aws:sourcearn': [sourceArn],
    'aws:sourceaccount': [account],
    'aws:sourceorgid': organization === undefined ? undefined : [organization],
    'aws:principalisawsservice': ['true'],
    'aws:securetransport': ['true'],
    // A service is of no account and of no organisation.
    'aws:principalorgid': undefined,
    'aws:principalaccount': undefined,
    'aws:principalarn': undefined,
  };
  return (key) => (Object.hasOwn(keys, key.toLowerCase()) ? keys[key.toLowerCase()] : 'unknown');
};

/** Who else may invoke functions: the policy of each function, version and alias by itself. */
export const createFunctionPolicies = (world: World) => {
  const all = new Map<string, Map<string, Statement>>();
  const keyOf = (name: string, qualifier: string | undefined) => `${name}:${qualifier ?? ''}`;
  const textOf = (statements: ReadonlyMap<string, Statement>) =>
    JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: [...statements.values()] });

  return {
    add: (name: string, qualifier: string | undefined, statement: Statement): void => {
      const key = keyOf(name, qualifier);
      const statements = new Map(all.get(key));
      if (statements.has(statement.Sid))
        throw new AwsError('ResourceConflictException', `The statement id (${statement.Sid}) provided already exists.`, 409);
      statements.set(statement.Sid, statement);
      if (Buffer.byteLength(textOf(statements)) > lambdaParameters.policyBytes)
        throw new AwsError(
          'PolicyLengthExceededException',
          `The final policy size is bigger than the limit (${lambdaParameters.policyBytes}).`,
        );
      all.set(key, statements);
    },
    remove: (name: string, qualifier: string | undefined, id: string): boolean => all.get(keyOf(name, qualifier))?.delete(id) ?? false,
    get: (name: string, qualifier: string | undefined): string | undefined => {
      const statements = all.get(keyOf(name, qualifier));
      return statements && statements.size > 0 ? textOf(statements) : undefined;
    },
    /** Whether a function's own policy lets a service invoke it for a resource, as it must where that is another account's. */
    admits: (functionArn: string, agent: Agent): boolean => {
      const { name, qualifier } = parseFunctionName(functionArn);
      const statements = all.get(keyOf(name, qualifier));
      if (!statements) return false;
      const policy = readPolicy(textOf(statements), 'resource');
      const caller = { partition: world.partition, account: '', arns: [], service: agent.service };
      return judge([policy], { action: 'lambda:InvokeFunction', resource: functionArn, ask: askOf(agent) }, caller) === 'allow';
    },
  };
};

export type FunctionPolicies = ReturnType<typeof createFunctionPolicies>;
