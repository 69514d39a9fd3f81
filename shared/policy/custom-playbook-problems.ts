import type { Failure } from '../failures/define.ts';
import { failures } from '../failures/index.ts';
import type { ActionId } from '../model/action-id.ts';
import { rulesOf } from '../model/classification-rules.ts';
import { noSuchCommand } from '../model/command.ts';
import type { CustomPlaybook } from '../model/custom-playbook.ts';
import type { FailureId } from '../model/failure-id.ts';
import type { HealthCheckId } from '../model/health-check-id.ts';
import { abilities } from '../model/playbook-abilities.ts';
import type { Policy } from '../model/policy.ts';
import type { RemedySettings } from '../model/remedies.ts';

type Settings = Pick<Policy, 'beats' | 'classification' | 'logs' | 'organization' | 'scope'> & RemedySettings;
type Issue = { path: (string | number)[]; message: string };

const alarmChecks: readonly HealthCheckId[] = ['alarm-is-ok', 'alarm-says-ok'];

/**
 * The checks that each action is proven by, one of which a step that has checks of its own needs: a replaced member's own alarm has no data,
 * and a target is only well once its load balancer says so.
 */
const sufficientProofs: Readonly<Record<ActionId, readonly HealthCheckId[]>> = {
  'grow-volume': alarmChecks,
  'extend-file-system': alarmChecks,
  'list-disks': alarmChecks,
  'add-reader': alarmChecks,
  'add-replica': alarmChecks,
  'fail-over-cluster': alarmChecks,
  'grow-storage': alarmChecks,
  'promote-replica': ['replica-stands-alone'],
  'raise-concurrency': alarmChecks,
  'reboot-database': alarmChecks,
  'reboot-instance': [...alarmChecks, 'treated-target-is-well'],
  redrive: [...alarmChecks, 'queue-is-relieved'],
  'replace-container-instance': ['host-is-replaced'],
  'replace-member': ['member-is-replaced', 'treated-target-is-well'],
  'restore-validation-record': ['validation-record-stands'],
  'restart-service': ['service-is-steady'],
  'roll-back-service': ['service-is-steady'],
  'rollback-alias': [...alarmChecks, 'release-is-well'],
  'run-command': [...alarmChecks, 'treated-target-is-well'],
  'scale-out': alarmChecks,
  'scale-service': alarmChecks,
  'start-instance': [...alarmChecks, 'status-checks-pass'],
  'stop-start-instance': [...alarmChecks, 'treated-target-is-well'],
  'stop-task': ['targets-are-healthy', 'treated-target-is-well'],
};

/** The built-in playbook of a class: its own, or the one that a policy may name or opt in to. */
const builtInOf = (id: FailureId) => {
  const { playbook }: Failure = failures[id];
  if (typeof playbook === 'string') return abilities[playbook];
  return 'named' in playbook ? abilities[playbook.named] : 'optIn' in playbook ? abilities[playbook.optIn] : null;
};

/** The checks that what reports a class can turn: its alarm, and for events what its built-in playbook looks at. */
const turnedBy = (id: FailureId): { shows: readonly HealthCheckId[]; proves: readonly HealthCheckId[] } => {
  const { match }: Failure = failures[id];
  // A heartbeat brings its own check to every playbook.
  const byAlarmOnly = match.length > 0 && match.every((one) => 'metrics' in one || one.kind === 'heartbeat');
  const { looksFor = [], proves = [] } = builtInOf(id) ?? {};
  // What never showed the failure says nothing of its end: the status checks pass while a process is dead.
  const turned = proves.filter((check) => looksFor.includes(check) && !alarmChecks.includes(check));
  return {
    shows: byAlarmOnly ? [...new Set<HealthCheckId>([...looksFor, 'alarm-fires'])] : looksFor,
    proves: byAlarmOnly ? [...turned, ...alarmChecks] : turned,
  };
};

/**
 * Whether a check of one member or target proves something of a class, whatever else may be wrong; or one that a database that replicates
 * nothing is behind nothing.
 */
const provesPart = (check: HealthCheckId, id: FailureId, proves: readonly HealthCheckId[]): boolean =>
  check === 'member-is-replaced' ||
  (check === 'treated-target-is-well' && proves.includes('targets-are-healthy')) ||
  (check === 'replica-stands-alone' && id === 'replica-behind');

/** The checks, of those given, that tell of every class that it is over, or over for what was treated. */
const tellOfAll = (checks: readonly HealthCheckId[], treats: readonly FailureId[]): HealthCheckId[] =>
  checks.filter((check) =>
    treats.every((id) => {
      const { proves } = turnedBy(id);
      return proves.includes(check) || provesPart(check, id, proves);
    }),
  );

const includesOneOf = <T>(some: readonly T[], of: readonly T[]): boolean => some.some((one) => of.includes(one));

const problemsOf = (playbook: CustomPlaybook, { commands, run }: Settings): Issue[] => {
  const { treats, failing, healthy, steps } = playbook;
  const issues: Issue[] = [];
  for (const [i, id] of treats.entries()) {
    const { shows, proves } = turnedBy(id);
    if (proves.length === 0) issues.push({ path: ['treats', i], message: `no check can tell that ${id} is over` });
    else if (!includesOneOf(healthy, proves))
      issues.push({ path: ['healthy'], message: `nothing here tells that ${id} is over: it needs one of ${proves.join(', ')}` });
    if (proves.length > 0 && !includesOneOf(failing, shows))
      issues.push({ path: ['failing'], message: `nothing here shows ${id}: it needs one of ${shows.join(', ')}` });
  }
  if (!steps.some((step) => 'do' in step))
    issues.push({ path: ['steps'], message: 'no step does anything: leave the class to a person with none' });
  for (const [i, step] of steps.entries()) {
    // A deleted alarm would leave the word to whatever else stands there.
    if ('wait' in step && step.or && tellOfAll(step.or, treats).every((check) => check === 'alarm-is-ok'))
      issues.push({ path: ['steps', i, 'or'], message: `nothing here tells that ${treats.join(' and ')} is over` });
    if (!('do' in step)) continue;
    const proofs = tellOfAll(sufficientProofs[step.do], treats);
    if (step.healthy && !includesOneOf(step.healthy, proofs)) {
      const needed = proofs.length > 0 ? `it needs one of ${proofs.join(', ')}` : 'leave it out, and those of the playbook count';
      issues.push({ path: ['steps', i, 'healthy'], message: `nothing here proves ${step.do}: ${needed}` });
    }
    const command = step.with?.command;
    if (step.do === 'run-command' && command === undefined && !run.some(({ when }) => treats.includes(when.failure)))
      issues.push({
        path: ['steps', i],
        message: 'no command to run: name one by "with: { command: NAME }", or in "run" for a class that it treats',
      });
    if (step.with && step.do !== 'run-command')
      issues.push({ path: ['steps', i, 'with'], message: `only run-command runs a command, not ${step.do}` });
    const unknown = command === undefined || step.do !== 'run-command' ? null : noSuchCommand(command, commands);
    if (unknown !== null) issues.push({ path: ['steps', i, 'with', 'command'], message: unknown });
  }
  return issues;
};

/** What would make a playbook of the policy act blindly, or never. */
export const customPlaybookProblems = (policy: Settings): Issue[] => {
  const { customPlaybooks, playbooks, classification, logs, beats } = policy;
  const { remedies } = rulesOf(policy);
  const taught = [
    ...classification.alarms.map((rule, i) => ({ ...rule, named: `classification.alarms.${i}` })),
    ...logs.map((entry, i) => ({ ...entry, named: `logs.${i}` })),
  ];
  const chosen = new Set<string | null | undefined>([
    ...Object.values(playbooks),
    ...Object.values(remedies),
    ...taught.map(({ playbook }) => playbook),
    ...beats.map(({ playbook }) => playbook),
  ]);
  return customPlaybooks.flatMap((playbook, i) => {
    const { id } = playbook;
    const own: Issue[] = problemsOf(playbook, policy);
    if (customPlaybooks.findIndex((other) => other.id === id) < i) own.push({ path: ['id'], message: `there are two playbooks ${id}` });
    if (!chosen.has(id) && classification.alarmTags !== 'on')
      own.push({ path: ['id'], message: `nothing chooses ${id}: name it in playbooks, in a rule, or in a tag on an alarm` });
    if (!playbook.treats.includes('application-down') && beats.some((beat) => beat.playbook === id))
      own.push({ path: ['treats'], message: "a heartbeat names it for application-down, which it doesn't treat" });
    for (const [failure, named] of Object.entries(playbooks))
      if (named === id && !playbook.treats.includes(failure as FailureId))
        own.push({ path: ['treats'], message: `playbooks gives it ${failure}, which it doesn't treat` });
    for (const rule of taught)
      if (rule.playbook === id && !playbook.treats.includes(rule.failure))
        own.push({ path: ['treats'], message: `${rule.named} gives it ${rule.failure}, which it doesn't treat` });
    return own.map(({ path, message }) => ({ path: ['customPlaybooks', i, ...path], message }));
  });
};
