import type { Policy } from '../model/policy.ts';
import { readPolicy } from '../policy/read-policy.ts';
import type { Log } from '../ports/log.ts';

/** The policy of a running function. Logs once, at start, if the given policy is invalid. */
export const composePolicy = (text: string, log: Log): Policy => {
  const policy = readPolicy(text);
  if (policy.problem !== undefined) log({ level: 'ERROR', message: 'policy not usable', problem: policy.problem });
  return policy;
};
