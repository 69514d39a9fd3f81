import { formatDuration } from '../../shared/model/duration.ts';
import { catalogue, type PlaybookEntry, type Step } from './catalogue.ts';
import { code, table } from './markdown.ts';

const list = (texts: readonly string[], none = '–'): string => (texts.length === 0 ? none : texts.join(', '));
const codes = (ids: readonly string[], none?: string): string => list(ids.map(code), none);

const rowOf = (step: Step, number: number): string[] => {
  const at = String(number);
  if (step.kind === 'calm') return [at, 'wait for the maintenance window, but not past the deadline', '–', '–', '–'];
  if (step.kind === 'watch') {
    const until = step.or.length > 0 ? `, or ${codes(step.or)}` : '';
    return [at, `stand aside: ${step.because}`, list(step.when), `for at most ${formatDuration(step.atMost)}`, `as below${until}`];
  }
  const { action, disruptive, tries, backoff, within, when, healthy } = step;
  const patience = `${tries} ${tries === 1 ? 'try' : 'tries'}; ${formatDuration(backoff.initial)} to ${formatDuration(backoff.cap)} between, ${backoff.attempts} calls at most`;
  const verified = `${healthy ? codes(healthy) : 'as below'}, within ${formatDuration(within)}`;
  return [at, `${code(action)}${disruptive ? ' (disruptive)' : ''}`, list(when), patience, verified];
};

const sectionOf = ({ id, summary, failures, failing, healthy, rounds, ladder, permissions }: PlaybookEntry): string => {
  const only = ({ onlyIfOptedIn, onlyIfNamed }: (typeof failures)[number]) =>
    onlyIfOptedIn ? ' (only if the policy opts in)' : onlyIfNamed ? ' (only if the policy names it)' : '';
  const treats = failures.map((failure) => `${code(failure.id)}${only(failure)}`);
  return [
    `### ${id}`,
    summary,
    `Treats ${list(treats)}.`,
    table(
      ['', 'rung', 'only if', 'patience', 'healthy afterwards'],
      ladder.map((step, i) => rowOf(step, i + 1)),
    ),
    `Starts if one of these checks is unhealthy: ${codes(failing)}. Healed if these pass twice: ${codes(healthy)}. The last step is a person.${rounds > 1 ? ` The ladder runs up to ${rounds} times, for one part of the resource at a time.` : ''}`,
    `Needs ${codes(permissions)}.`,
  ].join('\n\n');
};

/** The generated parts of docs/playbooks.md, by their names. */
export const playbookParts = (): Record<string, string> => {
  const { playbooks, escalated, actions, guards, guardPermissions, health } = catalogue();
  return {
    overview: table(
      ['failure', 'severity', 'playbook', 'what selfheal does'],
      playbooks.flatMap(({ id, failures, summary }) =>
        failures.map((failure) => [
          code(failure.id),
          failure.severity,
          `[${id}](#${id})${failure.onlyIfOptedIn ? ', only if the policy opts in' : failure.onlyIfNamed ? ', only if the policy names it' : ''}`,
          summary,
        ]),
      ),
    ),
    escalated: table(
      ['failure', 'severity', 'why selfheal takes no action'],
      escalated.map(({ id, severity, because, watchedFirst }) => [
        code(id),
        severity,
        `${because}${watchedFirst ? ' (selfheal tells people only if its group doesn’t heal it in time)' : ''}`,
      ]),
    ),
    playbooks: playbooks.map(sectionOf).join('\n\n'),
    actions: table(
      ['action', 'effects', 'what undoes it'],
      actions.map(({ id, effects, undo }) => [code(id), codes(effects), undo ?? 'it cannot be undone']),
    ),
    guards: `${table(
      ['', 'guard', 'what it enforces'],
      guards.map(({ id, says }, i) => [String(i + 1), code(id), says]),
    )}\n\nTheir look-ups need ${codes(guardPermissions)}.`,
    health: table(
      ['health check', 'what a look must show'],
      Object.entries(health).map(([id, says]) => [code(id), says]),
    ),
  };
};
