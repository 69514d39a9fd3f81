import { describe, expect, test } from '@jest/globals';
import type { Condition, Evidence, Made, Telling } from '../../local/fault-matrix/evidence.ts';
import { judge, type Reference } from '../../local/fault-matrix/judge.ts';
import type { Outcome } from '../../shared/model/outcome.ts';

const began = Date.parse('2026-03-02T10:00:00Z');
const at = (minutes: number): number => began + minutes * 60_000;
const id = 'i-0aaaaaaaaaaaaaaa1';

/** Without selfheal it hangs for ever; with it, it is rebooted after four minutes, and people hear of that after ten. */
const reference: Reference = { changed: 4 * 60_000, told: 10 * 60_000, left: { conditions: { [id]: 'ill' }, groups: {} } };

const call = (minutes: number, name: string, more: Partial<Made> = {}): Made => ({
  ...{ at: at(minutes), call: name, targets: [id], error: null, lost: false, change: true, incident: 'one', ...more },
});

const outcome = (more: Partial<Outcome> = {}): Outcome => ({
  incident: 'one',
  failure: 'instance-unreachable',
  severity: 'critical',
  resource: { type: 'instance', id },
  account: '111122223333',
  region: 'us-east-1',
  playbook: 'restart-instance',
  status: 'healed',
  verified: true,
  reason: 'both status checks pass',
  quiet: false,
  startedAt: new Date(at(2)).toISOString(),
  endedAt: new Date(at(10)).toISOString(),
  timeToRecoverSeconds: 480,
  actions: [],
  changes: [],
  likelyCause: null,
  changesNote: null,
  timeline: [],
  ...more,
});

const telling = (minutes: number, told: Outcome | null, more: Partial<Telling> = {}): Telling => ({
  ...{ at: at(minutes), channel: 'outcomes', incident: 'one', kind: 'outcome', quiet: false, outcome: told },
  ...{ gist: told ? `${told.status}: ${told.reason}` : '', text: '', ...more },
});

const points = (...of: [minutes: number, is: Condition][]) => of.map(([minutes, is]) => ({ at: at(minutes), is }));

const healed = (more: Partial<Evidence> = {}): Evidence => ({
  began,
  ended: at(180),
  subject: id,
  conditions: new Map([[id, points([0, 'well'], [1, 'ill'], [6, 'well'])]]),
  groupOf: new Map(),
  groups: new Map(),
  calls: [call(4, 'ec2:RebootInstances')],
  tellings: [telling(10, outcome())],
  executions: [{ name: 'one', status: 'SUCCEEDED', endedAt: at(10) }],
  answered: [],
  violations: [],
  ...more,
});

const ill = new Map([[id, points([0, 'well'], [1, 'ill'])]]);
const fine = { harm: [], silent: [], repeated: [], untrue: [] };

/** A text in a message about an incident that was handed to a person. */
const said = (text: string, more: Partial<Evidence> = {}) =>
  judge(healed({ conditions: ill, tellings: [telling(10, outcome({ status: 'escalated', reason: text }))], ...more }), reference).untrue;

describe('a world of the matrix', () => {
  test('in which all went well is fine', () => {
    expect(judge(healed(), reference)).toEqual(fine);
  });
});

describe('harm', () => {
  const harm = (more: Partial<Evidence>, left = reference.left) => judge(healed(more), { ...reference, left }).harm;

  test('is that an instance is left stopped which would run', () => {
    const conditions = new Map([[id, points([0, 'ill'], [5, 'stopped'])]]);
    expect(harm({ conditions })).toEqual([`${id} is left stopped; without selfheal it is ill`]);
  });

  test('is that an instance is gone', () => {
    expect(harm({ conditions: new Map([[id, points([0, 'ill'], [5, 'gone'])]]) })).toHaveLength(1);
  });

  test('is that a group has fewer members that are well, or wants fewer', () => {
    const left = { conditions: {}, groups: { shop: { desired: 3, well: 2 } } };
    expect(harm({ groups: new Map([['shop', { desired: 3, well: 1 }]]) }, left)).toHaveLength(1);
    expect(harm({ groups: new Map([['shop', { desired: 2, well: 2 }]]) }, left)).toHaveLength(1);
    expect(harm({ groups: new Map([['shop', { desired: 3, well: 3 }]]) }, left)).toEqual([]);
  });

  test("is not that a group's member is gone and has a successor", () => {
    const left = { conditions: {}, groups: { shop: { desired: 3, well: 2 } } };
    const conditions = new Map([[id, points([0, 'ill'], [5, 'gone'])]]);
    expect(harm({ conditions, groupOf: new Map([[id, 'shop']]), groups: new Map([['shop', { desired: 3, well: 3 }]]) }, left)).toEqual([]);
  });

  test('is what was done against a promise, and not what was said', () => {
    const violation = (promise: 'not-failing' | 'one-outcome') => ({ promise, at: at(4), resource: id, text: 'StopInstances' });
    expect(harm({ violations: [violation('not-failing')] })).toHaveLength(1);
    expect(harm({ violations: [violation('one-outcome')] })).toEqual([]);
  });
});

describe('silence', () => {
  const silent = (more: Partial<Evidence>, also: Partial<Reference> = {}) => judge(healed(more), { ...reference, ...also }).silent;
  const refused = call(4, 'ec2:RebootInstances', { error: 'UnauthorizedOperation' });
  const word = (minutes: number) => telling(minutes, outcome({ status: 'escalated' }));

  test('is that a call failed and nobody is told within a quarter of an hour', () => {
    const late = silent({ conditions: ill, calls: [refused], tellings: [word(20)] });
    expect(late[0]).toBe('ec2:RebootInstances failed (UnauthorizedOperation) at 10:04:00, and nobody is told within 15 minutes');
    expect(silent({ conditions: ill, calls: [refused], tellings: [word(18)] })).toEqual([]);
  });

  test('begins later where a call may have taken effect: when something else is done, or a quarter of an hour after it', () => {
    const hung = call(4, 'ec2:RebootInstances', { error: 'TimeoutError' });
    expect(silent({ conditions: ill, calls: [hung], tellings: [word(33)] })).toEqual([]);
    expect(silent({ conditions: ill, calls: [hung], tellings: [word(35)] })).toHaveLength(1);
    const stopped = call(10, 'ec2:StopInstances', { error: 'UnauthorizedOperation' });
    expect(silent({ conditions: ill, calls: [hung, stopped], tellings: [word(26)] })).toHaveLength(2);
  });

  test('is not broken by what is told quietly', () => {
    const quiet = telling(10, outcome({ quiet: true }), { quiet: true });
    expect(silent({ conditions: ill, calls: [refused], tellings: [quiet] })).not.toEqual([]);
  });

  test('does not matter where the call succeeds after all, or the thing is well', () => {
    expect(silent({ calls: [refused, call(6, 'ec2:RebootInstances')], tellings: [word(40)] })).toEqual([]);
    expect(silent({ calls: [call(4, 'ec2:RebootInstances', { lost: true })], tellings: [word(40)] })).toEqual([]);
  });

  test('is that something was taken out of service, is not back, and nobody is told', () => {
    const conditions = new Map([[id, points([0, 'ill'], [5, 'stopped'], [40, 'well'])]]);
    const calls = [call(4, 'ec2:StopInstances'), call(39, 'ec2:StartInstances')];
    expect(silent({ conditions, calls, tellings: [word(45)] })).toEqual([
      `ec2:StopInstances took ${id} out of service, and it is not back at 10:04:00, and nobody is told within 15 minutes`,
    ]);
    expect(silent({ conditions, calls, tellings: [word(9)] })).toEqual([]);
  });

  test('is that an execution died, and nobody is told', () => {
    const executions = [{ name: 'one', status: 'FAILED', endedAt: at(5) }];
    expect(silent({ conditions: ill, executions, tellings: [] })).toContain(
      'one ended FAILED at 10:05:00, and nobody is told within 15 minutes',
    );
  });

  test('is that what would have been treated is neither treated nor told of', () => {
    expect(silent({ conditions: ill, calls: [], tellings: [word(25)] })).toHaveLength(1);
    expect(silent({ conditions: ill, calls: [], tellings: [word(15)] })).toEqual([]);
  });

  test('is that nobody is ever told', () => {
    expect(silent({ tellings: [] })).toEqual(['nobody is ever told of anything']);
  });
});

describe('repetition', () => {
  const repeated = (...tellings: Telling[]) => judge(healed({ tellings }), reference).repeated;

  test('is that the same channel is told the same twice', () => {
    expect(repeated(telling(10, outcome()), telling(15, outcome({ endedAt: new Date(at(15)).toISOString() })))).toEqual([
      'outcomes is told 2 times (outcome): healed: both status checks pass',
    ]);
  });

  test('is not that two channels are told, or something else is', () => {
    expect(repeated(telling(10, outcome()), telling(10, outcome(), { channel: 'chat' }))).toEqual([]);
    expect(repeated(telling(6, null, { kind: 'interim', gist: 'STOPPED' }), telling(10, outcome()))).toEqual([]);
  });
});

describe('untruth', () => {
  test.each([
    ['that something is gone which is there', 'there is no such resource'],
    ['that an alarm is gone', 'alarm web-status-check is gone'],
    ['of a refusal where nothing was refused', 'ec2:RebootInstances was refused'],
    ['that it stopped what runs', `STOPPED by selfheal: ${id}`],
  ])('is to say %s', (_, text) => {
    expect(said(text)).toHaveLength(1);
  });

  test('is to say that every rung has been tried where none had an effect', () => {
    const calls = [call(4, 'ec2:RebootInstances', { error: 'UnauthorizedOperation' })];
    expect(said('every rung has been tried: it hangs', { calls })).toHaveLength(1);
    expect(said('every rung has been tried: it hangs')).toEqual([]);
  });

  test('is none of that where it is so', () => {
    const gone = new Map([[id, points([0, 'ill'], [5, 'gone'])]]);
    expect(said('there is no such resource', { conditions: gone })).toEqual([]);
    const calls = [call(4, 'ec2:RebootInstances', { error: 'UnauthorizedOperation' })];
    expect(said('ec2:RebootInstances was refused', { calls })).toEqual([]);
    const stopped = new Map([[id, points([0, 'ill'], [5, 'stopped'])]]);
    expect(said(`STOPPED by selfheal: ${id}`, { conditions: stopped })).toEqual([]);
  });

  test('is that this incident took no action, where it did', () => {
    const text = { text: 'This incident took no action.' };
    const of = (incident: string) =>
      judge(healed({ tellings: [telling(10, outcome({ incident }), { incident, ...text })] }), reference).untrue;
    expect(of('one')).toEqual(['"This incident took no action", and ec2:RebootInstances took effect']);
    // It speaks of itself alone.
    expect(of('two')).toEqual([]);
    expect(judge(healed({ calls: [], tellings: [telling(10, outcome(), text)] }), reference).untrue).toEqual([]);
  });

  test('is healed of what is not well, and healed by itself of what was treated', () => {
    expect(judge(healed({ conditions: ill }), reference).untrue).toEqual([`it is called healed, and ${id} is ill`]);
    const byItself = [telling(10, outcome({ status: 'healed-itself' }))];
    expect(judge(healed({ tellings: byItself }), reference).untrue).toEqual([
      'it is called healed by itself, and ec2:RebootInstances took effect',
    ]);
  });

  test('is an action on record that AWS has seen otherwise', () => {
    const recorded = (result: string) => [
      telling(10, outcome({ actions: [{ action: 'reboot-instance', target: id, attempt: 1, at: new Date(at(4)).toISOString(), result }] })),
    ];
    expect(judge(healed({ tellings: recorded('done') }), reference).untrue).toEqual([]);
    expect(judge(healed({ calls: [], tellings: recorded('done') }), reference).untrue).toHaveLength(1);
    expect(judge(healed({ tellings: recorded('throttled: RequestLimitExceeded') }), reference).untrue).toHaveLength(1);
  });

  test('is that nobody decided, or could be asked, where somebody did and was', () => {
    expect(said('nobody decided within 1 h', { answered: [at(9)] })).toHaveLength(1);
    const asked = telling(5, null, { kind: 'approval', channel: 'approvals', gist: 'reboot' });
    const told = telling(10, outcome({ status: 'held', reason: 'nobody could be asked whether to reboot' }));
    expect(judge(healed({ conditions: ill, tellings: [asked, told] }), reference).untrue).toHaveLength(1);
  });
});
