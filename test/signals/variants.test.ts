import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import type { Classification } from '../../shared/model/classification.ts';
import { variants } from './variants.ts';

const placeOf = (verdict: Classification | undefined): string => `${verdict?.account}/${verdict?.region}`;

const said = (event: unknown, place: string): string[] => {
  const { verdicts, rejected } = readEvent(event);
  const signals = verdicts.map((verdict) => {
    const { disposition, failure, resource, playbook, reason } = verdict;
    const by = playbook === null ? [] : [`by ${playbook}`];
    const where = placeOf(verdict) === place ? [] : [`in ${placeOf(verdict)}`];
    return `${[disposition, ...(failure ? [failure] : []), ...(resource ? [`${resource.type} ${resource.id}`] : []), ...by, ...where].join(' ')}: ${reason}`;
  });
  return [...rejected.map(({ error }) => `rejected: ${error}`), ...signals];
};

describe.each(variants)('an event like $name', ({ event, variants: differing }) => {
  const place = placeOf(readEvent(event).verdicts[0]);

  test.each(differing)('is read as expected where it differs: $why', (variant) => {
    expect(variant.event).not.toEqual(event);
    expect(said(variant.event, place)).toEqual(variant.is);
  });
});
