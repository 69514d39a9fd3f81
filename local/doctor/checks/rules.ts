import { ListRulesCommand, ListTargetsByRuleCommand, type Rule } from '@aws-sdk/client-eventbridge';
import { broken, brokenOr, type Check, counted } from '../check.ts';
import type { Subject } from '../subject.ts';
import { templateRules } from '../template.ts';

const listRules = async ({ eventBridge, nameOf }: Subject): Promise<Map<string, Rule>> => {
  const found = new Map<string, Rule>();
  let NextToken: string | undefined;
  do {
    const page = await eventBridge.send(new ListRulesCommand({ NamePrefix: nameOf(''), ...(NextToken ? { NextToken } : {}) }));
    for (const rule of page.Rules ?? []) found.set(rule.Name ?? '', rule);
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
};

export const rules: Check = {
  id: 'rules',
  reads: 'the rules on the default bus, and their targets',
  permissions: ['events:ListRules', 'events:ListTargetsByRule'],
  look: async (subject) => {
    const { eventBridge, stage, nameOf, functionArn, redeploy } = subject;
    // In the embedded AWS its host runs what is due on a schedule, and nobody is told of the switch.
    const wanted = templateRules().filter(({ onSchedule, invokes }) => stage !== 'local' || (!onSchedule && invokes !== null));
    const found = await listRules(subject);
    const missing = wanted.filter(({ name }) => !found.has(nameOf(name))).map(({ name }) => nameOf(name));
    const disabled = wanted.filter(({ name }) => found.get(nameOf(name))?.State === 'DISABLED').map(({ name }) => nameOf(name));
    const aimless: string[] = [];
    for (const { name, invokes } of wanted) {
      const Rule = nameOf(name);
      if (!found.has(Rule)) continue;
      const { Targets = [] } = await eventBridge.send(new ListTargetsByRuleCommand({ Rule }));
      const isAimed = invokes === null ? Targets.length > 0 : Targets.some(({ Arn }) => Arn === functionArn(invokes));
      if (!isAimed) aimless.push(Rule);
    }
    const named = (names: readonly string[]) => names.join(', ');
    const enable = disabled.map((name) => `aws events enable-rule --name ${name}`).join(' && ');
    return brokenOr(
      [
        ...(disabled.length > 0 ? [broken(`${counted(disabled.length, 'rule')} disabled: ${named(disabled)}`, enable)] : []),
        ...(missing.length > 0 ? [broken(`${counted(missing.length, 'rule')} missing: ${named(missing)}`, redeploy)] : []),
        ...(aimless.length > 0 ? [broken(`${counted(aimless.length, 'rule')} without the target: ${named(aimless)}`, redeploy)] : []),
      ],
      `${counted(wanted.length, 'rule')}, all enabled, each with its target`,
    );
  },
};
