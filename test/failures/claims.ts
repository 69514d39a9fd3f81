import { expect, test } from '@jest/globals';
import { classify } from '../../shared/failures/classify.ts';
import type { Failure } from '../../shared/failures/define.ts';
import type { EventSignal } from '../../shared/model/signal.ts';
import { alarm, alarmEvent, message, verdictOf } from '../signals/fixtures.ts';
import type { Target } from './targets.ts';

/** What metric alarms must come to: each of the metrics, which way, on each of the targets, and what follows. */
export type MetricClaim = readonly [
  namespaces: readonly string[],
  metrics: readonly string[],
  direction: 'above' | 'below',
  on: readonly Target[],
  disposition: 'remediate' | 'escalate',
];

const eachOf = ([namespaces, metrics, direction, on, disposition]: MetricClaim) =>
  namespaces.flatMap((namespace) =>
    metrics.flatMap((metric) =>
      on.map(([dimensions, resource]) => [namespace, metric, direction, dimensions, resource, disposition] as const),
    ),
  );

/** The same for events, by the word that their module uses. */
export type EventClaim = readonly [kind: string, fact: string, resource: string | null, disposition: 'remediate' | 'escalate' | 'ignore'];

const opposite = { above: 'below', below: 'above' } as const;

/** Holds a class to a written-down table of what it claims, and to leaving alone the same metrics in the other direction. */
export const testClaims = (
  failure: Failure,
  playbook: string | null,
  claims: readonly MetricClaim[],
  events: readonly EventClaim[],
): void => {
  const metrics = claims.flatMap(eachOf);

  test('claims exactly what is written down here', () => {
    const claimed = failure.match.flatMap((match) =>
      'metrics' in match ? match.metrics.map((name) => `${match.namespace} ${name}`) : match.facts.map((fact) => `${match.kind} ${fact}`),
    );
    const written = [...metrics.map(([namespace, metric]) => `${namespace} ${metric}`), ...events.map(([kind, fact]) => `${kind} ${fact}`)];
    expect([...new Set(written)].sort()).toEqual(claimed.toSorted());
  });

  if (metrics.length > 0) {
    test.each(metrics)('%s %s that goes %s, on %j, is about %s: %s', (namespace, metric, direction, dimensions, resource, disposition) => {
      const told = alarm({ namespace, metric, direction, dimensions: { ...dimensions } });
      const expected = {
        failure: failure.id,
        disposition,
        severity: failure.severity,
        playbook: disposition === 'remediate' ? playbook : null,
      };
      for (const shape of [message(told), alarmEvent(told)]) {
        const verdict = verdictOf(shape);
        expect(verdict).toMatchObject(expected);
        expect(`${verdict.resource?.type} ${verdict.resource?.id}`).toBe(resource);
      }
      const turned = verdictOf(message({ ...told, direction: opposite[direction] }));
      expect(turned).toMatchObject({ failure: 'unclassified', disposition: 'escalate', resource: { type: 'alarm', id: 'an-alarm' } });
    });
  }

  if (events.length > 0) {
    test.each(events)('the %s event that says %s about %s: %s', (kind, fact, resource, disposition) => {
      const [type, ...id] = resource?.split(' ') ?? [];
      const subject = type === undefined ? null : ({ type, id: id.join(' ') } as EventSignal['subject']);
      const signal: EventSignal = {
        kind,
        fact,
        subject,
        at: 0,
        account: null,
        region: null,
        partition: 'aws',
        quiet: null,
        escalateReason: null,
        evidence: {},
      };
      const named = subject ?? { type: 'region', id: 'global' };
      expect(classify(signal)).toMatchObject({
        failure: failure.id,
        disposition,
        resource: disposition === 'ignore' ? subject : named,
        playbook: disposition === 'remediate' ? playbook : null,
      });
    });
  }
};
