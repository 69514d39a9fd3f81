import type { Failure } from '../../shared/failures/define.ts';
import { failures } from '../../shared/failures/index.ts';
import { rulesOf } from '../../shared/model/classification-rules.ts';
import type { FailureId } from '../../shared/model/failure-id.ts';
import type { Within } from '../../shared/model/organization.ts';
import { type Policy, stricter } from '../../shared/model/policy.ts';
import { chosenPlaybook } from '../../shared/policy/effective-policy.ts';
import { digestOf, policyText, versionOf } from '../../shared/policy/policy-version.ts';
import { type Granted, policyGrants } from '../../tools/deployment/policy-grants.ts';
import { catalogue, type Step } from '../../tools/docs/catalogue.ts';
import type { Style } from '../terminal/style.ts';
import { type Difference, fromDefault, inWords, said } from './diff.ts';
import { playbookOfClass, playbooksOfSignals } from './treatments.ts';

type Tag = { key: string; value?: string | undefined };

/** `on every resource`, or on which. */
type Where = Within & { tag?: Tag | undefined };

const inPlace = ({ account, unit, region, tag }: Where): string | null => {
  const parts = [
    account && `in account ${account}`,
    unit && `in the unit ${unit}`,
    region && `in ${region}`,
    tag && `with the tag ${tag.key}${tag.value === undefined ? '' : `=${tag.value}`}`,
  ].filter(Boolean);
  return parts.length === 0 ? null : parts.join(', ');
};

/** What would be done for one kind of alarm or event: those of a failure class, or those of a rule. */
export type Treatment = {
  /** What tells of it: null for the class's own alarms and events. */
  rule: { index: number; matches: string } | null;
  failure: FailureId;
  severity: string;
  playbook: string | null;
  /** Why there is no playbook; null where there is one. */
  because: string | null;
  mode: string;
  /** Other modes, and where. The strictest that matches applies. */
  modes: { mode: string; where: string }[];
  steps: {
    action: string;
    commands: string[];
    disruptive: boolean;
    when: string[];
    approval: string | null;
    permissions: readonly string[];
  }[];
};

type Act = Extract<Step, { kind: 'act' }>;

const isAct = (step: Step): step is Act => step.kind === 'act';

/** Where an action needs a person's approval; null if nowhere. */
const approvalFor = ({ approval }: Policy, failure: FailureId, action: string): string | null => {
  const rules = approval.required.filter((one) => (one.action ?? action) === action && (one.failure ?? failure) === failure);
  const places = rules.map(({ tag }) => inPlace({ tag }));
  if (places.length === 0) return null;
  return places.includes(null) ? 'always' : `for resources ${[...new Set(places)].join(', or ')}`;
};

/** The mode for a class, and where it is another one: of those that match, the strictest applies. */
const modesFor = (policy: Policy, failure: FailureId): Pick<Treatment, 'mode' | 'modes'> => {
  const own = policy.modes.filter(({ when }) => (when.failure ?? failure) === failure);
  const everywhere = own.filter(({ when }) => inPlace(when) === null).map(({ mode }) => mode);
  const mode = everywhere.length === 0 ? policy.mode : everywhere.reduce(stricter);
  const modes = own.flatMap((one) => {
    const where = inPlace(one.when);
    const there = everywhere.length === 0 ? one.mode : stricter(one.mode, mode);
    return where === null || there === mode ? [] : [{ mode: there, where }];
  });
  return { mode, modes };
};

/** Which commands a step runs: its own, or those that `run` names for the class, and where. */
const commandsOf = ({ run }: Policy, failure: FailureId, { action, command }: Act): string[] => {
  if (action !== 'run-command') return [];
  if (command !== null) return [command];
  return run.filter(({ when }) => when.failure === failure).map(({ when, command }) => [command, inPlace(when)].filter(Boolean).join(' '));
};

const explainer = (policy: Policy) => {
  const { playbooks } = catalogue(policy);
  return (failure: Failure, playbook: string | null, because: string, rule: Treatment['rule']): Treatment => ({
    rule,
    failure: failure.id,
    severity: failure.severity,
    playbook,
    because: playbook === null ? because : null,
    ...modesFor(policy, failure.id),
    steps: (playbooks.find(({ id }) => id === playbook)?.ladder ?? []).filter(isAct).map((step) => ({
      action: step.action,
      commands: commandsOf(policy, failure.id, step),
      disruptive: step.disruptive,
      when: step.when,
      approval: approvalFor(policy, failure.id, step.action),
      permissions: step.permissions,
    })),
  });
};

type Explanation = {
  policyVersion: string;
  mode: string;
  classes: Treatment[];
  /** Signals of a class that have a playbook of their own. */
  signals: Treatment[];
  rules: Treatment[];
  /** The policy's patterns in logs, by their place in `logs`. */
  logs: Treatment[];
  /** The policy's heartbeats, by their place in `beats`. */
  beats: Treatment[];
  /** What the package's roles may do on resources with the opt-in tag, and what else this policy gives them. */
  permissions: { optIn: string; actions: string[]; looks: string[]; policy: { action: string; resources: string[] }[] };
  /** Settings besides these that aren't as they are by default. */
  others: Difference[];
};

/** Settings that the classes and rules show. */
const shown = /^(?:mode|modes|playbooks|approval\.required|classification|logs|beats|customPlaybooks)\b/;

/** A resource of a statement as it is written, with the names that the deployment fills in. */
const listed = (value: Granted | Granted[]): string[] =>
  (Array.isArray(value) ? value : [value]).map((one) => (typeof one === 'string' ? one : one['Fn::Sub']));

/** What would be done under a policy, for every failure class and every rule for alarms. */
export const explain = (policy: Policy): Explanation => {
  const treatment = explainer(policy);
  const all = catalogue(policy);
  const { remedies } = rulesOf(policy);
  const escalated = new Map(all.escalated.map(({ id, because }) => [id, because]));
  const classes = Object.values<Failure>(failures).map((failure) =>
    treatment(failure, playbookOfClass(policy, failure), escalated.get(failure.id) ?? '', null),
  );
  const signals = Object.values<Failure>(failures).flatMap((failure) =>
    playbooksOfSignals(policy, failure).map(({ playbook, signals }, index) =>
      treatment(failure, playbook, '', { index, matches: signals }),
    ),
  );
  const rules = policy.classification.alarms.map(({ namespace, metric, dimensions, alarm, tag, failure, playbook }, index) => {
    const matches = [
      ...(alarm === undefined ? [] : [`alarm ${alarm}`]),
      ...(metric === undefined && namespace === undefined ? [] : [`metric ${[namespace, metric].filter(Boolean).join(' ')}`]),
      ...(dimensions === undefined ? [] : [`dimensions ${said(dimensions)}`]),
      ...(tag === undefined ? [] : [`alarms ${inPlace({ tag })}`]),
    ].join(', ');
    const chosen = chosenPlaybook(policy, { failure, playbook: playbook ?? null });
    const because = playbook === undefined ? 'the rule names no playbook' : `the policy leaves ${failure} to a person`;
    return treatment(failures[failure], chosen, because, { index, matches });
  });
  const logs = policy.logs.map(({ group, pattern, threshold, within, failure, playbook = remedies[failure] }, index) => {
    const chosen = chosenPlaybook(policy, { failure, playbook: playbook ?? null });
    const because =
      playbook === undefined ? `neither it nor the policy names a playbook for ${failure}` : `the policy leaves ${failure} to a person`;
    return treatment(failures[failure], chosen, because, {
      index,
      matches: `${pattern} in ${group}, at least ${threshold} within ${within}`,
    });
  });
  const beats = policy.beats.map(({ name, every, schedule, timeZone, grace, subject, playbook }, index) => {
    const chosen = playbook === undefined ? null : chosenPlaybook(policy, { failure: 'application-down', playbook });
    const because = playbook === undefined ? 'it names no playbook' : 'the policy leaves application-down to a person';
    const due = every === undefined ? [schedule, timeZone].filter(Boolean).join(' ') : `every ${every}`;
    const of = subject === undefined ? '' : `, of ${subject.type} ${subject.id}`;
    return treatment(failures['application-down'], chosen, because, { index, matches: `${name}, ${due}, ${grace} of grace${of}` });
  });
  const used = [...classes, ...signals, ...rules, ...logs, ...beats].flatMap(({ steps }) =>
    steps.flatMap(({ permissions }) => permissions),
  );
  const statements = Object.values(policyGrants(policy)).flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  return {
    policyVersion: versionOf(digestOf(policyText(policy))),
    mode: policy.mode,
    classes,
    signals,
    rules,
    logs,
    beats,
    permissions: {
      optIn: `${policy.optIn.key}=${policy.optIn.value}`,
      actions: [...new Set(used)].sort(),
      looks: all.guardPermissions,
      policy: statements
        .filter(({ Effect }) => Effect === 'Allow')
        .flatMap(({ Action, Resource }) => [Action].flat().map((action) => ({ action, resources: listed(Resource) }))),
    },
    others: fromDefault(policy).filter(({ path }) => !shown.test(path)),
  };
};

const treatmentLines = (one: Treatment, style: Style, list: string | null = 'rule'): string[] => {
  const { rule, failure, severity, playbook, because, mode, modes, steps } = one;
  const about =
    rule === null
      ? style.bold(failure)
      : `${style.bold(list === null ? rule.matches : `${list} ${rule.index}: ${rule.matches}`)}: ${failure}`;
  const head = style.wrap(`${about} (${severity}): ${playbook ?? `a person is told: ${because}`}`, 4);
  if (playbook === null) return [head];
  return [
    head,
    style.wrap(`mode ${[mode, ...modes.map((one) => `${one.mode} ${one.where}`)].join('; ')}`, 6, '    '),
    ...steps.map(({ action, commands, when, approval, permissions }, i) => {
      const parts = [
        commands.length > 0 ? `${action} ${commands.join(', else ')}` : action,
        ...(when.length > 0 ? [`only if ${when.join(', ')}`] : []),
        ...(approval === null ? [] : [`needs an approval ${approval}`]),
        `needs ${permissions.join(', ')}`,
      ];
      return style.wrap(parts.join('; '), 7, `    ${i + 1}. `);
    }),
  ];
};

/** The explanation for people. */
export const explanationText = (
  file: string,
  { policyVersion, mode, classes, signals, rules, logs, beats, permissions, others }: Explanation,
  style: Style,
): string => {
  const { optIn, actions, looks, policy } = permissions;
  const untreated = classes.filter(({ playbook }) => playbook === null);
  return [
    style.wrap(`${file}: policy version ${policyVersion}, mode ${mode}. The deployment's own mode and the kill switch may be stricter.`),
    '',
    ...(rules.length > 0
      ? [
          style.bold(style.wrap('Alarms by rule; the first rule that matches applies')),
          ...rules.flatMap((one) => treatmentLines(one, style)),
          '',
        ]
      : []),
    ...(logs.length > 0 ? [style.bold('Patterns in logs'), ...logs.flatMap((one) => treatmentLines(one, style, 'logs')), ''] : []),
    ...(beats.length > 0
      ? [style.bold('Heartbeats that are missed'), ...beats.flatMap((one) => treatmentLines(one, style, 'beats')), '']
      : []),
    ...(signals.length > 0
      ? [
          style.bold('Signals with a playbook of their own, by a setting that is on'),
          ...signals.flatMap((one) => treatmentLines(one, style, null)),
          '',
        ]
      : []),
    style.bold('Failure classes'),
    ...classes.filter(({ playbook }) => playbook !== null).flatMap((one) => treatmentLines(one, style)),
    ...untreated.flatMap((one) => treatmentLines(one, style)),
    '',
    style.bold('Permissions of the packaged role'),
    style.wrap(`On resources with the tag ${optIn}, of what the steps above need: ${actions.join(', ') || 'nothing'}.`, 2),
    style.wrap(`To look, on any resource: ${looks.join(', ')}, and every Describe call of infrastructure/roles.yml.`, 2),
    ...policy.map(({ action, resources }) => style.wrap(`By this policy: ${action} on ${resources.join(', ')}.`, 2)),
    ...(others.length > 0
      ? ['', style.bold('Other settings that are not the default'), ...others.map((one) => style.wrap(inWords(one), 2))]
      : []),
    '',
  ].join('\n');
};
