import { type Ask, isLike, meets, type Verdict, withVariables } from './condition.ts';
import type { Policy, Statement } from './document.ts';

/** Who asks, as policies of roles and resources name him. */
export type Caller = {
  partition: string;
  account: string;
  /** His own ARN; for a session that of its role too. */
  arns: readonly string[];
  /** The service of AWS that asks for itself. */
  service?: string;
};

export type Asked = { action: string; resource: string; ask: Ask };

const covers = (patterns: readonly string[], action: string): boolean =>
  patterns.some((pattern) => isLike(pattern.toLowerCase(), action.toLowerCase()));

const reaches = (patterns: readonly string[], { resource, ask }: Asked): Verdict => {
  const known = patterns.flatMap((pattern) => withVariables(pattern, ask) ?? []);
  if (known.some((pattern) => isLike(pattern, resource))) return true;
  return known.length < patterns.length ? undefined : false;
};

const both = (one: Verdict, other: Verdict): Verdict => (one === false || other === false ? false : one && other);
const not = (verdict: Verdict): Verdict => (verdict === undefined ? undefined : !verdict);

const applies = (statement: Statement, asked: Asked): Verdict => {
  const { action, ask } = asked;
  const { Action, NotAction, Resource, NotResource } = statement;
  if (Action ? !covers(Action, action) : covers(NotAction ?? [], action)) return false;
  const about = Resource ? reaches(Resource, asked) : NotResource ? not(reaches(NotResource, asked)) : true;
  return about === false ? false : both(about, meets(statement, ask));
};

/** Whether a statement names the caller himself, or the account that he belongs to. */
const names = ({ Principal }: Statement, { partition, account, arns, service }: Caller): 'caller' | 'account' | null => {
  if (!Principal) return 'caller';
  if (service !== undefined) return Principal.Service?.includes(service) ? 'caller' : null;
  const named = Principal.AWS ?? [];
  if (arns.some((arn) => named.includes(arn))) return 'caller';
  if (named.includes('*')) return 'account';
  return named.includes(account) || named.includes(`arn:${partition}:iam::${account}:root`) ? 'account' : null;
};

/**
 * What policies say: `deny` outweighs all else, and `silent` is a refusal by whoever has no other policy to ask. `account` permits what the
 * caller's own account permits him. What can't be judged permits nothing, and refuses where it would refuse.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export const judge = (policies: readonly Policy[], asked: Asked, caller?: Caller): 'deny' | 'allow' | 'account' | 'silent' => {
  let verdict: 'allow' | 'account' | 'silent' = 'silent';
  for (const { Statement } of policies) {
    for (const statement of Statement) {
      const whom = caller ? names(statement, caller) : 'caller';
      if (whom === null) continue;
      const applied = applies(statement, asked);
      if (statement.Effect === 'Deny') {
        if (applied !== false) return 'deny';
      } else if (applied === true && verdict !== 'allow') verdict = whom === 'caller' ? 'allow' : 'account';
    }
  }
  return verdict;
};
