import { describe, expect, test } from '@jest/globals';
import { holdForNow } from '../../shared/guards/guard.ts';
import { lease } from '../../shared/guards/lease.ts';
import type { Incident } from '../../shared/model/incident.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { placedAt } from '../../shared/model/place.ts';
import { watch } from '../../shared/playbooks/playbook.ts';
import type { Episode } from '../../shared/ports/episodes.ts';
import type { Ledger } from '../../shared/ports/ledger.ts';
import type { Interim, Reporter } from '../../shared/ports/reporter.ts';
import { matterOf, noteTreatment } from '../../shared/remediation/episode.ts';
import { createJournal } from '../../shared/remediation/journal.ts';
import type { Treatment } from '../../shared/remediation/treatment-context.ts';
import { sdkError } from '../aws/recorder.ts';
import { emptyLedger } from '../aws/table.ts';
import { drive } from './drive.ts';
import { simpleEngine } from './engine.ts';
import { alarm, channelsBy, groupName, incident, instanceId, noon, outcome, policy } from './examples.ts';

const minute = 60_000;
const hour = 60 * minute;
const launch: Partial<Incident> = {
  ...{ failure: 'launch-failed', disposition: 'escalate', playbook: null, alarm: null },
  ...{ resource: { type: 'group', id: groupName }, reason: 'new instances cannot be launched: no capacity' },
};
const matter = `launch-failed of group ${groupName}`;
const place = incident();
const empty = { look: () => ({ instance: null, status: null, alarm: null }) };

/** Drives an incident on a ledger, in which others join its episode at those minutes; what is told is noted with the minute. */
const drivenWith = async (
  ledger: Ledger,
  about: Partial<Incident>,
  joins: number[] = [],
  scene: Partial<Parameters<typeof drive>[0]> = {},
) => {
  const words: [minutes: number, interim: Interim][] = [];
  const announced: number[] = [];
  const due = [...joins];
  let now = noon;
  const minutes = () => Math.round((now - noon) / minute);
  const reporter: Partial<Reporter> = {
    interim: async (interim) => void words.push([minutes(), interim]),
    channels: channelsBy((id) => async () => void (id === 'people' && announced.push(minutes()))),
  };
  const run = await drive({
    ...empty,
    ...scene,
    incident: about,
    ledger: (_, moment) => {
      const join = async () => {
        now = noon + moment().seconds * 1000;
        for (; due[0] !== undefined && noon + due[0] * minute <= now; due.shift()) {
          await ledger.joinEpisode(place, matter, `another-${due[0]}`, noon + due[0] * minute, 30 * minute);
        }
      };
      return {
        joinEpisode: async (...given) => {
          await join();
          return ledger.joinEpisode(...given);
        },
        readEpisode: async (...given) => {
          await join();
          return ledger.readEpisode(...given);
        },
        endEpisode: ledger.endEpisode,
        read: ledger.read,
        open: ledger.open,
        close: ledger.close,
      };
    },
    reporter,
  });
  return { ...run, words, announced };
};

describe('a task that fails', () => {
  const owner = 'service:checkout in cluster/prod';
  const task: Partial<Incident> = {
    ...{ failure: 'service-impaired', disposition: 'escalate', playbook: null, alarm: null, kind: 'ecs' },
    ...{ resource: { type: 'task', id: 'arn:aws:ecs:us-east-1:123456789012:task/prod/0123456789abcdef' }, evidence: { owner } },
  };
  const key = 'service-impaired-of-its-service';
  /** What becomes of the task's incident where another has begun to treat its service, and has ended so or is open. */
  const beside = async (ended: Partial<Outcome> | null, about: Partial<Incident> = task, acts = true) => {
    const ledger = await emptyLedger();
    await ledger.open({ ...incident(), key }, noon - 20 * minute);
    await ledger.joinEpisode(place, `treatment of service-impaired of ${owner}`, key, noon - 20 * minute, 30 * minute);
    if (ended === null) {
      const begun = { at: noon - 19 * minute, action: 'restart-service', target: { type: 'service', id: 'prod/checkout' }, attempt: 1 };
      if (acts) await ledger.noteBegun(key, begun, [], null);
    } else await ledger.close({ ...outcome(ended), incident: key });
    return drivenWith(ledger, about);
  };
  const ago = (minutes: number) => new Date(noon - minutes * minute).toISOString();

  test.each<[string, Partial<Outcome> | null]>([
    ['is treated', null],
    ['has just been left to a person', { status: 'escalated', endedAt: ago(5) }],
    ['has healed since', { status: 'healed', endedAt: ago(-1) }],
  ])('is part of the message about its service, which %s', async (_, ended) => {
    const { outcome: came, words, announced } = await beside(ended);
    expect([words, announced]).toEqual([[], []]);
    expect(came).toMatchObject({ status: 'escalated', quiet: true, reason: expect.stringContaining(`it is part of incident ${key}`) });
  });

  test.each<[string, Partial<Outcome>]>([
    ['had healed before', { status: 'healed', endedAt: ago(5) }],
    ['was left to a person long ago', { status: 'escalated', endedAt: ago(31) }],
    ['ended without a word to anybody', { status: 'held', quiet: true, endedAt: ago(5) }],
  ])('is told by itself where its service %s', async (_, ended) => {
    const { words } = await beside(ended);
    expect(words.map(([at, { kind }]) => [at, kind])).toEqual([[2, 'opened']]);
  });

  test('is told by itself where the incident of its service neither acts nor ends', async () => {
    const { words } = await beside(null, task, false);
    expect(words.map(([at, { kind }]) => [at, kind])).toEqual([[8, 'opened']]);
  });

  test('is told at once where no service started it', async () => {
    const { words } = await beside(null, { ...task, evidence: { owner: 'family:job in cluster/prod' } });
    expect(words.map(([at, { kind }]) => [at, kind])).toEqual([[0, 'opened']]);
  });
});

describe('what treats the service of a task that fails', () => {
  const owner = 'service:checkout in cluster/prod';
  const about = incident({ failure: 'service-impaired', alarm: null, evidence: { owner }, key: 'own' });
  const matter = `treatment of service-impaired of ${owner}`;
  const noted = async (ledger: Ledger, change: Partial<Incident> = {}) => {
    const engine = simpleEngine({ start: noon });
    const journal = createJournal(engine.durable, { now: engine.now, random: () => 0.5 });
    await journal.persist('open', async () => null);
    const treatment = { incident: () => ({ ...about, ...change }), journal, deps: { ledger, policy: policy() } } as unknown as Treatment;
    await noteTreatment(treatment);
    await journal.persist('next', async () => null);
    return { now: await ledger.readEpisode(place, matter), trail: engine.trail };
  };
  /** As it is where another incident has begun to treat it. */
  const begun = async (ended: boolean) => {
    const ledger = await emptyLedger();
    await ledger.open(incident({ key: 'another' }), noon - hour);
    if (ended) await ledger.close(outcome({ incident: 'another' }));
    await ledger.joinEpisode(place, matter, 'another', noon - minute, 30 * minute);
    return ledger;
  };

  test('notes that it does, for as long as an episode lasts', async () => {
    const quiets: number[] = [];
    const ledger = await emptyLedger();
    const joinEpisode: Ledger['joinEpisode'] = (...given) => {
      quiets.push(given[4]);
      return ledger.joinEpisode(...given);
    };
    expect(await noted({ ...ledger, joinEpisode })).toMatchObject({
      now: { opener: 'own', joined: 0 },
      trail: ['open', 'note-treatment', 'next'],
    });
    expect(quiets).toEqual([30 * minute]);
  });

  test('takes over from one that has ended, and joins one that has not', async () => {
    expect((await noted(await begun(true))).now).toMatchObject({ opener: 'own', joined: 0 });
    expect((await noted(await begun(false))).now).toMatchObject({ opener: 'another', joined: 1 });
    const kept = await begun(true);
    const joined: string[] = [];
    const joinEpisode: Ledger['joinEpisode'] = (...given) => {
      joined.push(given[2]);
      return kept.joinEpisode(...given);
    };
    await noted({ ...kept, joinEpisode, endEpisode: async () => false });
    expect(joined).toEqual(['own']);
  });

  test('notes nothing where an alarm tells of it, or where it has no owner', async () => {
    for (const change of [{ alarm: incident().alarm }, { evidence: {} }]) {
      expect(await noted(await emptyLedger(), change)).toEqual({ now: null, trail: ['open', 'next'] });
    }
  });
});

describe('an event', () => {
  const told = { alarm: null, disposition: 'escalate', playbook: null, resource: { type: 'group', id: groupName } } as const;

  test.each(['launch-failed', 'terminate-failed', 'service-impaired', 'canary-failed', 'error-rate'] as const)(
    'of %s repeats while the condition lasts',
    (failure) => {
      expect(matterOf(incident({ ...told, failure }))).toBe(`${failure} of group ${groupName}`);
      expect(matterOf(incident({ ...told, failure, evidence: { owner: 'service:checkout' } }))).toBe(`${failure} of service:checkout`);
    },
  );

  test('is a matter of its own where it does not repeat, an alarm shows its state, or it is treated', () => {
    expect(matterOf(incident({ ...told, failure: 'instance-terminated' }))).toBeNull();
    expect(matterOf(incident({ ...told, failure: 'launch-failed', alarm: incident().alarm }))).toBeNull();
    expect(matterOf(incident({ ...told, failure: 'launch-failed', disposition: 'remediate' }))).toBeNull();
  });
});

describe('what events tell of again and again', () => {
  test('is told when it opens, and once when it is over, with how often it came', async () => {
    const { outcome: ended, words, announced, seconds, trail } = await drivenWith(await emptyLedger(), launch, [3, 20, 45]);
    expect(trail.slice(trail.indexOf('episode'), trail.indexOf('episode-end') + 1)).toEqual([
      ...['episode', 'tell-episode', 'episode-wait 1800', 'episode', 'episode-wait 1140', 'episode', 'episode-wait 1500'],
      ...['episode', 'episode-end'],
    ]);
    expect(words.map(([at, { kind }]) => [at, kind])).toEqual([[1, 'opened']]);
    expect(words[0]?.[1].headline).toBe('launch-failed needs you');
    expect(ended).toMatchObject({
      status: 'escalated',
      quiet: false,
      verified: false,
      opened: true,
      reason: '4 times in 44 min 00 s: new instances cannot be launched: no capacity',
    });
    expect(announced).toHaveLength(1);
    expect(seconds / 60).toBeGreaterThan(74);
  });

  test('closes quietly where nothing more came of it', async () => {
    const ledger = await emptyLedger();
    const { outcome: ended, words, announced } = await drivenWith(ledger, launch);
    expect(await ledger.readEpisode(place, matter)).toBeNull();
    expect(words).toHaveLength(1);
    expect(ended).toMatchObject({ status: 'escalated', quiet: true, opened: true, reason: expect.stringContaining('it did not repeat') });
    expect(announced).toEqual([]);
  });

  test('is reminded of after four and after twenty-four hours while it goes on', async () => {
    const often = Array.from({ length: 26 * 4 }, (_, i) => (i + 1) * 15);
    const { words } = await drivenWith(await emptyLedger(), launch, often);
    expect(words.map(([at, { kind }]) => [kind, Math.floor(at / 60)])).toEqual([
      ['opened', 0],
      ['reminder', 4],
      ['reminder', 24],
    ]);
    expect(words[1]?.[1].reason).toBe('it continues: 17 times in 3 h 59 min so far: new instances cannot be launched: no capacity');
  });

  test('begins anew after three days, however long it goes on', async () => {
    const often = Array.from({ length: 80 * 4 }, (_, i) => (i + 1) * 15);
    const { outcome: ended, seconds, waits } = await drivenWith(await emptyLedger(), launch, often);
    expect(ended.reason).toMatch(/^289 times in 71 h 59 min: /);
    expect(seconds).toBe(72 * 3600 + 60);
    // Up to the first reminder, from it, and from one look to the next.
    expect(waits().slice(0, 12)).toEqual([60, 1800, 1740, ...Array(6).fill(1800), 60, 1740, 1800]);
  });

  test('goes on in one message where the ledger says that others have joined it as it ends', async () => {
    const ledger = await emptyLedger();
    let ends = 0;
    const { trail, outcome: ended } = await drive({
      ...empty,
      incident: launch,
      ledger: () => ({
        ...{ joinEpisode: ledger.joinEpisode, readEpisode: ledger.readEpisode },
        endEpisode: async (about, of, episode) => {
          if (++ends === 1) await ledger.joinEpisode(about, of, 'another', episode.lastAt + 29 * minute, hour);
          return ledger.endEpisode(about, of, episode);
        },
      }),
    });
    expect(trail.filter((name) => name.startsWith('episode-'))).toEqual([
      'episode-wait 1800',
      'episode-end',
      'episode-wait 1740',
      'episode-end',
    ]);
    expect(ended.reason).toMatch(/^2 times in 29 min 00 s: /);
    const denied = await drive({
      ...empty,
      incident: launch,
      ledger: () => ({ endEpisode: () => Promise.reject(sdkError('AccessDenied', 403)) }),
    });
    expect(denied.trail.filter((name) => name === 'episode-end')).toHaveLength(1);
    expect(denied.outcome.reason).toContain('it did not repeat');
  });

  test('is joined quietly by what repeats it, which names the incident that tells of all', async () => {
    const ledger = await emptyLedger();
    await ledger.joinEpisode(place, matter, 'the-first', noon - 5 * minute, 30 * minute);
    const { outcome: ended, words } = await drivenWith(ledger, launch);
    expect(words).toEqual([]);
    expect(ended).toMatchObject({ quiet: true, reason: expect.stringContaining('it is part of incident the-first') });
    expect(ended).not.toHaveProperty('opened');
    expect(await ledger.readEpisode(place, matter)).toMatchObject({ opener: 'the-first', joined: 1 });
  });

  test('counts one that asks again, since an answer was lost, once', async () => {
    const ledger = await emptyLedger();
    for (const who of ['the-first', 'a', 'a', 'b', 'b', 'the-first']) await ledger.joinEpisode(place, matter, who, noon, hour);
    expect(await ledger.readEpisode(place, matter)).toMatchObject({ opener: 'the-first', joined: 2 });
  });

  test('is told of by the next one where the execution that had opened it is no more', async () => {
    const ledger = await emptyLedger();
    const dead = incident({ ...launch, key: 'launch-failed-dead' });
    await ledger.open(dead, noon - hour);
    await ledger.close(outcome({ incident: dead.key, status: 'failed' }));
    await ledger.joinEpisode(place, matter, dead.key, noon - 5 * minute, 30 * minute);
    const { words } = await drivenWith(ledger, launch);
    expect(words.map(([, { kind }]) => kind)).toEqual(['opened']);
  });

  test('whose beginning could not be told is told as soon as people can be, and programs are told once', async () => {
    const tries: boolean[] = [];
    const refused = sdkError('AuthorizationError', 403);
    const interim = async (_: Interim, again = false) => {
      tries.push(again);
      if (tries.length < 4) throw refused;
    };
    const run = await drive({ ...empty, incident: launch, reporter: { interim } });
    expect(tries).toEqual([false, true, true, true]);
    expect(run.waits().slice(1)).toEqual([300, 300, 1200]);
    expect(run.outcome.quiet).toBe(true);
  });

  test('whose beginning nobody may have heard is told at its end in any case', async () => {
    for (const error of [sdkError('AuthorizationError', 403), sdkError('InternalError', 500)]) {
      const run = await drive({ ...empty, incident: launch, reporter: { interim: () => Promise.reject(error) } });
      expect(run.outcome).toMatchObject({ status: 'escalated', quiet: false });
      expect(run.told).toContain('people escalated');
    }
  });

  test('counts what has joined it where somebody has begun it anew before it was seen to be over', async () => {
    const ledger = await emptyLedger();
    let reads = 0;
    const run = await drive({
      ...empty,
      incident: launch,
      ledger: () => ({
        ...{ joinEpisode: ledger.joinEpisode, endEpisode: ledger.endEpisode },
        readEpisode: async (about, of) => {
          const now = await ledger.readEpisode(about, of);
          if (!now) return now;
          if (++reads === 1) for (const who of ['a', 'b']) await ledger.joinEpisode(about, of, who, now.lastAt + minute, hour);
          if (reads === 2) await ledger.joinEpisode(about, of, 'c', now.lastAt + 2 * hour, hour);
          return ledger.readEpisode(about, of);
        },
      }),
    });
    expect(run.outcome).toMatchObject({ quiet: false, reason: expect.stringMatching(/^3 times in 1 min/) });
  });

  test('is told by itself where one that has ended can’t be taken over', async () => {
    const ledger = await emptyLedger();
    const dead = incident({ ...launch, key: 'launch-failed-dead' });
    await ledger.open(dead, noon - hour);
    await ledger.close(outcome({ incident: dead.key, status: 'failed' }));
    await ledger.joinEpisode(place, matter, dead.key, noon - 5 * minute, 30 * minute);
    const change: Partial<Ledger> = { joinEpisode: ledger.joinEpisode, read: ledger.read, endEpisode: async () => false };
    const run = await drive({ ...empty, incident: launch, ledger: () => change });
    expect(run.outcome).toMatchObject({ status: 'escalated', quiet: false });
  });

  test('ends with its count before its execution has no operations left, however short the quiet is', async () => {
    let now: Episode | null = null;
    const change: Partial<Ledger> = {
      joinEpisode: async (_place, _matter, opener, at) => {
        now = { opener, openedAt: at, lastAt: at, joined: 0 };
        return now;
      },
      readEpisode: async () => {
        now = now && { ...now, lastAt: now.lastAt + minute, joined: now.joined + 1 };
        return now;
      },
      endEpisode: async () => true,
    };
    const run = await drive({ ...empty, incident: launch, policy: { episodes: { quiet: '1m' } }, ledger: () => change });
    expect(run.outcome).toMatchObject({ status: 'escalated', quiet: false, reason: expect.stringMatching(/^\d{3} times in /) });
    expect(run.trail.filter((entry) => entry.startsWith('episode-wait'))).toHaveLength(499);
  });

  test('is told at once by each where the ledger can’t be told', async () => {
    const no = () => Promise.reject(new Error('denied'));
    const run = await drive({ ...empty, incident: launch, ledger: () => ({ joinEpisode: no }) });
    expect(run.outcome).toMatchObject({ status: 'escalated', quiet: false });
    expect(run.told).toContain('people escalated');
  });
});

describe('an alarm over what is well', () => {
  const well = { look: () => ({ alarm: alarm({ state: 'OK' }) }) };
  const flaps = `alarm web-status over instance ${instanceId}`;

  test('is told once it has been quiet for a while, as what ended when it was seen to be well', async () => {
    const { outcome: ended } = await drive(well);
    expect(ended).toMatchObject({ status: 'healed-itself', quiet: false, reason: expect.stringMatching(/^no action was needed/) });
    const often = async (more: number) => {
      const ledger = await emptyLedger();
      let left = more;
      const readEpisode: Ledger['readEpisode'] = async (about, of) => {
        for (; left > 0; left--) await ledger.joinEpisode(about, of, `other-${left}`, noon + minute, hour);
        return ledger.readEpisode(about, of);
      };
      return (await drive({ ...well, ledger: () => ({ ...ledger, readEpisode }) })).outcome.reason;
    };
    expect([await often(1), await often(2)]).toEqual([
      expect.stringMatching(/^no action was needed/),
      expect.stringMatching(/^alarm web-status fired 3 times in 30 s over a healthy instance/),
    ]);
    expect(Date.parse(ended.endedAt) - noon).toBeLessThan(2 * minute);
  });

  test('that flaps is told once, with how often it went off', async () => {
    const { outcome: ended } = await drive({
      ...well,
      ledger: (real) => ({
        readEpisode: async (about, matter) => {
          const now = await real.readEpisode(about, matter);
          for (let i = 0; now && now.joined === 0 && i < 5; i++)
            await real.joinEpisode(about, matter, `other-${i}`, now.lastAt + i * minute, hour);
          return real.readEpisode(about, matter);
        },
      }),
    });
    expect(ended).toMatchObject({
      quiet: false,
      reason: expect.stringMatching(/^alarm web-status fired 6 times in .* over a healthy instance: check its threshold and period/),
    });
  });

  test('is not called flapping where a look has seen the failure pass: then the cause is to be found, not another threshold', async () => {
    const { outcome: ended } = await drive({
      look: ({ seconds }) => ({ alarm: alarm({ state: seconds < 60 ? 'ALARM' : 'OK' }) }),
      playbook: { ladder: [watch({ because: 'somebody heals it', atMost: 300 })] },
      ledger: (real) => ({
        readEpisode: async (about, matter) => {
          const now = await real.readEpisode(about, matter);
          for (let i = 0; now && now.joined === 0 && i < 2; i++)
            await real.joinEpisode(about, matter, `other-${i}`, now.lastAt + minute, hour);
          return real.readEpisode(about, matter);
        },
      }),
    });
    expect(ended).toMatchObject({
      status: 'healed-itself',
      reason: expect.stringMatching(
        /^alarm web-status fired 3 times in .*; the instance had failed and recovered by itself: find out why; no action/,
      ),
    });
  });

  test('is quiet where another incident tells of the flapping', async () => {
    const ledger = await emptyLedger();
    await ledger.joinEpisode(place, flaps, 'the-first', noon - minute, hour);
    const { outcome: ended } = await drive({ ...well, ledger: () => ledger });
    expect(ended).toMatchObject({ status: 'healed-itself', quiet: true, reason: expect.stringContaining('the-first') });
  });

  test('holds nothing while it is waited whether it goes off again', async () => {
    const holders: (string | null)[] = [];
    const { outcome: ended } = await drive({
      look: ({ seconds }) => ({ alarm: alarm({ state: seconds < 30 ? 'ALARM' : 'OK' }) }),
      guards: [lease, { id: 'later', check: () => holdForNow('not yet') }],
      ledger: (real) => ({
        joinEpisode: async (about, matter, by, now, quiet) => {
          holders.push(await real.holderOf(placedAt(place, { type: 'instance', id: instanceId }), now));
          return real.joinEpisode(about, matter, by, now, quiet);
        },
      }),
    });
    expect(ended.status).toBe('healed-itself');
    expect(holders).toEqual([null]);
  });

  test('hours ago is no news', async () => {
    const { outcome: ended } = await drive({ ...well, incident: { at: noon - 3 * hour } });
    expect(ended).toMatchObject({ status: 'healed-itself', quiet: true });
  });
});
