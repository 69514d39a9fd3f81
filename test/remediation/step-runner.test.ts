import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import { approval } from '../../shared/guards/approval.ts';
import { budget } from '../../shared/guards/budget.ts';
import { disruptionBudget } from '../../shared/guards/disruption-budget.ts';
import { flapping } from '../../shared/guards/flapping.ts';
import { escalate, type Guard, type GuardAnswer, hold, holdForNow, holdQuietly, holdUntil, pass, skip } from '../../shared/guards/guard.ts';
import { killSwitch } from '../../shared/guards/kill-switch.ts';
import { lease } from '../../shared/guards/lease.ts';
import { mode } from '../../shared/guards/mode.ts';
import { memberIsReplaced } from '../../shared/health/group.ts';
import { type HealthCheck, healthy, unhealthy } from '../../shared/health/health.ts';
import { placedAt } from '../../shared/model/place.ts';
import type { InstanceFacts, MemberFacts, ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { type Playbook, rung, watch } from '../../shared/playbooks/playbook.ts';
import { sdkError } from '../aws/recorder.ts';
import { drive, type Moment, type Scene } from './drive.ts';
import { alarm, group, groupName, incident, instance, instanceId, memberFacts, memberOf, noon, policy } from './examples.ts';

const rings: Partial<ResourceSnapshot> = { alarm: alarm() };
const quiet: Partial<ResourceSnapshot> = { alarm: alarm({ state: 'OK' }) };
const minute = 60;
const hour = 3600;
const saying = (answer: (now: number, nth: number) => GuardAnswer): Guard => {
  let asked = 0;
  return { id: 'saying', check: ({ now }) => answer(now, ++asked) };
};
const reboots = ({ changes }: { changes: string[] }) => changes.filter((call) => call === 'ec2:RebootInstances').length;
/** It rings until so many calls have changed something. */
const curedAfter =
  (calls: number) =>
  ({ acted }: Moment) =>
    acted < calls ? rings : quiet;

describe('what is to be told for many', () => {
  const many = 'mass failure in zone a: 5 resources fail';
  const shared = saying(() => ({ ...hold(many), shared: ['a', 'b'] }));

  test('is told, though this one of them is well again or can not be seen any more when they have been counted', async () => {
    const later = (then: Partial<ResourceSnapshot> | Error) => (moment: Moment) => (moment.seconds < 40 ? rings : then);
    for (const then of [quiet, sdkError('UnauthorizedOperation', 403)]) {
      const { outcome } = await drive({ look: later(then), guards: [shared] });
      expect(outcome).toMatchObject({ status: 'held', quiet: false, reason: expect.stringContaining(many) });
    }
  });

  test('names all of them in the timeline, 25 in a line', async () => {
    const ids = Array.from({ length: 30 }, (_, at) => `i-${at}`);
    const { texts } = await drive({ look: () => rings, guards: [saying(() => ({ ...hold(many), shared: ids }))] });
    const named = texts.filter((text) => text.startsWith('fails: ')).map((text) => text.slice('fails: '.length).split(', '));
    expect(named).toEqual([ids.slice(0, 25), ids.slice(25)]);
  });
});

describe('what the guards ask of the ledger', () => {
  test('is a lease and who else fails, for as long as the policy says, and what was replaced of its group', async () => {
    const asked: unknown[] = [];
    const counting: Guard = {
      id: 'counting',
      check: async ({ correlatedFailures, replacements }) => {
        await correlatedFailures();
        asked.push(['replacements', (await replacements()).map(({ of }) => of.id)]);
        return pass;
      },
    };
    const look =
      (seen: Partial<ResourceSnapshot>): Scene['look'] =>
      ({ acted }) => ({ ...seen, ...(acted === 0 ? rings : quiet) });
    const ledger: Scene['ledger'] = (real) => ({
      acquire: (what, key, now, until) => {
        asked.push(['acquire', what.id, (until - now) / 1000]);
        return real.acquire(what, key, now, until);
      },
      noteFailing: (...given) => {
        asked.push(['failing', given[3] / 1000]);
        return real.noteFailing(...given);
      },
    });
    const { lease: leases, massFailure } = policy();
    const guards = [lease, counting];
    await drive({ look: look({}), guards, ledger });
    await drive({ look: look(memberFacts({})), guards, ledger });
    expect(asked).toEqual([
      ...[
        ['acquire', instanceId, leases.seconds],
        ['failing', massFailure.window],
        ['replacements', []],
      ],
      ...[
        ['acquire', instanceId, leases.seconds],
        ['failing', massFailure.window],
        ['replacements', [groupName]],
      ],
    ]);
  });
});

describe('a rung', () => {
  test('is done, given the time that it takes at least, and verified on two looks', async () => {
    const { outcome, changes, depths, trail } = await drive({ look: curedAfter(1), policy: { verify: { apart: 45 } } });
    expect(outcome).toMatchObject({ status: 'healed', verified: true, reason: 'alarm web-status is OK' });
    expect(changes).toEqual(['ec2:RebootInstances']);
    expect(depths).toEqual(['full', 'status-only', 'status-only']);
    expect(trail.filter((entry) => /^verify-(wait|again)/.test(entry))).toEqual(['verify-wait 240', 'verify-again 45']);
  });

  test.each([1, 2, 3])('is done %d times where that is its tries, then the next has its turn', async (tries) => {
    const { outcome, changes } = await drive({
      look: () => rings,
      playbook: { ladder: [rung(rebootInstance, { tries }), rung(stopStartInstance)] },
      answer: (call) => (call === 'ec2:StopInstances' ? sdkError('UnauthorizedOperation', 403) : undefined),
    });
    expect(changes).toEqual([
      ...Array.from({ length: tries }, () => 'ec2:RebootInstances'),
      'would ec2:StartInstances',
      'ec2:StopInstances',
    ]);
    expect(outcome).toMatchObject({
      status: 'escalated',
      reason: 'selfheal lacks ec2:StopInstances: UnauthorizedOperation: words',
    });
  });

  test('counts throttled calls among its attempts, and makes no more than those', async () => {
    const scene = { look: () => rings, answer: () => sdkError('RequestLimitExceeded', 503) };
    const backoff = { initial: 15, cap: 300, attempts: 3 };
    const run = await drive({ ...scene, playbook: { ladder: [rung(rebootInstance, { tries: 3, backoff })] } });
    expect(reboots(run)).toBe(3);
    expect(run.trail.filter((entry) => entry.startsWith('rung-wait'))).toEqual(['rung-wait 8', 'rung-wait 15']);
    expect(run.outcome.reason).toContain('reboot-instance could not be done in 3 tries (');
  });

  test('gives up verification when its time is over', async () => {
    const { seconds } = await drive({ look: () => rings, playbook: { ladder: [rung(rebootInstance, { within: 5 * minute })] } });
    expect(seconds).toBeGreaterThanOrEqual(5 * minute + 30);
    expect(seconds).toBeLessThan(10 * minute);
  });

  test('is left out where its condition is not met, and says so', async () => {
    const { outcome, changes } = await drive({
      look: () => rings,
      playbook: { ladder: [rung(rebootInstance, { when: [{ id: 'a blue moon', met: () => false }] })] },
    });
    expect(changes).toEqual([]);
    expect(outcome.reason).toBe('nothing could be tried: alarm web-status is in ALARM; ruled out: reboot-instance (only if a blue moon)');
  });

  test('has its condition asked again while nothing has been done, and not after that', async () => {
    const untilMinute =
      (end: number) =>
      ({ at }: ResourceSnapshot) =>
        at < noon + end * minute * 1000;
    const when = (end: number) => [{ id: 'early', met: untilMinute(end) }];
    const waits = saying((_, nth) => (nth === 1 ? holdForNow('wait') : pass));
    const never = await drive({
      look: () => rings,
      guards: [waits, lease],
      playbook: { ladder: [rung(rebootInstance, { when: when(0.1) })] },
    });
    expect(reboots(never)).toBe(0);
    const twice = await drive({ look: () => rings, playbook: { ladder: [rung(rebootInstance, { tries: 2, when: when(1) })] } });
    expect(reboots(twice)).toBe(2);
  });

  const worksAgain: HealthCheck = {
    id: 'works-again',
    check: ({ facts: { status } }) => (status?.instance === 'ok' ? healthy('it works again') : unhealthy('it does not work')),
  };
  const broken: Partial<ResourceSnapshot> = {
    status: { state: 'running', system: 'ok', systemImpairedSince: null, instance: 'impaired', attachedEbs: 'ok', scheduled: [] },
  };

  test('is judged by its own measure of health once it is done, and by that alone', async () => {
    const ladder = [rung(rebootInstance, { healthy: [worksAgain], within: 5 * minute })];
    const well = await drive({
      look: ({ acted }) => (acted === 0 ? { ...rings, ...broken } : rings),
      playbook: { failing: [worksAgain], ladder },
    });
    expect(well.outcome).toMatchObject({ status: 'healed', reason: 'it works again' });
    // The playbook's measure is met, and the rung's is not.
    const ill = await drive({
      look: ({ acted }) => ({ ...(acted === 0 ? rings : quiet), ...broken }),
      playbook: { failing: [worksAgain], ladder },
    });
    expect(ill.outcome).toMatchObject({ status: 'escalated' });
  });

  test('is not done where either measure of health is met before it', async () => {
    const ladder = [rung(rebootInstance, { healthy: [worksAgain] })];
    const { outcome, changes } = await drive({ look: () => rings, playbook: { failing: [worksAgain], ladder } });
    expect(outcome).toMatchObject({ status: 'healed-itself', reason: 'no action was needed: it works again' });
    expect(changes).toEqual([]);
  });

  test('gives up on what is its health changes from one look to the next, the fifth time', async () => {
    let looks = 0;
    const { outcome, changes } = await drive({ look: () => (looks++ % 2 === 0 ? quiet : rings) });
    expect(outcome).toMatchObject({ status: 'escalated', reason: expect.stringContaining('its health changes from one look to the next') });
    expect(changes).toEqual([]);
    // Twice for the ladder, which begins by looking, and twice for each of five.
    expect(looks).toBe(12);
  });

  test.each([
    ['VolumeModificationRateExceeded', 'reboot instance .* must wait: '],
    ['IncorrectModificationState', 'reboot instance .* must wait: '],
    ['PreconditionFailedException', 'it has been changed by others since the last look '],
  ])('that AWS refuses by %s is held, and nothing else is done', async (code, reason) => {
    const answer: Scene['answer'] = (call) => (call === 'ec2:RebootInstances' ? sdkError(code, 400) : undefined);
    const run = await drive({ look: () => rings, answer });
    expect(run.outcome).toMatchObject({ status: 'held', reason: expect.stringMatching(new RegExp(`^${reason}`)) });
    expect(reboots(run)).toBeLessThanOrEqual(1);
  });

  test('that was refused for good gives way to the next', async () => {
    const { changes, texts } = await drive({
      look: ({ acted }) => (acted < 3 ? rings : quiet),
      playbook: { ladder: [rung(rebootInstance, { tries: 3 }), rung(rebootInstance)] },
      answer: (_, nth) => (nth === 1 ? sdkError('UnsupportedOperation', 400) : undefined),
    });
    expect(changes).toHaveLength(2);
    expect(texts.join()).toContain('reboot-instance was refused (ec2:RebootInstances: UnsupportedOperation: words): on to the next rung');
  });

  test('finds has no target where there is nothing', async () => {
    const { outcome } = await drive({ look: () => ({ ...rings, instance: null, status: null }) });
    expect(outcome).toMatchObject({ status: 'escalated', actions: [] });
  });
});

describe('what a guard holds', () => {
  test('for now is asked again, and done once it passes', async () => {
    const later = saying((now) => (now < noon + 10 * minute * 1000 ? holdForNow('busy') : pass));
    const run = await drive({ look: curedAfter(1), guards: [later, lease] });
    expect(run.outcome.status).toBe('healed');
    expect(run.trail.filter((entry) => entry.startsWith('hold-wait'))).toEqual([
      'hold-wait 30',
      'hold-wait 60',
      'hold-wait 120',
      'hold-wait 240',
      'hold-wait 300',
    ]);
  });

  test('for now is held after the patience of the policy, and not much later', async () => {
    const run = await drive({
      look: () => rings,
      guards: [saying(() => holdForNow('busy'))],
      policy: { lease: { patience: 20 * minute } },
    });
    expect(run.outcome).toMatchObject({ status: 'held', reason: 'busy', quiet: false });
    expect(run.seconds).toBeGreaterThanOrEqual(20 * minute);
    expect(run.seconds).toBeLessThan(31 * minute);
  });

  test('until a moment that is known is waited for, beyond all patience', async () => {
    const until = noon + 3 * hour * 1000;
    const later = saying((now) => (now < until ? holdUntil('cooling down', until) : pass));
    const run = await drive({ look: curedAfter(1), guards: [later, lease], policy: { lease: { patience: 0 } } });
    expect(run.outcome.status).toBe('healed');
    expect(run.trail.filter((entry) => entry.startsWith('hold-wait'))).toEqual([`hold-wait ${3 * hour}`]);
  });

  test('again after it passed once has its whole patience', async () => {
    const twice = saying((_, nth) => (nth === 4 ? pass : holdForNow('busy')));
    const run = await drive({
      look: () => rings,
      guards: [twice, lease],
      policy: { lease: { patience: 6 * minute } },
      playbook: { ladder: [rung(rebootInstance, { tries: 2, within: minute })] },
    });
    expect(reboots(run)).toBe(1);
    // Three and a half minutes before, more than six after.
    expect(run.seconds).toBeGreaterThan(11 * minute);
  });

  test.each([
    ['is not for now', hold('no'), false],
    ['nobody need hear of', holdQuietly('no'), true],
  ])('and that %s ends it at once', async (_, answer, isQuiet) => {
    const run = await drive({ look: () => rings, guards: [saying(() => answer)] });
    expect(run.outcome).toMatchObject({ status: 'held', reason: 'no', quiet: isQuiet });
    expect(run.waits()).toEqual([]);
  });

  test('quietly is said aloud where something has been done', async () => {
    const answer = saying((_, nth) => (nth === 1 ? pass : holdQuietly('somebody stopped it')));
    const run = await drive({
      look: () => rings,
      guards: [answer, lease],
      playbook: { ladder: [rung(rebootInstance, { tries: 2, within: 0 })] },
    });
    expect(run.outcome).toMatchObject({ status: 'escalated', reason: expect.stringContaining('somebody stopped it') });
    expect(run.told).toContain('people escalated');
  });

  test('for a person goes to a person, and a skipped rung to the next', async () => {
    const stopped = await drive({ look: () => rings, guards: [saying(() => escalate('a person'))] });
    expect(stopped.outcome).toMatchObject({ status: 'escalated', reason: 'a person', actions: [] });
    const skipping: Guard = { id: 'skipping', check: ({ action }) => (action.id === 'reboot-instance' ? skip('not that') : pass) };
    const skipped = await drive({
      look: curedAfter(2),
      guards: [skipping, lease],
      playbook: { ladder: [rung(rebootInstance), rung(replaceMember)] },
    });
    expect(skipped.changes.join()).not.toContain('Reboot');
    expect(skipped.texts).toContain('reboot-instance: not that; on to the next rung');
  });

  test('as another incident has the lease is quiet once that has healed it', async () => {
    const before: NonNullable<Scene['before']> = (ledger, own) =>
      ledger.acquire(placedAt(own, own.resource), 'another', noon, noon + 5 * minute * 1000);
    const run = await drive({ look: ({ seconds }) => (seconds > 2 * minute ? quiet : rings), before });
    expect(run.outcome).toMatchObject({ status: 'healed-itself', quiet: true });
    expect(run.told).toEqual(['metrics healed-itself', 'bus healed-itself']);
  });

  test.each([
    ['has treated it', 'has treated', [false]],
    ['only waits for it', 'has waited for', [true]],
    ['has treated it, while a third one waits', 'has treated', [false, true]],
    ['has treated it, after it has waited', 'has treated', [true, false]],
  ])('says of another incident that it %s', async (_, does, waits) => {
    const asked = waits.map((one, i) => ({ ...holdForNow('leased'), holder: `other-${i}`, ...(one ? { waits: true as const } : {}) }));
    const { outcome } = await drive({
      look: ({ seconds }) => (seconds > 5 * minute ? quiet : rings),
      guards: [saying((_now, nth) => asked[Math.min(nth, asked.length) - 1] ?? pass)],
    });
    expect(outcome).toMatchObject({ status: 'healed-itself', quiet: true });
    expect(outcome.reason).toMatch(new RegExp(`^incident other-${waits.indexOf(does === 'has waited for')} ${does} it: `));
  });
});

describe('what no wait can change', () => {
  const patient: Partial<Playbook> = { ladder: [watch({ because: 'others may heal it', atMost: 900 }), rung(rebootInstance)] };

  test.each<[string, Partial<Scene>, string]>([
    ['where nothing forbids it', {}, 'healed'],
    ['where the policy switches action off', { policy: { mode: 'off' } }, 'held'],
    ['where the policy can’t be used', { problem: 'the policy is no JSON' }, 'escalated'],
    ['where it has no opt-in tag', { look: () => ({ ...rings, instance: instance({ tags: {} }) }) }, 'held'],
  ])('is asked before one: %s', async (_, scene, status) => {
    const { outcome, seconds } = await drive({ look: curedAfter(1), playbook: patient, ...scene });
    expect(outcome.status).toBe(status);
    if (status === 'healed') expect(seconds).toBeGreaterThan(900);
    else expect(seconds).toBeLessThan(60);
  });
});

describe('what is turned off while an incident is treated', () => {
  const ladder = [rung(rebootInstance, { tries: 3, within: minute })];
  test.each([
    ['off', 'escalated'],
    ['dry-run', 'dry-run'],
  ] as const)('by the kill switch, to %s, ends with no further action', async (position, status) => {
    const run = await drive({
      look: () => rings,
      guards: [killSwitch, lease],
      position: ({ acted }) => (acted === 0 ? 'on' : position),
      playbook: { ladder },
    });
    expect(reboots(run)).toBe(1);
    expect(run.outcome.status).toBe(status);
  });

  test.each([
    ['off', 'escalated'],
    ['dry-run', 'dry-run'],
  ] as const)('by a tag that says %s ends with no further action', async (value, status) => {
    const run = await drive({
      look: ({ acted }) => ({
        ...rings,
        instance: instance({ tags: { selfheal: 'on', ...(acted === 0 ? {} : { 'selfheal:mode': value }) } }),
      }),
      guards: [mode, lease],
      playbook: { ladder },
    });
    expect(reboots(run)).toBe(1);
    expect(run.outcome.status).toBe(status);
  });
});

describe('a lease', () => {
  test('is held while its incident lasts, however long that is, so that no other can act', async () => {
    let others = 0;
    const run = await drive({
      // It is looked at for three hours after the reboot.
      look: () => rings,
      playbook: { ladder: [rung(rebootInstance, { within: 3 * hour })] },
      ledger: (ledger, moment) => ({
        acquire: async (what, who, now, until) => {
          if (moment().acted > 0) {
            const taken = await ledger.acquire(what, 'another', now, until);
            if (taken.acquired) others++;
          }
          return ledger.acquire(what, who, now, until);
        },
      }),
    });
    expect(run.trail.filter((name) => name === 'renew').length).toBeGreaterThan(15);
    expect(others).toBe(0);
    // In the end it is free.
    const end = noon + run.seconds * 1000;
    expect(await run.ledger.acquire(placedAt(run.own, run.own.resource), 'another', end, end + 1)).toMatchObject({ acquired: true });
  });

  const member = memberFacts({ ...rings });
  const places = { guards: [lease, disruptionBudget], playbook: { ladder: [rung(replaceMember, { within: 2 * hour })] } };
  const place = placedAt(incident(), { type: 'group-place', id: `${groupName}/0` });

  test('on a place of the group is renewed as well, and given back in the end', async () => {
    const renewed: string[] = [];
    const run = await drive({
      ...places,
      look: () => member,
      ledger: (ledger, moment) => ({
        acquire: async (what, who, now, until) => {
          if (moment().acted > 0) renewed.push(what.type);
          return ledger.acquire(what, who, now, until);
        },
      }),
    });
    expect(reboots(run)).toBe(0);
    expect(run.changes).toEqual(['autoscaling:TerminateInstanceInAutoScalingGroup']);
    expect(new Set(renewed)).toEqual(new Set(['instance', 'group-place']));
    const end = noon + run.seconds * 1000;
    for (const what of [place, placedAt(run.own, run.own.resource)]) {
      expect(await run.ledger.acquire(what, 'another', end, end + 1)).toMatchObject({ acquired: true });
    }
    // Should its execution have died, that is how it would have been found.
    expect((await run.ledger.read(run.own.key))?.leases).toEqual([place]);
  });

  test.each([0, 1])('on one place is enough, though place %d is free again by then', async (taken) => {
    const four = group({ desired: 4, members: [instanceId, 'i-1', 'i-2', 'i-3'].map((id) => memberOf(id)) });
    const run = await drive({
      guards: [lease, disruptionBudget],
      policy: { blastRadius: { share: 0.5 } },
      playbook: { ladder: [rung(replaceMember, { tries: 2, within: minute, healthy: [memberIsReplaced] })] },
      look: () => ({ ...member, group: four }),
      before: (ledger) =>
        ledger.acquire(placedAt(incident(), { type: 'group-place', id: `${groupName}/${taken}` }), 'another', noon, noon + 1000),
    });
    expect(run.changes).toHaveLength(2);
    expect((await run.ledger.read(run.own.key))?.leases).toHaveLength(1);
  });

  test('that the ledger can not be told of stops the action', async () => {
    const run = await drive({
      ...places,
      look: () => member,
      ledger: () => ({ noteLeases: async () => Promise.reject(sdkError('AccessDeniedException', 400)) }),
    });
    expect(run.changes).toEqual([]);
    expect(run.outcome).toMatchObject({ status: 'held', reason: "the ledger can't be written" });
    const end = noon + run.seconds * 1000;
    expect(await run.ledger.acquire(place, 'another', end, end + 1)).toMatchObject({ acquired: true });
  });

  test('is renewed when an action begins: it may be the last second of it', async () => {
    const renewed: (number | undefined)[] = [];
    await drive({
      look: curedAfter(1),
      ledger: (ledger) => ({
        recordAttempt: async (what, attempt, kept, until) => {
          renewed.push(until && (until - attempt.at) / 1000);
          await ledger.recordAttempt(what, attempt, kept, until);
        },
      }),
    });
    expect(renewed).toEqual([policy().lease.seconds]);
  });

  test('that is short is renewed while it is waited for what an action takes', async () => {
    const { trail } = await drive({ look: curedAfter(1), policy: { lease: { seconds: 300 } } });
    const waited = trail.filter((entry) => /^(verify-wait|renew)/.test(entry));
    expect(waited.slice(0, 5)).toEqual(['verify-wait 100', 'renew', 'verify-wait 100', 'renew', 'verify-wait 40']);
  });

  test('is renewed while others heal what it is on: that is looked at as often as is usual then', async () => {
    const aside = watch({ because: 'somebody may come', atMost: hour });
    const pauses = async (...before: Playbook['ladder']) => {
      const { trail } = await drive({ look: () => rings, draw: 0.99, playbook: { ladder: [...before, aside] } });
      const waits = trail
        .slice(trail.lastIndexOf('note-waiting'))
        .flatMap((entry) => /^verify-(?:wait|again) (\d+)$/.exec(entry)?.[1] ?? []);
      return Math.max(...waits.map(Number));
    };
    expect(await pauses(rung(rebootInstance, { within: minute }))).toBe(119);
    // With nothing done before, there is no lease.
    expect(await pauses()).toBe(358);
  });

  test('that was lost before the call stops the action', async () => {
    const run = await drive({
      look: () => rings,
      ledger: (ledger) => ({
        recordAttempt: async (what, attempt, kept) => {
          await ledger.release(what, attempt.incident);
          await ledger.acquire(what, 'another', attempt.at, attempt.at + hour * 1000);
          await ledger.recordAttempt(what, attempt, kept);
        },
      }),
    });
    expect(run.changes).toEqual([]);
    expect(run.outcome.status).toBe('held');
  });
});

describe('attempts', () => {
  const attempt = (hours: number, action = 'reboot-instance', incident = `${hours}`) => ({
    at: noon - hours * hour * 1000,
    action,
    incident,
  });
  const earlier =
    (...attempts: ReturnType<typeof attempt>[]): NonNullable<Scene['before']> =>
    async (ledger, own) => {
      const resource = placedAt(own, own.resource);
      const [last] = attempts.slice(-1);
      if (!last) return;
      await ledger.acquire(resource, last.incident, last.at - 1, last.at + 1000);
      await ledger.recordAttempt(resource, last, attempts.slice(0, -1));
    };

  test('are counted before an action, and those that nobody asks for any more are forgotten with it', async () => {
    const run = await drive({
      look: curedAfter(1),
      guards: [lease, budget, flapping],
      before: earlier(attempt(25), attempt(23), attempt(7)),
    });
    expect(run.outcome.status).toBe('healed');
    const end = noon + run.seconds * 1000;
    const { attempts } = (await run.ledger.acquire(placedAt(run.own, run.own.resource), 'x', end, end + 1)) as {
      attempts: { incident: string }[];
    };
    expect(attempts.map(({ incident }) => incident)).toEqual(['23', '7', run.own.key]);
  });

  test('that can not be read hold everything', async () => {
    const run = await drive({
      look: () => rings,
      guards: [lease, budget],
      ledger: () => ({ acquire: async () => Promise.reject(new SyntaxError('Unexpected token')) }),
    });
    expect(run.changes).toEqual([]);
    expect(run.outcome).toMatchObject({ status: 'held', reason: expect.stringContaining('lease could not check') });
  });
});

test('a replacement is counted with its group, and with the target group that told of it', async () => {
  const asks: Guard = {
    id: 'asks',
    check: async ({ replacements }) => ((await replacements()).length > 0 ? pass : hold('nothing is counted')),
  };
  const targets = { type: 'target-group', id: 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/1' } as const;
  const run = await drive({
    incident: { resource: targets },
    look: () => memberFacts(rings),
    guards: [lease, asks],
    playbook: { ladder: [rung(replaceMember, { within: minute })] },
  });
  expect(run.changes).toEqual(['autoscaling:TerminateInstanceInAutoScalingGroup']);
  for (const one of [targets, { type: 'group', id: groupName }]) {
    expect((await run.ledger.replacements(placedAt(run.own, one))).earlier).toMatchObject([{ young: false }]);
  }
});

describe('a yes', () => {
  const needed = { approval: { required: [{ action: 'reboot-instance' }, { action: 'stop-start-instance' }], timeout: 600 } };
  const yes = JSON.stringify({ decision: 'approve', by: 'alice' });

  test('to one action is none to another', async () => {
    let asked = 0;
    const run = await drive({
      look: () => rings,
      guards: [approval, lease],
      policy: needed,
      answers: () => (++asked === 1 ? yes : null),
      playbook: { ladder: [rung(rebootInstance, { within: minute }), rung(stopStartInstance)] },
    });
    expect(run.asked.map(({ action }) => action)).toEqual(['reboot-instance', 'stop-start-instance']);
    expect(run.changes).toEqual(['ec2:RebootInstances']);
    expect(run.outcome).toMatchObject({ status: 'escalated', reason: expect.stringContaining('nobody decided within 10 min') });
  });

  test('to one action is asked for once, however often that is tried', async () => {
    const run = await drive({
      look: () => rings,
      guards: [approval, lease],
      policy: needed,
      answers: () => yes,
      playbook: { ladder: [rung(rebootInstance, { within: minute, tries: 3 })] },
    });
    expect(run.asked).toHaveLength(1);
    expect(reboots(run)).toBe(3);
  });

  test('is not asked for where nothing would be done', async () => {
    const run = await drive({ look: () => rings, guards: [mode, approval, lease], policy: { ...needed, mode: 'dry-run' } });
    expect(run.asked).toEqual([]);
    expect(run.outcome).toMatchObject({ status: 'dry-run', reason: `would have rebooted instance ${instanceId}` });
    expect(run.changes).toEqual(['would ec2:RebootInstances']);
  });
});

describe('a dry run', () => {
  test('says what AWS would refuse', async () => {
    const run = await drive({
      look: () => rings,
      guards: [mode, lease],
      policy: { mode: 'dry-run' },
      answer: () => sdkError('UnauthorizedOperation', 403),
    });
    expect(run.outcome).toMatchObject({
      status: 'dry-run',
      reason: `would have tried to reboot instance ${instanceId}, which AWS would have refused: ec2:RebootInstances: UnauthorizedOperation: words`,
    });
  });
});

describe('where nobody can look any more', () => {
  const denied = sdkError('UnauthorizedOperation', 403);
  test('it is held before an action, and a person is needed after one', async () => {
    const before = await drive({ look: ({ looks }) => (looks > 0 ? denied : rings) });
    expect(before.outcome).toMatchObject({ status: 'held', actions: [], reason: 'could not look: UnauthorizedOperation: words' });
    const after = await drive({ look: ({ acted }) => (acted > 0 ? denied : rings) });
    expect(after.outcome).toMatchObject({ status: 'escalated', reason: 'could not look: UnauthorizedOperation: words' });
    const perhaps = await drive({ look: ({ acted }) => (acted > 0 ? denied : rings), answer: () => sdkError('InternalError', 500) });
    expect(perhaps.outcome.status).toBe('escalated');
  });
});

describe('what was stopped', () => {
  const playbook = { ladder: [rung(stopStartInstance)] };
  /** It stops when told to, and starts when told to, each between two looks. */
  const obeys =
    (more: Partial<InstanceFacts> = {}, after: Partial<InstanceFacts> = {}): Scene['look'] =>
    ({ acted }) => ({
      ...(acted < 2 ? rings : quiet),
      instance: instance({ ...more, ...(acted === 1 ? { state: 'stopped' } : {}), ...(acted > 1 ? after : {}) }),
    });

  test('and can not be started is said in so many words', async () => {
    const run = await drive({
      look: obeys(),
      playbook,
      answer: (call, _, { acted }) => (call === 'ec2:StartInstances' && acted > 1 ? sdkError('InvalidParameterValue', 400) : undefined),
    });
    expect(run.outcome).toMatchObject({
      status: 'escalated',
      reason: `STOPPED by selfheal: ${instanceId} is stopped, and the action was not completed (ec2:StartInstances: InvalidParameterValue: words)`,
    });
  });

  test('and has another public address now tells both', async () => {
    const address = (ip: string, elastic = false) => ({ address: { ip, elastic } });
    const moved = await drive({ look: obeys(address('203.0.113.1'), address('203.0.113.2')), playbook });
    expect(moved.outcome).toMatchObject({
      status: 'healed',
      reason: expect.stringMatching(/; its public address was 203\.0\.113\.1 and is 203\.0\.113\.2$/),
    });
    const gone = await drive({ look: obeys(address('203.0.113.1'), { address: null }), playbook });
    expect(gone.outcome.reason).toMatch(/is not known yet$/);
    for (const [before, after] of [
      [address('203.0.113.1'), {}],
      [address('203.0.113.1', true), address('203.0.113.2', true)],
      [{}, address('203.0.113.2')],
    ] as const) {
      expect((await drive({ look: obeys(before, after), playbook })).outcome.reason).toBe('alarm web-status is OK');
    }
  });
});

describe('a member that was taken from its group', () => {
  const playbook = { ladder: [rung(replaceMember, { within: 10 * minute, healthy: [memberIsReplaced] })] };
  const others = (count: number, state: MemberFacts['lifecycleState'] = 'InService') =>
    Array.from({ length: count }, (_, i) => memberOf(`i-${i}`, { lifecycleState: state }));
  const activity = (StatusCode: string, StatusMessage: string, seconds: number) => ({
    output: {
      Activities: [
        {
          Description: 'Launching a new EC2 instance',
          StatusCode,
          StatusMessage,
          StartTime: new Date(noon + seconds * 1000),
          EndTime: new Date(noon + seconds * 1000),
        },
      ],
    },
  });
  const leaves =
    (after: ReturnType<typeof others>): Scene['look'] =>
    ({ acted }) => ({
      ...memberFacts(),
      group: group({ members: acted === 0 ? [memberOf(instanceId), ...others(1)] : after }),
    });
  const none = () => ({ output: { Activities: [] } });

  test('and has no successor is said in the group’s own words', async () => {
    const failed = await drive({ look: leaves(others(1)), playbook, answer: () => activity('Failed', 'We have no capacity', 60) });
    expect(failed.outcome).toMatchObject({
      status: 'escalated',
      reason: `TERMINATED by selfheal: ${instanceId} of group ${groupName}; the group can't launch: We have no capacity`,
    });
    const silent = await drive({ look: leaves(others(1)), playbook, answer: none });
    expect(silent.outcome.reason).toBe(`TERMINATED by selfheal: ${instanceId} of group ${groupName}; 1 of 2 members are in service`);
  });

  test('is not blamed for a launch that had failed before', async () => {
    const run = await drive({ look: leaves(others(1)), playbook, answer: () => activity('Failed', 'long ago', -60) });
    expect(run.outcome.reason).toContain('1 of 2 members are in service');
  });

  test('and was made up for is not blamed on the group, whatever else is not well', async () => {
    const never: HealthCheck = { id: 'never', check: () => unhealthy('it does not work') };
    const run = await drive({ look: leaves(others(2)), playbook: { ladder: [rung(replaceMember, { healthy: [never] })] }, answer: none });
    expect(run.outcome.reason).toMatch(/^every rung has been tried/);
  });

  test('and was replaced is healed, and one that never left did not help', async () => {
    expect((await drive({ look: leaves(others(2)), playbook, answer: none })).outcome.status).toBe('healed');
    const stayed = await drive({ look: leaves([memberOf(instanceId), ...others(1)]), playbook, answer: none });
    expect(stayed.outcome.reason).toMatch(/^every rung has been tried/);
  });
});
