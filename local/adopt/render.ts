import type { Style } from '../terminal/style.ts';
import { outcomes } from './assess.ts';
import type { Adoption } from './shape.ts';
import { headings, lineOf, many, pastLines, summaryLines } from './words.ts';

type Alarm = Adoption['alarms'][number];

/** Alarms by why nothing is done about them, the most frequent reason first. */
const byReason = (alarms: readonly Alarm[]): [string | null, Alarm[]][] => {
  const groups = new Map<string | null, Alarm[]>();
  for (const one of alarms) {
    const why = one.why === null ? null : `${one.guard === null ? '' : `${one.guard}: `}${one.why}`;
    const known = groups.get(why);
    if (known) known.push(one);
    else groups.set(why, [one]);
  }
  return [...groups].sort(([, a], [, b]) => b.length - a.length);
};

const sectionOf = (heading: string, alarms: readonly Alarm[], adoption: Adoption, style: Style): string[] => [
  style.bold(`${heading} (${alarms.length})`),
  ...byReason(alarms).flatMap(([why, some]) => [
    ...(why === null ? [] : [style.wrap(`${why}:`, 4, '  ')]),
    ...some.map((one) => style.wrap(lineOf(one, adoption), why === null ? 6 : 8, why === null ? '  ' : '    ')),
  ]),
  '',
];

const readLine = ({ summary: { alarms, instances, groups }, account, region, alarms: all }: Adoption): string => {
  const read = [
    many(alarms, 'alarm'),
    ...(instances === null ? [] : [many(instances, 'instance')]),
    ...(groups === null ? [] : [many(groups, 'group')]),
  ];
  const places = new Set(all.map((one) => `${one.account} ${one.region}`)).size;
  if (places > 1) return `${read.join(', ')}; alarms in ${many(places, 'account and region', 'accounts and regions')}`;
  const place = [...(account === null ? [] : [`account ${account}`]), ...(region === null ? [] : [region])];
  return [read.join(', '), ...place].join('; ');
};

export type Rendered = { adoption: Adoption; days: number; assumptions: readonly string[]; rulesFile: string | undefined };

/** Every alarm with its reason, and what there is to say of all of them at the end, where a terminal stands. */
export const renderText = ({ adoption, days, assumptions, rulesFile }: Rendered, style: Style): string => {
  const { alarms, past } = adoption;
  const out: string[] = [];
  for (const outcome of outcomes) {
    const some = alarms.filter((one) => one.outcome === outcome);
    if (some.length > 0) out.push(...sectionOf(headings[outcome], some, adoption, style));
  }
  out.push(style.bold('In all'), style.wrap(readLine(adoption), 4, '  '));
  for (const line of summaryLines(adoption, rulesFile)) out.push(style.wrap(line, 4, '  '));
  out.push('');
  if (past) {
    out.push(style.bold(`The last ${many(days, 'day')} with selfheal`));
    for (const line of pastLines(adoption)) out.push(style.wrap(line, 4, '  '));
    out.push('');
  }
  for (const line of assumptions) out.push(style.wrap(line, 2));
  return `${out.join('\n')}\n`;
};
