import type { Policy } from '../model/policy.ts';
import { readPackagedPolicy, readPolicy } from '../policy/read-policy.ts';
import type { Log } from '../ports/log.ts';
import { packagedPolicy } from './packaged-policy.ts';

/** What was read last: functions that run in one process have the same text. */
let last: { text: string; policy: Policy } | undefined;

const read = (text: string): Policy => {
  if (text !== last?.text) last = { text, policy: readPolicy(text) };
  return last.policy;
};

/** The policy of a running function: that of its variable if it has one, else that of its package. Logs once, at start, if it is invalid. */
export const composePolicy = (text: string, log: Log): Policy => {
  const policy = text.trim() === '' && packagedPolicy ? readPackagedPolicy(packagedPolicy) : read(text);
  if (policy.problem !== undefined) log({ level: 'ERROR', message: 'policy not usable', problem: policy.problem });
  return policy;
};
