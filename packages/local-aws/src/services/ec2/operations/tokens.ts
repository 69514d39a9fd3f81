import type { Clock } from '../../../core/clock.ts';
import { ec2Parameters } from '../../../core/model-parameters.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';

type Input = { ClientToken?: string | undefined; DryRun?: boolean | undefined };

/** What calls of one operation brought about, by their client tokens. https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html */
export const createTokens = <Result>({ now }: Pick<Clock, 'now'>) => {
  const kept = new Map<string, { request: string; at: number; result: Result }>();
  const requestOf = ({ ClientToken: _, DryRun: __, ...rest }: Input): string => JSON.stringify(rest);
  return {
    /** What came of a call with this token before; throws if that was another request. */
    repeated: (input: Input): Result | undefined => {
      const { ClientToken: token } = input;
      if (token === undefined) return undefined;
      if (!/^[\x20-\x7e]{1,64}$/.test(token))
        throw new AwsError('InvalidParameterValue', 'The client token must be 1 to 64 ASCII characters.');
      const before = kept.get(token);
      if (!before || before.at + ec2Parameters.clientTokenKept * 1000 < now()) return undefined;
      if (before.request !== requestOf(input))
        throw new AwsError(
          'IdempotentParameterMismatch',
          'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
        );
      return before.result;
    },
    keep: (input: Input, result: Result): Result => {
      if (input.ClientToken !== undefined) kept.set(input.ClientToken, { request: requestOf(input), at: now(), result });
      return result;
    },
  };
};
