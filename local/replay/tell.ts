import { formatDuration } from '../../shared/model/duration.ts';
import type { GuardSaid, Outcome } from '../../shared/model/outcome.ts';
import { lastedIn } from '../terminal/outcome-line.ts';
import { paintStatus } from '../terminal/story.ts';
import type { Style } from '../terminal/style.ts';
import type { Reading } from './reading.ts';
import type { Trace } from './trace.ts';

const row = (word: string, text: string, style: Style): string => style.wrap(text, 14, `  ${word.padEnd(12)}`);

const told = (at: string): string => `${at.slice(0, 19).replace('T', ' ')} UTC`;

/** Guards that pass in one line, and each other one on its own line. */
const guardLines = (answers: readonly GuardSaid[]): string[] => {
  const silent = answers.filter(({ answer, reason }) => answer === 'pass' && reason === undefined).map(({ guard }) => guard);
  const others = answers.filter(({ answer, reason }) => answer !== 'pass' || reason !== undefined);
  return [
    ...(silent.length > 0 ? [`pass: ${silent.join(', ')}`] : []),
    ...others.map(({ guard, answer, reason }) => `${guard} says ${answer}${reason === undefined ? '' : `: ${reason}`}`),
  ];
};

const stepLines = ({ timeline }: Trace, style: Style): string[] => {
  let before = '';
  return timeline.flatMap(({ at, phase, text, answers }) => {
    // The incident's subject has been printed already.
    if (phase === 'signal') return [];
    const head = `  ${at.slice(11, 19)}  ${phase.padEnd(7)} `;
    if (!answers) return [style.wrap(text, head.length, head)];
    const lines = guardLines(answers);
    // Each try asks all guards again; identical answers are shown once.
    const same = JSON.stringify(lines) === before;
    before = JSON.stringify(lines);
    if (same) return [style.wrap('all as before', head.length, head)];
    return lines.map((line, i) => style.wrap(line, head.length, i === 0 ? head : ' '.repeat(head.length)));
  });
};

/** Why an incident ended as it did, for people. */
export const traceText = (outcome: Outcome, trace: Trace, style: Style): string => {
  const { failure, resource, status, reason, quiet, verified } = outcome;
  const { events, decoded, classified, playbook } = trace;
  const lasted = formatDuration(lastedIn(outcome));
  const details = [`after ${lasted}`, verified ? 'verified' : '', quiet ? 'nobody is told' : ''].filter(Boolean).join(', ');
  const left = classified && classified.playbook !== playbook ? `; the policy or a tag sets it to ${playbook ?? 'only reported'}` : '';
  return [
    style.bold(style.wrap(`${failure} on ${resource.type} ${resource.id}`, 2)),
    ...(events.length === 0 ? [] : [row('told by', events.join(', '), style)]),
    ...(decoded
      ? [row('decoded as', `${decoded.kind}, ${told(decoded.at)}${decoded.alarm ? `, alarm ${decoded.alarm}` : ''}`, style)]
      : []),
    ...(classified
      ? [
          row(
            'classified',
            `${classified.failure}, ${classified.severity}: ${classified.disposition}${classified.playbook ? ` by ${classified.playbook}` : ''}${left}`,
            style,
          ),
          row('because', classified.reason, style),
        ]
      : []),
    ...stepLines(trace, style),
    style.wrap(`${status} (${details}): ${reason}`, 5, '  => ').replace(status, paintStatus(status, style)),
  ].join('\n');
};

/** The result of an event that opens no incident; null if it does. */
export const eventText = ({ file, verdicts, rejected, incidents }: Reading, style: Style): string | null => {
  const ignored = verdicts.filter(({ disposition }) => disposition === 'ignore');
  if (rejected.length === 0 && incidents.length > 0) return null;
  return [
    style.bold(style.wrap(file, 2)),
    ...(incidents.length > 0
      ? []
      : ignored.flatMap(({ kind, reason }) => [row('decoded as', kind, style), row('no incident', reason, style)])),
    ...rejected.map(({ record, error }) => row('rejected', `record ${record}: ${error}`, style)),
    ...(verdicts.length + rejected.length === 0 ? [row('nothing', 'the batch is empty', style)] : []),
  ].join('\n');
};
