import { parseArn } from '../../shared/model/arn.ts';
import { costOf } from '../../shared/model/cost.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { type AlarmOutcome, type Assessment, accountInventory, acts, assessAlarms, outcomes, type Who } from './assess.ts';
import { coverageOf } from './coverage.ts';
import type { Documents } from './documents.ts';
import { type Past, pastOf } from './past.ts';
import { proposeRules } from './propose.ts';
import type { Adoption } from './shape.ts';

type Asked = {
  policy: Policy;
  /** How the command line names the policy; null for the default one. */
  file: string | null;
  who: Who;
  days: number;
  /** Milliseconds since the epoch. */
  now: number;
  /** Whether the documents are of now: then the last days end now, else with the history. */
  live: boolean;
};

const pastIn = ({ from, to, result }: Past): Adoption['past'] => {
  const [tally] = result.tallies;
  if (!tally) return null;
  const { incidents, byStatus, pages, quiet, actions, rehearsed, holds } = tally;
  const at = (time: number) => new Date(time).toISOString();
  return {
    from: at(from),
    to: at(to),
    ...{ incidents, pages, quiet, holds },
    treated: byStatus.treated ?? 0,
    passed: byStatus.passed ?? 0,
    rehearsed: byStatus.would ?? 0,
    unknown: byStatus.unknown ?? 0,
    actions: { ...actions, ...rehearsed },
    cost: costOf(incidents, to - from),
  };
};

/** How often each is there; names may be any. */
const count = (all: readonly string[]): Record<string, number> => {
  const counted = new Map<string, number>();
  for (const one of all) counted.set(one, (counted.get(one) ?? 0) + 1);
  return Object.fromEntries(counted);
};

const placeOf = (arn: unknown): { account: string | null; region: string | null } => {
  const { account = null, region = null } = parseArn(arn) ?? {};
  return { account, region };
};

const alarmOf = (
  { document, signal, outcome, failure, subject, playbook, action, guard, why, setting, open, optedIn }: Assessment,
  rule: number,
): Adoption['alarms'][number] => ({
  alarm: document.definition.AlarmName,
  ...placeOf(document.definition.AlarmArn),
  metrics: (signal?.metrics ?? []).map(({ namespace, name }) => ({ namespace, name })),
  rule: rule < 0 ? null : rule,
  ...{ outcome, failure, subject, playbook, action, guard, why, setting, open, optedIn },
});

/** Everything that there is to say before selfheal acts, and the back-test that a report shows incident by incident. */
export const adopt = async (documents: Documents, asked: Asked): Promise<{ adoption: Adoption; past: Past | null }> => {
  const { policy, file, who, days, now, live } = asked;
  const inventory = accountInventory(documents, who, 'past');
  const assessments = await assessAlarms(documents, policy, who, now);
  const rules = proposeRules(assessments, policy);
  const { instances, groups, unwatched, silent, owned, volumes } = coverageOf(documents, inventory, policy);
  const past = await pastOf(documents, policy, inventory, days, live ? now : null);
  const [first] = documents.alarms;
  const acted = assessments.filter(({ outcome }) => acts.includes(outcome));
  const byOutcome = count(assessments.map(({ outcome }) => outcome));
  const adoption: Adoption = {
    ...placeOf(first?.definition.AlarmArn),
    at: new Date(now).toISOString(),
    policy: { file, mode: policy.mode },
    optIn: {
      who,
      ...policy.optIn,
      today: acted.filter(({ optedIn }) => optedIn === true).length,
      of: acted.length,
      unknown: acted.filter(({ optedIn }) => optedIn === null).length,
    },
    summary: {
      alarms: assessments.length,
      outcomes: Object.fromEntries(outcomes.map((outcome) => [outcome, byOutcome[outcome] ?? 0])) as Record<AlarmOutcome, number>,
      settings: count(assessments.flatMap(({ setting }) => setting ?? [])),
      covered: rules.reduce((sum, { alarms }) => sum + alarms.length, 0),
      ...{ instances, groups },
      unwatched: unwatched.length,
      silent: silent.length,
      owners: count(owned.map(({ owner }) => owner)),
      volumes: volumes?.length ?? null,
    },
    alarms: assessments.map((one) =>
      alarmOf(
        one,
        rules.findIndex(({ alarms }) => alarms.includes(one.document.definition.AlarmName)),
      ),
    ),
    rules: rules.map(({ rule, alarms, playbook }) => ({ rule: { ...rule }, alarms, playbook })),
    unwatched,
    silent,
    owned: owned.map(({ id, owner }) => ({ instance: id, owner })),
    volumes: volumes?.map(({ id, instance, key, problem }) => ({ volume: id, instance, key, problem })) ?? null,
    past: past && pastIn(past),
    problems: documents.problems.map(({ where, problem }) => ({ where, problem: problem.slice(0, 300) })),
  };
  return { adoption, past };
};
