import { describe, expect, test } from '@jest/globals';
import { classify } from '../../shared/failures/classify.ts';
import { defineFailure, escalate, event, type Failure } from '../../shared/failures/define.ts';
import { failures } from '../../shared/failures/index.ts';
import { failureIds } from '../../shared/model/failure-id.ts';
import { abilities } from '../../shared/model/playbook-abilities.ts';
import { playbookIds } from '../../shared/model/playbook-id.ts';
import type { EventSignal } from '../../shared/model/signal.ts';
import { defineSignal, type Envelope, eventSignal } from '../../shared/signals/module.ts';
import { alarm, message, verdictOf } from '../signals/fixtures.ts';

const signal = (parts: Partial<EventSignal>): EventSignal => ({
  kind: 'ec2-state',
  fact: 'stopped',
  subject: { type: 'instance', id: 'i-0a1b2c3d' },
  at: 0,
  account: null,
  region: null,
  partition: 'aws',
  quiet: null,
  escalateReason: null,
  evidence: {},
  ...parts,
});

describe('classify', () => {
  test('every class is there, under its own id, with a playbook that can act on what it names', () => {
    expect(Object.keys(failures)).toEqual([...failureIds]);
    for (const [id, failure] of Object.entries<Failure>(failures)) {
      expect(failure.id).toBe(id);
      if (typeof failure.playbook !== 'string') continue;
      expect(playbookIds).toContain(failure.playbook);
      for (const match of failure.match) {
        if ('metrics' in match)
          for (const type of match.subject) expect(abilities[match.playbook ?? failure.playbook].subjects).toContain(type);
      }
    }
  });

  test('a misspelt kind or fact of an event does not compile, nor does the fact of another kind', () => {
    const misspelt = [
      // @ts-expect-error no module has this kind
      event('aws-heath', 'hardware-issue'),
      // @ts-expect-error no event of the kind says this
      event('aws-health', 'hardware-isue'),
      // @ts-expect-error one of the two is another kind's
      event('ecs', ['task-failed', 'volume-failed']),
    ];
    expect(misspelt.map(({ kind, facts }) => `${kind} ${facts}`)).toHaveLength(3);
  });

  test('a signal of a module carries its kind and one of its facts: nothing else compiles', () => {
    const decode = (_detail: unknown, envelope: Envelope) => [eventSignal(envelope, { kind: 'one', fact: 'faild', quiet: 'x' })];
    // @ts-expect-error the module does not list what its signal says
    const module = defineSignal({ kind: 'one', facts: ['failed'], events: { source: 'aws.one', detailTypes: [], decode } });
    expect(module.facts).not.toContain('faild');
  });

  test('a class that names neither playbook nor escalation does not compile', () => {
    const declared = { id: 'disk-full', severity: 'low', says: 'x', match: [] } as const;
    // @ts-expect-error a failure class without an answer
    defineFailure(declared);
    expect(defineFailure({ ...declared, playbook: escalate('why') }).playbook).toEqual({ escalate: 'why' });
  });

  test('whatever a signal claims to be about, a malformed or unsuitable subject is never acted on', () => {
    expect(classify(signal({})).disposition).toBe('remediate');
    for (const subject of [{ type: 'instance', id: 'i-0abc; rm -rf' }, { type: 'group', id: 'web' }, null] as const) {
      expect(classify(signal({ subject }))).toMatchObject({ failure: 'instance-stopped', disposition: 'escalate', playbook: null });
    }
  });

  test('doubt holds an action back, and says why', () => {
    expect(classify(signal({ escalateReason: 'two of them' }))).toMatchObject({
      disposition: 'escalate',
      reason: expect.stringContaining('no action: two of them'),
    });
  });

  test('what no class knows is ignored', () => {
    expect(classify(signal({ fact: 'exploded' }))).toMatchObject({ failure: null, disposition: 'ignore', severity: 'low' });
    expect(classify(signal({ kind: '__proto__', fact: 'constructor' }))).toMatchObject({ failure: null, disposition: 'ignore' });
  });

  test('a reason has an end', () => {
    expect(
      verdictOf(message(alarm({ name: 'x'.repeat(255), namespace: 'N'.repeat(300), metric: 'm'.repeat(300) }))).reason.length,
    ).toBeLessThanOrEqual(1000);
    expect(classify(signal({ quiet: 'y'.repeat(2000) })).reason).toHaveLength(1000);
  });
});
