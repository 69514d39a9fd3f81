import { readdirSync, readFileSync } from 'node:fs';
import type { Failure } from '../../shared/failures/define.ts';
import { failures } from '../../shared/failures/index.ts';
import { readEvent } from '../../shared/failures/read.ts';
import type { Classification } from '../../shared/model/classification.ts';
import { signalModules } from '../../shared/signals/index.ts';
import { toldBy } from './catalogue.ts';
import { code, table } from './markdown.ts';

const root = new URL('../../events/', import.meta.url);

type Sample = { file: string; verdicts: Classification[] };

/** Every sample event, with what it is read as. */
const readSamples = (): Sample[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.json') && !path.endsWith('.expected.json') && !path.startsWith('scenarios/'))
    .sort()
    .map((file) => ({ file, verdicts: readEvent(JSON.parse(readFileSync(new URL(file, root), 'utf8'))).verdicts }));

/** A few of many are enough to open. */
const shown = 3;
/** Those that are called like what they show first, and of them the plainest. */
const rank = (file: string, name: string): string => `${file.includes(`/${name}`) ? 0 : 1}${String(file.length).padStart(4, '0')}${file}`;
const links = (samples: readonly Sample[], name: string): string => {
  const some = samples
    .toSorted((a, b) => (rank(a.file, name) < rank(b.file, name) ? -1 : 1))
    .slice(0, shown)
    .map(({ file }) => `[${file.replace(/\.json$/, '')}](../events/${file})`);
  return `${some.join(', ')}${samples.length > shown ? ` and ${samples.length - shown} more` : ''}`;
};

const treatmentOf = ({ playbook }: Failure): string => {
  if (typeof playbook === 'string') return `[${playbook}](playbooks.md#${playbook})`;
  if ('optIn' in playbook)
    return `nothing, because ${playbook.because}; [${playbook.optIn}](playbooks.md#${playbook.optIn}) if the policy opts in`;
  if ('named' in playbook)
    return `a person: ${playbook.because}; [${playbook.named}](playbooks.md#${playbook.named}) if the policy names a remedy`;
  return `a person: ${playbook.escalate}`;
};

/** The alarms and events of a class; resources that actions may target are in bold. */
const sourcesOf = (failure: Failure): string => {
  const { metrics, events } = toldBy(failure);
  const alarms = metrics.map(({ namespace, metrics: names, direction, subject, named }) => {
    const about = [...subject.map((type) => `**${type}**`), ...named].join(', ');
    return `${code(namespace)} ${names.map(code).join(', ')} ${direction === 'above' ? 'too high' : 'too low'}${about ? ` (${about})` : ''}`;
  });
  const eventSources = events.map(
    ({ kind, facts, because }) => `event ${kind}: ${facts.join(', ')}${because ? ` (a person: ${because})` : ''}`,
  );
  return [...alarms, ...eventSources].join('<br>') || 'everything that matches no other class';
};

/** The generated parts of docs/events.md, by their names. */
export const eventParts = (): Record<string, string> => {
  const samples = readSamples();
  return {
    kinds: table(
      ['kind', 'EventBridge source', 'detail-types', 'samples'],
      signalModules.map(({ kind, events, message }) => [
        code(kind),
        events ? code(events.source) : '–',
        [...(events?.detailTypes ?? []), ...(message ? ['also as a message without an EventBridge envelope'] : [])].join('<br>'),
        links(
          samples.filter(({ verdicts }) => verdicts.some((verdict) => verdict.kind === kind)),
          kind,
        ),
      ]),
    ),
    classes: table(
      ['failure class', 'severity', 'description', 'treatment', 'sources', 'samples'],
      Object.values<Failure>(failures).map((failure) => [
        code(failure.id),
        failure.severity,
        failure.says,
        treatmentOf(failure),
        sourcesOf(failure),
        links(
          samples.filter(({ verdicts }) => verdicts.some((verdict) => verdict.failure === failure.id)),
          failure.id,
        ),
      ]),
    ),
  };
};
