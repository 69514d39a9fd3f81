import { ListRulesCommand, ListTargetsByRuleCommand, type Rule } from '@aws-sdk/client-eventbridge';
import { broken, brokenOr, type Check, counted, type Finding } from '../check.ts';
import type { Placed } from '../placed.ts';
import { templateRules } from '../template.ts';

const listRules = async ({ eventBridge, nameOf }: Placed): Promise<Map<string, Rule>> => {
  const found = new Map<string, Rule>();
  let NextToken: string | undefined;
  do {
    const page = await eventBridge.send(new ListRulesCommand({ NamePrefix: nameOf(''), ...(NextToken ? { NextToken } : {}) }));
    for (const rule of page.Rules ?? []) found.set(rule.Name ?? '', rule);
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
};

/** IAM actions of looking at rules. */
export const rulePermissions = ['events:ListRules', 'events:ListTargetsByRule'] as const;

/** A rule that must be there, by its name behind the stage's, and whether the ARNs of its targets are as they should be. */
type Wanted = { name: string; isAimed: (targets: readonly string[]) => boolean };

/** What is wrong with rules of the default bus: those that are missing, disabled, or without their target. */
export const lookAtRules = async (placed: Placed, wanted: readonly Wanted[]): Promise<Finding[]> => {
  const { eventBridge, nameOf, redeploy, place } = placed;
  const found = await listRules(placed);
  const missing = wanted.filter(({ name }) => !found.has(nameOf(name))).map(({ name }) => nameOf(name));
  const disabled = wanted.filter(({ name }) => found.get(nameOf(name))?.State === 'DISABLED').map(({ name }) => nameOf(name));
  const aimless: string[] = [];
  for (const { name, isAimed } of wanted) {
    const Rule = nameOf(name);
    if (!found.has(Rule)) continue;
    const { Targets = [] } = await eventBridge.send(new ListTargetsByRuleCommand({ Rule }));
    if (!isAimed(Targets.map(({ Arn = '' }) => Arn))) aimless.push(Rule);
  }
  const named = (names: readonly string[]) => names.join(', ');
  const enable = disabled.map((name) => `aws events enable-rule --name ${name}${place.aws}`).join(' && ');
  return [
    ...(disabled.length > 0 ? [broken(`${counted(disabled.length, 'rule')} disabled: ${named(disabled)}`, enable)] : []),
    ...(missing.length > 0 ? [broken(`${counted(missing.length, 'rule')} missing: ${named(missing)}`, redeploy)] : []),
    ...(aimless.length > 0 ? [broken(`${counted(aimless.length, 'rule')} without the target: ${named(aimless)}`, redeploy)] : []),
  ];
};

export const rules: Check = {
  id: 'rules',
  reads: 'the rules on the default bus, and their targets',
  permissions: rulePermissions,
  look: async (subject) => {
    const { stage, functionArn } = subject;
    // In the embedded AWS its host runs what is due on a schedule, and nobody is told of the switch.
    const wanted = templateRules().filter(({ onSchedule, invokes }) => stage !== 'local' || (!onSchedule && invokes !== null));
    const found = await lookAtRules(
      subject,
      wanted.map(({ name, invokes }) => ({
        name,
        isAimed: (targets) => (invokes === null ? targets.length > 0 : targets.includes(functionArn(invokes))),
      })),
    );
    return brokenOr(found, `${counted(wanted.length, 'rule')}, all enabled, each with its target`);
  },
};
