import { describe, expect, test } from '@jest/globals';
import { findScenario, loadScenario, readBeside, scenarioNames } from '../../local/worlds/library.ts';
import { playScenario } from '../../local/worlds/play.ts';
import type { Scenario } from '../../local/worlds/schema.ts';
import { rulesOf } from '../../shared/model/classification-rules.ts';
import { type BuiltInPlaybookId, isBuiltIn } from '../../shared/model/playbook-id.ts';
import { policySchema } from '../../shared/model/policy.ts';
import { playbooks } from '../../shared/playbooks/index.ts';
import type { Playbook } from '../../shared/playbooks/playbook.ts';
import { withCommand } from '../../shared/playbooks/with-command.ts';
import { builtInAsPolicy, treatedBy } from '../playbooks/built-in-as-policy.ts';
import { partOf } from '../runner/whole.ts';

/** One for each playbook; `SCENARIOS=all npm test -- test/worlds/written-playbooks.test.ts` plays all. */
const some = [
  ...['failed-host', 'hung-instance', 'either-check', 'stopped-by-aws', 'retiring-host', 'spot-warning', 'load-spike', 'memory-leak'],
  ...['sick-target', 'dead-process', 'full-disk-cleaned', 'database-rebooted'],
];
const names = process.env.SCENARIOS === 'all' ? scenarioNames() : partOf(some, 3);

const ids = Object.keys(playbooks) as BuiltInPlaybookId[];
const own = <Id extends string | undefined>(id: Id): Id => (id !== undefined && isBuiltIn(id) ? (`copy-of-${id}` as Id) : id);

/** The same policy, with every playbook written in it. */
const withOwn = (given: Scenario['policy']): Scenario['policy'] => {
  const policy = policySchema.parse(given);
  const { remedies } = rulesOf(policy);
  const open = new Set<string>([
    'application-down',
    'disk-full',
    'database-impaired',
    'spot-rebalance',
    'error-rate',
    'queue-backlog',
    'service-impaired',
    'agent-lost',
  ]);
  // Where several treat a class, each a type of resource of its own, the first one is that of instances and groups. One that promotes can't
  // be written where the policy names no promotion.
  const chosen = ids.flatMap((id) =>
    (id === 'catch-up-replica' && policy.databases.promote === 'off' ? [] : treatedBy(id)).flatMap((failure) =>
      open.has(failure) && !(failure in remedies) ? [] : [[failure, id]],
    ),
  );
  const byClass: Record<string, string> = Object.fromEntries([...chosen.reverse(), ...Object.entries(policy.playbooks)]);
  const wanted = new Set([...Object.values(byClass), ...policy.classification.alarms.map((rule) => rule.playbook)]);
  // A step that no command is named for can't be written.
  const runs = (id: string) => policy.run.some(({ when }) => treatedBy(id).includes(when.failure));
  return {
    ...given,
    customPlaybooks: [
      ...policy.customPlaybooks,
      ...ids
        .filter((id) => wanted.has(id))
        .map((id) => builtInAsPolicy(runs(id) ? playbooks[id] : withCommand<Playbook>(playbooks[id], null))),
    ],
    playbooks: Object.fromEntries(Object.entries(byClass).map(([key, id]) => [key, own(id)])),
    classification: {
      ...policy.classification,
      alarms: policy.classification.alarms.map((rule) => ({ ...rule, ...(rule.playbook ? { playbook: own(rule.playbook) } : {}) })),
    },
  };
};

describe('the built-in playbooks, written in the policy', () => {
  test.each(names)('give the same trace of %s to the byte', async (name) => {
    const found = findScenario(name);
    if ('problem' in found) throw new Error(found.problem);
    const read = loadScenario(found.file);
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    const play = (policy: Scenario['policy']) => playScenario({ ...read.scenario, policy }, { readFile: readBeside(found.file) });
    const [builtIn, written] = [await play(read.scenario.policy), await play(withOwn(read.scenario.policy))];
    // Elsewhere an incident may end before any playbook is chosen, or have one that a rule or a beat names.
    if (some.includes(name)) expect(JSON.stringify(written)).toContain('"playbook":"copy-of-');
    expect(JSON.stringify(written).replaceAll('copy-of-', '')).toBe(JSON.stringify(builtIn));
  });
});
