import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import type { Health } from '../../shared/health/health.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { type Condition, type LadderStep, maintenanceWindow, rung, watch } from '../../shared/playbooks/playbook.ts';
import { policyFor } from '../../shared/policy/effective-policy.ts';
import type { CallError } from '../../shared/ports/call-result.ts';
import {
  atItsFoot,
  decide,
  failingOf,
  impairedUntil,
  isNotOurs,
  type LadderState,
  planOf,
  rememberedMs,
  type StepEvent,
  selfRecoverySeconds,
} from '../../shared/remediation/decide.ts';
import { diskPolicy, facts, group, incident, instance, instanceId, memberFacts, noon, policy } from './examples.ts';

const hour = 3600;
const no: Condition = { id: 'never', met: () => false };
const throttled: CallError = { kind: 'throttled', code: 'Throttling', message: 'words' };
const refused = (code: string): CallError => ({ kind: 'refused', code, message: 'words' });

/** Decides on a ladder, from the state after its foot unless it says so; `sick` is what the failing checks say. */
const decided = (
  ladder: readonly LadderStep[],
  happened: StepEvent,
  {
    state = {},
    problem,
    now = noon,
    acted = false,
    sick = 'it fails',
    failing: isFailing = 'unhealthy',
    well = false,
    severity = 'critical',
    seen = facts(),
  }: {
    state?: Partial<LadderState>;
    problem?: string;
    now?: number;
    acted?: boolean;
    sick?: string;
    failing?: Health['state'];
    well?: boolean;
    severity?: ReturnType<typeof incident>['severity'];
    seen?: ReturnType<typeof facts>;
  } = {},
) => {
  const failing = [{ id: 'failing', check: (): Health => ({ state: isFailing, because: sick }) }];
  const healthy = [{ id: 'healthy', check: (): Health => ({ state: 'unhealthy', because: 'it is not well' }) }];
  const given: Policy = { ...policy(), ...(problem === undefined ? {} : { problem }) };
  const setting = { ladder: { failing, healthy, ladder }, policy: given, incident: { severity, alarm: incident().alarm } };
  const health = (checks: readonly unknown[]): Health =>
    well
      ? { state: 'healthy', because: 'it is well' }
      : checks === failing
        ? { state: isFailing, because: sick }
        : { state: 'unhealthy', because: 'it is not well' };
  return decide(setting, { ...atItsFoot, ahead: null, ...state }, happened, { facts: seen, health, now, acted });
};
const begun: StepEvent = { kind: 'begun' };
const reboot = rung(rebootInstance, { tries: 2, within: 600, backoff: { initial: 20, cap: 300, attempts: 3 } });
const target = { type: 'instance', id: instanceId } as const;
const acting = { target, what: 'reboot it', would: 'would have rebooted it', draw: 0.5, dryRun: false, uncertain: null };
const underWay = (change: Partial<LadderState['rung']> = {}): Partial<LadderState> => ({
  rung: { ...atItsFoot.rung, acting, ...change },
});
const guards = (answer: object): StepEvent =>
  ({ kind: 'guards-evaluated', answer: { text: 'words', answers: [], at: noon, draw: 0.5, ...answer } }) as unknown as StepEvent;

describe('the end of a ladder', () => {
  const end = (reason: string) => ({ kind: 'end', verdict: { status: 'escalated', verified: false, reason }, exhausted: true });
  const aside = watch({ because: 'it recovers', atMost: 60 });
  const ends = (spent: LadderState['spent'], unfit: string[] = [], sick = 'it fails') =>
    decided([aside], { kind: 'self-recovery-awaited' }, { state: { spent, unfit }, sick }).effect;

  test('says whether anything could be tried, and what was ruled out', () => {
    expect(ends([])).toEqual(end('nothing could be tried: it fails'));
    expect(ends([], [], '')).toEqual(end('nothing could be tried: it is not well'));
    const ruledOut = decided([rung(rebootInstance, { when: [no, no] }), watch({ because: 'b', atMost: 1, when: [no] })], begun, {
      state: { step: -1 },
    });
    expect(ruledOut.effect).toEqual(end('nothing could be tried: it fails; ruled out: reboot-instance (only if never, never)'));
  });

  test('says what of it had an effect', () => {
    const [a, b] = [
      { spent: 'a was refused', judged: false },
      { spent: 'b did not help', judged: true },
    ];
    expect(ends([a, { ...a, spent: 'c was refused' }])).toEqual(end('nothing took effect (a was refused; c was refused): it fails'));
    expect(ends([a])).toEqual(end('nothing took effect (a was refused): it fails'));
    expect(ends([a, b])).toEqual(end('the other rungs have been tried (a was refused): it fails'));
    expect(ends([b, b])).toEqual(end('every rung has been tried: it fails'));
  });
});

describe('the next step of a ladder', () => {
  test('is waited for, in a maintenance window or aside, or looked at before it is done', () => {
    const aside = watch({ because: 'it recovers', atMost: 60 });
    const from = (ladder: LadderStep[], problem?: string) =>
      decided([watch({ because: 'b', atMost: 1 }), ...ladder], { kind: 'self-recovery-awaited' }, problem === undefined ? {} : { problem });
    expect(from([aside]).effect).toEqual({ kind: 'wait-for-self-recovery', watch: aside });
    expect(from([reboot]).effect).toEqual({ kind: 'observe' });
    expect(from([maintenanceWindow(), reboot]).effect).toEqual({ kind: 'maintenance-window', from: noon, anew: false });
    expect(from([maintenanceWindow(), reboot], 'it can not be read')).toMatchObject({ state: { step: 2 }, effect: { kind: 'observe' } });
  });

  test('is the first where nothing has happened yet', () => {
    expect(decided([reboot], begun, { state: { ...atItsFoot } })).toMatchObject({
      state: { step: 0, ahead: null },
      effect: { kind: 'observe' },
    });
  });
});

describe('what is asked before anything is waited for', () => {
  const ahead = { state: { ...atItsFoot } };
  const aside = watch({ because: 'it recovers', atMost: 60 });
  const past = watch({ because: 'it recovers', atMost: 60, when: [no] });
  const asked = { kind: 'evaluate-guards', action: rebootInstance, target, forGood: true };

  test('is whether anything may be done at all', () => {
    expect(decided([aside, reboot], begun, ahead).effect).toEqual(asked);
    expect(decided([past, maintenanceWindow(), reboot], begun, ahead).effect).toEqual(asked);
  });

  test.each<[string, LadderStep[], Parameters<typeof decided>[2], string]>([
    ['nothing is waited for', [past, reboot], {}, 'observe'],
    ['the window is not, for a policy that can not be used', [past, maintenanceWindow(), reboot], { problem: 'words' }, 'observe'],
    ['the ladder begins with a window', [maintenanceWindow(), reboot], {}, 'maintenance-window'],
    ['there is nothing to do it to', [aside, reboot], { seen: facts({ instance: null }) }, 'wait-for-self-recovery'],
    ['it does not fit', [aside, rung(rebootInstance, { when: [no] })], {}, 'wait-for-self-recovery'],
    ['it is not known to fail', [aside, reboot], { failing: 'unknown' }, 'wait-for-self-recovery'],
  ])('is nothing where %s', (_, ladder, more, kind) => {
    expect(decided(ladder, begun, { ...more, ...ahead })).toMatchObject({ state: { ahead: null }, effect: { kind } });
  });

  test('ends with the first answer that is final, once all are', () => {
    const final = guards({ answer: 'hold', reason: 'no tag', quiet: true });
    const first = decided([aside, reboot, rung(stopStartInstance)], final, { state: { ...atItsFoot, step: 1 } });
    expect(first.notes).toEqual([{ phase: 'guard', text: 'words', answers: [] }]);
    expect(first).toMatchObject({ state: { step: 2 }, effect: { kind: 'evaluate-guards', action: stopStartInstance, forGood: true } });
    const { state } = first;
    const last = decided([aside, reboot, rung(stopStartInstance)], guards({ answer: 'escalate', reason: 'another' }), { state });
    expect(last.notes).toEqual([]);
    expect(last.effect).toEqual({ kind: 'end', verdict: { status: 'held', verified: false, reason: 'no tag', quiet: true } });
    const told = decided([aside, reboot], guards({ answer: 'escalate', reason: 'too often' }), { state: { ...atItsFoot, step: 1 } });
    expect(told.effect).toEqual({ kind: 'end', verdict: { status: 'escalated', verified: false, reason: 'too often', quiet: false } });
  });

  test('is forgotten where one may be done later', () => {
    for (const answer of [{ answer: 'pass' }, { answer: 'hold', reason: 'not now', passing: true }, { answer: 'skip', reason: 'words' }])
      expect(decided([aside, reboot], guards(answer), { state: { ...atItsFoot, step: 1 } })).toMatchObject({
        ...{ notes: [], state: { ahead: null, step: 0 }, effect: { kind: 'wait-for-self-recovery' } },
      });
  });

  test('is whether it is well already, which a second look confirms', () => {
    const confirmed = (health: Health | null) => decided([aside, reboot], { kind: 'confirmed', health }, ahead).effect;
    expect(confirmed({ state: 'healthy', because: 'it answers' })).toEqual({ kind: 'recovered', because: 'it answers' });
    expect(confirmed(null)).toEqual({ kind: 'unobservable' });
    expect(confirmed({ state: 'unhealthy', because: 'no' })).toEqual(asked);
  });
});

describe('a rung that guards hold', () => {
  const hold = (change: object) => ({ answer: 'hold', reason: 'words', passing: true, guard: 'saying', ...change });
  const on = (change: object, more: Parameters<typeof decided>[2] = {}) => decided([reboot], guards(hold(change)), more);
  const heldSince = (seconds: number) => underWay({ heldSince: noon - seconds * 1000 });

  test('waits for others that fail, once, and names them 25 in a line', () => {
    const shared = Array.from({ length: 51 }, (_, at) => `i-${at}`);
    const first = on({ shared });
    expect(first.effect).toEqual({ kind: 'wait', name: 'shared-wait', seconds: 50, says: 'waiting 50 s to see what else fails' });
    expect(first.notes).toEqual([]);
    const lines = on({ shared }, { state: underWay({ common: 'words' }) }).notes.map(({ text }) => text.split(', ').length);
    expect(lines).toEqual([25, 25, 1]);
    const full = on({ shared: shared.slice(0, 25) }, { state: underWay({ common: 'words' }) });
    expect(full.notes).toHaveLength(1);
    expect(full.notes[0]?.text).toMatch(/^fails: i-0, i-1, /);
  });

  test('is asked for again after a minute at most, and more rarely with time', () => {
    const pauseAt = (holds: number) => {
      const { effect } = on({ draw: 1 }, { state: underWay({ holds, heldSince: noon }) });
      return effect.kind === 'wait' ? effect.seconds : effect.kind;
    };
    expect([0, 1, 2, 3, 4, 5].map(pauseAt)).toEqual([60, 120, 240, 480, 600, 600]);
    expect(on({ draw: 0.01 }).effect).toMatchObject({ kind: 'wait', name: 'hold-wait', seconds: 10, says: 'looking again in 10 s' });
  });

  test('waits until the time that the guard names, however long that is', () => {
    const until = on({ until: noon + 5 * hour * 1000 }, { state: heldSince(30 * hour) });
    expect(until.effect).toMatchObject({ kind: 'wait', seconds: 5 * hour });
    expect(until.effect).not.toHaveProperty('failing');
    expect(on({ until: noon + 500 }, { state: heldSince(30 * hour) }).effect).toMatchObject({ kind: 'wait' });
    expect(on({ until: noon }, { state: heldSince(30 * hour) }).effect).toMatchObject({ kind: 'end' });
  });

  test.each<[string, object, Parameters<typeof decided>[2], number]>([
    ['the policy’s patience', {}, {}, policy().lease.patience],
    ['ten minutes where a critical one can not be judged', { error: throttled }, {}, 600],
    [
      'the policy’s patience where one that is not critical can not be judged',
      { error: throttled },
      { severity: 'low' },
      policy().lease.patience,
    ],
  ])('is given up after %s', (_, change, more, seconds) => {
    expect(on(change, { ...more, state: heldSince(seconds - 0.001) }).effect).toMatchObject({ kind: 'wait' });
    const { effect } = on(change, { ...more, state: heldSince(seconds) });
    expect(effect).toEqual({
      kind: 'end',
      verdict: {
        status: 'held',
        verified: false,
        reason: 'words',
        quiet: false,
        passing: true,
        ...('error' in change ? { cause: throttled } : {}),
      },
    });
  });

  test('is given up at once where it is not held for now', () => {
    expect(on({ passing: undefined, quiet: true }).effect).toEqual({
      kind: 'end',
      verdict: { status: 'held', verified: false, reason: 'words', quiet: true, passing: false },
    });
    expect(on({ passing: undefined }, { acted: true }).effect).toMatchObject({
      verdict: { status: 'escalated', reason: 'an action is only partly done: words' },
    });
  });

  test('tells what people may have to know where a guard could not see', () => {
    expect(on({ unseen: true }, { acted: true }).effect).toMatchObject({
      failing: { error: { kind: 'uncertain', code: 'saying', message: 'words' }, acted: true },
    });
    expect(on({ unseen: true, error: throttled }).effect).toMatchObject({ failing: { error: throttled, acted: false } });
  });

  test('in a maintenance window is tried again in the next', () => {
    const window = { last: noon + 1000, over: noon + 2000 } as NonNullable<LadderState['window']>;
    const { effect, notes, state } = on({}, { state: { ...heldSince(100 * hour), window } });
    expect(effect).toEqual({ kind: 'maintenance-window', from: noon + 2000, anew: true });
    expect(notes).toEqual([{ phase: 'decide', text: 'words' }]);
    expect(state.rung).toEqual(atItsFoot.rung);
  });
});

describe('a rung that is looked at', () => {
  const observed: StepEvent = { kind: 'observed' };

  test('is asked of the guards, while it fits', () => {
    expect(decided([reboot], observed).effect).toEqual({ kind: 'evaluate-guards', action: rebootInstance, target, forGood: false });
    const unfit = rung(rebootInstance, { when: [no] });
    expect(decided([unfit], observed).effect).toMatchObject({
      verdict: { reason: 'nothing took effect (reboot-instance no longer fits): it fails' },
    });
    expect(decided([unfit], observed, { state: underWay({ tries: 1 }) }).effect.kind).toBe('evaluate-guards');
  });

  test('is left where it has no target', () => {
    const { notes, effect } = decided([reboot], observed, { seen: facts({ instance: null }) });
    expect(notes).toEqual([{ phase: 'decide', text: 'reboot-instance: has no target' }]);
    expect(effect).toMatchObject({ exhausted: true, verdict: { reason: 'nothing took effect (reboot-instance has no target): it fails' } });
  });

  test('is not begun after the last moment of its window, unless it was begun before', () => {
    const window = { last: noon, over: noon + 2000 } as NonNullable<LadderState['window']>;
    const at = (now: number, tries = 0) => decided([reboot], observed, { now, state: { ...underWay({ tries }), window } }).effect;
    expect(at(noon).kind).toBe('evaluate-guards');
    expect(at(noon + 1)).toEqual({ kind: 'maintenance-window', from: noon + 2000, anew: true });
    expect(at(noon + 1, 1).kind).toBe('evaluate-guards');
  });

  test('is looked at once more where it is well, by the ladder or by the rung; and by the rung alone once it was done', () => {
    const own = [{ id: 'own', check: (): Health => ({ state: 'healthy', because: 'it is well' }) }];
    const step = rung(rebootInstance, { healthy: own });
    const by = (tries: number) => {
      const { effect } = decided([step], observed, { well: true, state: underWay({ tries }) });
      return effect.kind === 'confirm' ? effect.ways.map((checks) => checks[0]?.id) : effect.kind;
    };
    expect([by(0), by(1)]).toEqual([['healthy', 'own'], ['own']]);
    expect(decided([step], begun, { well: true, state: { ...atItsFoot } }).effect.kind).toBe('confirm');
  });

  test('that can not be looked at is told as such, or with the others that fail with it', () => {
    expect(decided([reboot], { kind: 'unobservable' }).effect).toEqual({ kind: 'unobservable' });
    expect(decided([reboot], { kind: 'unobservable' }, { state: underWay({ common: 'five fail' }) }).effect).toMatchObject({
      verdict: { status: 'held', reason: 'five fail; selfheal can no longer look at this one' },
    });
  });

  test('is used up once it has had its attempts', () => {
    const usedUp = (certain: number) =>
      decided([reboot], { kind: 'waited' }, { state: underWay({ attempt: 4, certain, last: 'Throttling' }) });
    expect(decided([reboot], { kind: 'waited' }, { state: underWay({ attempt: 3 }) }).effect).toEqual({ kind: 'observe' });
    expect(usedUp(0).effect).toMatchObject({
      verdict: { reason: 'nothing took effect (reboot-instance could not be done in 3 tries (Throttling)): it fails' },
    });
    expect(usedUp(1)).toMatchObject({
      state: { spent: [{ spent: 'reboot-instance did not help', judged: true }] },
      effect: { verdict: { reason: 'every rung has been tried: it fails' } },
    });
  });

  test('is left to a person when its health has changed five times', () => {
    const confirmed: StepEvent = { kind: 'confirmed', health: { state: 'unhealthy', because: 'no' } };
    const comesTo = (flaps: number) => decided([reboot], confirmed, { state: underWay({ flaps }) }).effect;
    expect(comesTo(3)).toEqual({ kind: 'observe' });
    expect(comesTo(4)).toMatchObject({ kind: 'end', verdict: { status: 'escalated', reason: expect.stringContaining('again and again') } });
  });
});

describe('a rung that guards let pass', () => {
  test('is done, rehearsed, or asked about', () => {
    const act = decided([reboot], guards({ answer: 'pass' }), { state: underWay({ attempt: 2, heldSince: 1 }) });
    expect(act.effect).toEqual({
      ...{ kind: 'act', action: rebootInstance, target, what: `reboot instance ${instanceId}`, dryRun: false, attempt: 2 },
    });
    expect(act.state.rung).toMatchObject({ heldSince: null, acting: { dryRun: false, draw: 0.5, uncertain: null } });
    expect(decided([reboot], guards({ answer: 'pass', dryRunOnly: 'words' })).effect).toMatchObject({
      ...{ kind: 'act', dryRun: true, what: expect.stringMatching(/^would have /) },
    });
    for (const [dryRunOnly, assumed] of [
      [undefined, false],
      ['words', true],
    ] as const)
      expect(decided([reboot], guards({ answer: 'ask', reason: 'a tag', ...(dryRunOnly ? { dryRunOnly } : {}) })).effect).toEqual({
        ...{ kind: 'approval', action: rebootInstance, target, what: `reboot instance ${instanceId}`, why: 'a tag', assumed },
      });
  });

  test('is left for the next one where it is skipped, and for a person where it is escalated', () => {
    const skipped = decided([reboot, rung(stopStartInstance)], guards({ answer: 'skip', reason: 'too new' }));
    expect(skipped.notes).toEqual([{ phase: 'decide', text: 'reboot-instance: too new; on to the next rung' }]);
    expect(skipped).toMatchObject({
      state: { step: 1, spent: [{ spent: 'reboot-instance was skipped (too new)', judged: false }] },
      effect: { kind: 'observe' },
    });
    expect(decided([reboot], guards({ answer: 'escalate', reason: 'too often' })).effect).toEqual({
      kind: 'end',
      verdict: { status: 'escalated', verified: false, reason: 'too often' },
    });
  });

  test('is ended as a person or the ledger says', () => {
    const stopped = (status: 'held' | 'escalated') => decided([reboot], { kind: 'stopped', status, reason: 'words' }).effect;
    expect(stopped('held')).toMatchObject({ verdict: { status: 'held', reason: 'words' } });
    expect(stopped('escalated')).toMatchObject({ verdict: { status: 'escalated', reason: 'words' } });
  });
});

describe('a rung that was done', () => {
  const comesTo = (performed: object, change: Partial<LadderState['rung']> = {}, step = reboot) =>
    decided([step], { kind: 'performed', performed } as StepEvent, { state: underWay(change) });

  test('is verified, in the time that it may take', () => {
    const { effect, state } = comesTo({ result: 'acted' });
    expect(effect).toMatchObject({ kind: 'verify', target, within: 600 });
    expect(state.rung).toMatchObject({ attempt: 2, tries: 1, certain: 1 });
    expect(comesTo({ result: 'acted', uncertain: throttled }).state.rung).toMatchObject({
      tries: 1,
      certain: 0,
      acting: { uncertain: throttled },
    });
  });

  test('is tried again with backoff where the call failed for now', () => {
    expect(comesTo({ result: 'throttled', error: throttled }, { certain: 1 }).effect).toEqual({
      ...{ kind: 'wait', name: 'rung-wait', seconds: 10, says: 'reboot-instance: try 2 of 3 in 10 s' },
      failing: { error: throttled, acted: true },
    });
    expect(comesTo({ result: 'throttled', error: throttled }, { attempt: 2 }).effect).toMatchObject({
      seconds: 20,
      failing: { acted: false },
    });
    expect(comesTo({ result: 'throttled', error: throttled }, { attempt: 3 }).effect).toMatchObject({
      verdict: { reason: expect.stringContaining('could not be done in 3 tries (Throttling: words)') },
    });
  });

  test.each<[string, string, string]>([
    ['IncidentStopped', 'escalated', 'words'],
    ['PreconditionFailedException', 'held', 'it has been changed by others since the last look (PreconditionFailedException: words)'],
    ['VolumeModificationRateExceeded', 'held', 'reboot it must wait: VolumeModificationRateExceeded: words'],
    ['IncorrectModificationState', 'held', 'reboot it must wait: IncorrectModificationState: words'],
    ['AccessDenied', 'escalated', 'selfheal lacks a permission: AccessDenied: words'],
  ])('ends where it was refused with %s', (code, status, reason) => {
    const { effect } = comesTo({ result: 'refused', error: refused(code) });
    expect(effect).toMatchObject({ kind: 'end', verdict: { status, verified: false, reason } });
    expect(effect).not.toHaveProperty('exhausted');
  });

  test('gives way to the next rung where it was refused otherwise', () => {
    const { effect, notes } = comesTo({ result: 'refused', error: refused('IncorrectState') });
    expect(notes).toEqual([{ phase: 'decide', text: 'reboot-instance was refused (IncorrectState: words): on to the next rung' }]);
    expect(effect).toMatchObject({
      verdict: { reason: 'nothing took effect (reboot-instance was refused (IncorrectState: words)): it fails' },
    });
  });

  test('is not done again where nothing tells whether it has taken effect', () => {
    expect(comesTo({ result: 'lost', error: throttled }).effect).toMatchObject({
      kind: 'end',
      verdict: { reason: 'reboot it: whether it has taken effect is not known (Throttling: words), so it is not done again' },
    });
  });

  test('is tried as often as it may where what it started fails', () => {
    const failed = { result: 'failed', error: refused('Failed') };
    expect(comesTo(failed)).toMatchObject({
      notes: [{ text: 'reboot-instance failed: Failed: words' }],
      state: { rung: { tries: 1, certain: 1 } },
      effect: { kind: 'wait' },
    });
    expect(comesTo(failed).effect).not.toHaveProperty('failing');
    expect(comesTo(failed, { tries: 1 })).toMatchObject({
      state: { spent: [{ spent: 'reboot-instance failed (Failed: words)', judged: true }] },
    });
  });

  test('says what it has left half done', () => {
    const half = { result: 'half-done', error: throttled };
    expect(comesTo(half).effect).toMatchObject({
      verdict: { status: 'escalated', reason: 'reboot it: started, and the action was not completed (Throttling: words)' },
    });
    expect(comesTo(half, {}, rung(stopStartInstance)).effect).toMatchObject({
      verdict: { reason: expect.stringMatching(/^STOPPED by selfheal: i-0a1b2c3d4e5f60718 is running, and the action/) },
    });
  });

  test('in a dry run says what would have been done, or what AWS would have said', () => {
    const dry = { acting: { ...acting, dryRun: true } };
    const verdict = (reason: string) => ({ kind: 'end', verdict: { status: 'dry-run', verified: false, reason } });
    expect(comesTo({ result: 'acted' }, dry).effect).toEqual(verdict('would have rebooted it'));
    expect(comesTo({ result: 'refused', error: refused('AccessDenied') }, dry).effect).toEqual(
      verdict('would have tried to reboot it, which AWS would have refused: AccessDenied: words'),
    );
  });

  const judged = (change: Partial<LadderState['rung']>, gone: string | null = null) =>
    decided([reboot], { kind: 'verified', because: 'it rings', gone }, { state: underWay(change) });

  test('and did not help is done again as often as it may, and then given up', () => {
    const once = judged({ tries: 1, certain: 1, attempt: 2 });
    expect(once.notes).toEqual([{ phase: 'decide', text: 'reboot-instance did not help within 10 min 00 s: it rings' }]);
    expect(once.effect).toEqual({ kind: 'wait', name: 'rung-wait', seconds: 10, says: 'reboot-instance: try 2 of 3 in 10 s' });
    expect(judged({ tries: 2, certain: 1, attempt: 3 })).toMatchObject({
      state: { spent: [{ spent: 'reboot-instance did not help', judged: true }] },
      effect: { exhausted: true },
    });
    expect(judged({ tries: 1 }, 'TERMINATED').effect).toEqual({
      kind: 'end',
      verdict: { status: 'escalated', verified: false, reason: 'TERMINATED' },
    });
  });

  test('and may not have been done is not said to have been', () => {
    const unsure = { acting: { ...acting, uncertain: throttled } };
    const once = judged({ ...unsure, tries: 1, attempt: 2 });
    expect(once.notes[0]?.text).toBe(
      'reboot-instance may or may not have been done (Throttling: words), and it is not healthy within 10 min 00 s: it rings',
    );
    expect(once.effect).toMatchObject({ failing: { error: throttled, acted: false } });
    expect(judged({ ...unsure, tries: 2, attempt: 3 })).toMatchObject({
      state: { spent: [{ spent: 'reboot-instance may or may not have been done (Throttling: words)', judged: false }] },
    });
  });
});

describe('a plan', () => {
  const plan = (change: Parameters<typeof incident>[0] = {}, given: Record<string, unknown> = {}) => {
    const about = incident(change);
    return planOf(about, policyFor(policy(given), { incident: about, facts: facts() }), facts());
  };

  test('is the ladder of a playbook, or a person’s', () => {
    expect(plan()).toMatchObject({ playbook: 'restart-instance', left: false, ladder: { ladder: expect.any(Array) } });
    expect(plan({}, { playbooks: { 'instance-unreachable': 'none' } })).toEqual({ playbook: null, left: true, ladder: null });
    expect(plan({ disposition: 'escalate' })).toEqual({ playbook: null, left: false, ladder: null });
    expect(plan({ disposition: 'escalate', failure: 'instance-terminated' })).toMatchObject({ playbook: null, ladder: { ladder: [{}] } });
  });

  test('of a version that knows a playbook which this one does not know is a person’s', () => {
    const about = incident();
    const own = { ...policyFor(policy(), { incident: about, facts: facts() }), playbook: 'of-another-version' as never };
    expect(planOf(about, own, facts())).toEqual({ playbook: null, left: true, ladder: null });
  });

  test('is nobody’s of ours only where the bus tells of what is not opted in, and nothing treats it', () => {
    const none = { playbook: null, left: false, ladder: null };
    const foreign = facts({ instance: instance({ tags: {} }) });
    const ours = (of = none as ReturnType<typeof planOf>, about: Parameters<typeof incident>[0] = { alarm: null }, seen = foreign) =>
      isNotOurs(of, incident(about), seen, policy());
    expect([
      ours(),
      ours({ ...none, playbook: 'restart-instance' }),
      ours(none, {}),
      ours(none, { alarm: null }, facts({ instance: null })),
      ours(none, { alarm: null }, facts()),
    ]).toEqual([true, false, false, false, false]);
  });
});

describe('what is remembered', () => {
  test('of attempts is as much as any guard counts', () => {
    const { budget, flapping } = policy();
    const usual = Math.max(budget.window, flapping.window);
    expect(rememberedMs(policy())).toBe(usual * 1000);
    expect(rememberedMs({ ...policy(), redrive: { onceIn: '30d' } } as never)).toBe(30 * 24 * hour * 1000);
    expect(rememberedMs(policy({ ...diskPolicy, disks: { ...diskPolicy.disks, within: '29d' } }))).toBe(29 * 24 * hour * 1000);
  });

  test('of a zone that is impaired is as long as the policy says', () => {
    const given = policy({ healers: { zone: 2 * hour } });
    expect(impairedUntil(incident({ failure: 'zone-impaired' }), given, noon)).toBe(noon + 2 * hour * 1000);
    expect(impairedUntil(incident(), given, noon)).toBeNull();
  });

  test('of what fails is where it is, as far as that is known', () => {
    const member = memberFacts({ instance: instance({ zoneId: 'use1-az1', groupName: 'web' }) });
    expect(failingOf(target, member, 'us-east-1')).toEqual({
      failing: { id: instanceId, zone: 'us-east-1a', group: 'web' },
      where: ['us-east-1a', 'use1-az1', 'us-east-1'],
    });
    expect(failingOf({ type: 'queue', id: 'dead' }, facts({ instance: null }), 'us-east-1')).toEqual({
      failing: { id: 'dead', zone: null, group: null },
      where: ['us-east-1'],
    });
  });
});

describe('the time that healing is left to somebody else', () => {
  test('is that of the step, or of the group where the step says so and that is longer', () => {
    const [plain, ofGroup] = [watch({ because: 'b', atMost: 120 }), watch({ because: 'b', atMost: 120, grace: 'group' })];
    const graced = group({ healthCheckGraceSeconds: 300, warmUpSeconds: null });
    expect([
      selfRecoverySeconds(plain, graced),
      selfRecoverySeconds(ofGroup),
      selfRecoverySeconds(ofGroup, graced),
      selfRecoverySeconds(ofGroup, { ...graced, warmUpSeconds: 60 }),
      selfRecoverySeconds(ofGroup, { ...graced, healthCheckGraceSeconds: 0 }),
    ]).toEqual([120, 120, 300, 360, 120]);
  });
});
