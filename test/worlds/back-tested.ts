import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import type { Decision } from '../../local/backtest/decision.ts';
import { evaluableGuards } from '../../local/backtest/guards.ts';
import { type Inventory, parseInventory } from '../../local/backtest/inventory.ts';
import type { Host } from '../../local/testbed/host.ts';
import { actions as allActions } from '../../shared/actions/index.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { isBuiltIn } from '../../shared/model/playbook-id.ts';
import { playbooks } from '../../shared/playbooks/index.ts';
import { minute, run } from '../backtest/history-of.ts';

/** What an operator knows of the accounts, as a back-test is given it. */
const inventoryOf = async (host: Host): Promise<Inventory> => {
  const elsewhere = [...(host.org?.worlds() ?? [])].filter((one) => one !== host.aws).map(({ world }) => host.operatorIn(world));
  const all = await Promise.all(
    [host.operator, ...elsewhere].map(async ({ ec2, autoScaling, of }) => {
      const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
      const { AutoScalingGroups = [] } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
      const { DBInstances = [] } = await of(RDSClient).send(new DescribeDBInstancesCommand({}));
      return { Reservations, AutoScalingGroups, DBInstances };
    }),
  );
  const printed = {
    Reservations: all.flatMap(({ Reservations }) => Reservations),
    AutoScalingGroups: all.flatMap(({ AutoScalingGroups }) => AutoScalingGroups),
    DBInstances: all.flatMap(({ DBInstances }) => DBInstances),
  };
  return parseInventory(JSON.stringify(printed), 'the accounts');
};

/** Records what a back-test needs of a world, while that is played. */
export const recordHistory = () => {
  const events: unknown[] = [];
  let known: Promise<{ host: Host; inventory: Inventory }> | undefined;
  return {
    onEvent: (event: unknown) => void events.push(event),
    onReady: (host: Host) => {
      known = inventoryOf(host).then((inventory) => ({ host, inventory }));
    },
    /** What a back-test of its history says of each incident, by its key. */
    backTest: async (): Promise<Map<string, Decision>> => {
      if (!known) return new Map();
      const { host, inventory } = await known;
      const { cases } = await run(events, { policies: [host.policy], inventory, healsAfter: 10 * minute });
      return new Map(cases.map(({ incident, decisions }) => [incident.key, decisions[0] as Decision]));
    },
  };
};

/** What a history of events is enough to answer, without CloudTrail's calls. */
const answerable = new Set(evaluableGuards.map(({ id }) => id).filter((id) => id !== 'recent-manual-change'));

const onlyRead: ReadonlySet<string> = new Set(allActions.filter(({ onlyReads }) => onlyReads).map(({ id }) => id));

/** Whether a later rung of the same ladder was taken: a live look may show that the first one doesn't fit. */
const isAtLeast = ({ playbook, action }: Decision, taken: string): boolean => {
  // Which of the two it is, only the instance's own list of its disks shows.
  if (action === 'grow-volume' && taken === 'extend-file-system') return true;
  // Of a playbook of the scenario's own policy, the decision gives the first action alone.
  if (playbook !== null && !isBuiltIn(playbook)) return taken === action;
  const rungs = playbook ? playbooks[playbook].ladder.flatMap((step) => (step.kind === 'act' ? [step.action.id as string] : [])) : [];
  return rungs.indexOf(taken) >= rungs.indexOf(action ?? '');
};

/**
 * Whether a back-test's decision and what became of the same incident go together; null where the decision claims nothing. Where the two
 * differ, a live look or a guard that only the account can answer must be why.
 */
export const agrees = (decision: Decision, { actions, timeline, status, resource }: Outcome): boolean | null => {
  // The inventory has no functions and no certificates: whether they are opted in, it can't say.
  if ((resource.type === 'service' || resource.type === 'certificate') && decision.guard === 'opt-in') return null;
  const no = timeline.flatMap(({ answers = [] }) => answers).filter(({ answer }) => answer !== 'pass');
  const said = no.map(({ guard }) => guard).filter((guard) => answerable.has(guard));
  // A back-test goes on after what only reads, but in a dry run.
  const [first] = status === 'dry-run' ? actions : actions.filter(({ action }) => !onlyRead.has(action));
  // Few events carry the tags of an alarm: a history doesn't say what they would.
  if (timeline.some(({ text }) => text.startsWith('the tags of alarm '))) return null;
  // How many had opted in at the time is in no history: a back-test goes by the policy's numbers alone, and so holds what a large fleet bears.
  if (decision.status === 'held' && decision.guard === 'mass-failure' && !said.includes('mass-failure')) return null;
  switch (decision.status) {
    case 'unknown':
    case 'passed':
    case 'none':
      return null;
    case 'treated':
      // It takes each that it treats for healed. What only the account can answer may hold some of them, and then more fail at once.
      return first ? isAtLeast(decision, first.action) : said.every((guard) => guard === 'mass-failure');
    case 'would':
      return status === 'dry-run' ? first?.action === decision.action : !first && said.length === 0;
    case 'asked':
      return said.includes('approval') || !first;
    case 'held':
    case 'escalated':
      return !first && (decision.guard === null || said.length === 0 || said.includes(decision.guard));
  }
};
