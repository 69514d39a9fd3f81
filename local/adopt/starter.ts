import { plainLine } from '../../shared/model/text.ts';
import type { Adoption } from './shape.ts';

/** How files of ours begin, so that they may be replaced without asking. */
export const signature = '# Made by selfheal adopt';

/** A text in double quotes, which YAML reads as JSON does; nothing in it can end the line or change its direction. */
const quoted = (text: string): string =>
  JSON.stringify(text.toWellFormed()).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const flow = (value: unknown): string => {
  if (typeof value === 'string')
    return /^[a-z][a-z-]*$/.test(value) && !/^(?:on|off|yes|no|true|false|null|y|n)$/.test(value) ? value : quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, one]) => `${key}: ${flow(one)}`)
    .join(', ')} }`;
};

const few = (names: readonly string[]): string => {
  const shown = names.slice(0, 3).map((name) => plainLine(name, 60));
  return `${shown.join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
};

const ruleLines = ({ rule, alarms, playbook }: Adoption['rules'][number]): string[] => {
  const entries = Object.entries(rule).map(([key, value], i) => `    ${i === 0 ? '- ' : '  '}${key}: ${flow(value)}`);
  return [
    `    # ${alarms.length} ${alarms.length === 1 ? 'alarm' : 'alarms'}: ${few(alarms)}`,
    ...entries,
    ...(playbook === null ? [] : [`      # playbook: ${playbook}`]),
  ];
};

const classification = ({ rules }: Adoption): string[] => {
  if (rules.length === 0) return [];
  const may = rules.some(({ playbook }) => playbook !== null);
  return [
    '# Guesses by the names of metrics: check each before you rely on it. None of them leads to an action.',
    ...(may ? ['# A playbook in a comment is one that could treat the class, once you trust the metric to prove the failure.'] : []),
    'classification:',
    '  alarms:',
    ...rules.flatMap(ruleLines),
  ];
};

const placeOf = ({ account, region, summary }: Adoption): string =>
  `${signature} from ${summary.alarms} alarms${account === null ? '' : ` of account ${account}`}${region === null ? '' : ` in ${region}`}.`;

/** The rules alone, as a policy has them. */
export const rulesFile = (adoption: Adoption): string => `${[placeOf(adoption), ...classification(adoption)].join('\n')}\n`;

/** A policy to begin with: it does nothing, and tells what it would do. */
export const policyFile = (adoption: Adoption): string => {
  const { optIn, volumes, summary } = adoption;
  const keys = [...new Set((volumes ?? []).flatMap(({ key }) => (key !== null && /^arn:[!-~]+$/.test(key) ? [key] : [])))].slice(0, 50);
  const owners = Object.entries(summary.owners);
  return `${[
    placeOf(adoption),
    '# Nothing is done under it: outcomes tell what would have been. Then set enforce, for one team or class first: docs/policy.md.',
    'mode: dry-run',
    ...(optIn.key === 'selfheal' && optIn.value === 'on' ? [] : [`optIn: { key: ${quoted(optIn.key)}, value: ${quoted(optIn.value)} }`]),
    ...(owners.length > 0
      ? [
          `# Left to their owners unless owners says otherwise: ${owners.map(([owner, many]) => `${many} of ${plainLine(owner, 60)}`).join(', ')}.`,
        ]
      : []),
    ...(keys.length > 0
      ? [
          '# Volumes are encrypted under these keys. An instance with one is only stopped and started again if selfheal may use the key:',
          '# kmsKeys:',
          ...keys.map((key) => `#   - ${key}`),
        ]
      : []),
    ...classification(adoption),
  ].join('\n')}\n`;
};
