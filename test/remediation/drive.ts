import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import type { Guard } from '../../shared/guards/guard.ts';
import { lease } from '../../shared/guards/lease.ts';
import { alarmIsOk } from '../../shared/health/alarm.ts';
import type { Incident } from '../../shared/model/incident.ts';
import type { ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { playbooks } from '../../shared/playbooks/index.ts';
import { type Playbook, rung } from '../../shared/playbooks/playbook.ts';
import type { KillSwitch } from '../../shared/ports/kill-switch.ts';
import type { Ledger } from '../../shared/ports/ledger.ts';
import type { ProbeAnswer, ProbeRequest } from '../../shared/ports/probe.ts';
import type { ApprovalRequest, Reporter } from '../../shared/ports/reporter.ts';
import type { DrainParts } from '../../shared/remediation/drain.ts';
import { runIncident } from '../../shared/remediation/driver.ts';
import type { whyNoFailure } from '../../shared/remediation/silence.ts';
import { type Answer, empty, recordingClients, sdkError } from '../aws/recorder.ts';
import { emptyLedger } from '../aws/table.ts';
import { simpleEngine } from './engine.ts';
import { channelsBy, facts, incident, noon, policy } from './examples.ts';

/** Where a course is at a look: seconds since it began, the number of the look, and how many calls have changed something so far. */
export type Moment = { seconds: number; looks: number; acted: number };

export type Scene = {
  incident?: Partial<Incident>;
  policy?: Record<string, unknown>;
  /** Why the policy can't be used. */
  problem?: string;
  /** What a look sees, or why it fails. */
  look: (moment: Moment, incident: Incident) => Partial<ResourceSnapshot> | Error;
  /** The lease alone, unless it says so. */
  guards?: readonly Guard[];
  /** One reboot for an alarm that rings, unless it says so. */
  playbook?: Partial<Playbook>;
  /** What is drawn for each pause, in [0, 1). */
  draw?: number;
  /** What AWS answers to the nth call of that name. */
  answer?: (call: string, nth: number, moment: Moment) => Answer | undefined;
  position?: (moment: Moment) => Awaited<ReturnType<KillSwitch['read']>>;
  answers?: (name: string) => string | null;
  loses?: (name: string) => boolean;
  kept?: (name: string, result: unknown) => void;
  ledger?: (ledger: Ledger, moment: () => Moment) => Partial<Ledger>;
  reporter?: Partial<Reporter>;
  /** Why an alarm that went off for silence is no failure; null if it may be one. */
  whyNoFailure?: typeof whyNoFailure;
  /** How it is drained, where the policy wants that. */
  drain?: DrainParts;
  /** What a URL answers that many seconds after it began. */
  probe?: (moment: Moment, asked: ProbeRequest) => ProbeAnswer;
  /** Done with the ledger before it begins. */
  before?: (ledger: Ledger, own: Incident) => Promise<unknown>;
  home?: { account: string; region: string };
  /** When it begins; noon unless it says so. */
  start?: number;
};

const reads = /:(Describe|Lookup|Get|List)/;

/** Drives one incident from its first look to its end, in a place that is made up look by look. */
export const drive = async (scene: Scene) => {
  const { guards = [lease], start = noon } = scene;
  const engine = simpleEngine({
    start,
    ...(scene.loses ? { loses: scene.loses } : {}),
    ...(scene.answers ? { answers: scene.answers } : {}),
    ...(scene.kept ? { kept: scene.kept } : {}),
  });
  const own = incident(scene.incident);
  let looks = 0;
  const calls: { call: string; input: Record<string, unknown>; seconds: number }[] = [];
  const moment = (): Moment => ({
    seconds: (engine.now() - start) / 1000,
    looks,
    acted: calls.filter(({ call, input }) => !reads.test(call) && !input.DryRun).length,
  });
  const { clients } = recordingClients((call, input) => {
    calls.push({ call, input, seconds: moment().seconds });
    const nth = calls.filter((one) => one.call === call).length;
    if (call === 'cloudtrail:LookupEvents') return { output: { Events: [] } };
    return scene.answer?.(call, nth, moment()) ?? (input.DryRun ? sdkError('DryRunOperation', 412) : empty);
  });
  const real = await emptyLedger();
  const ledger = { ...real, ...scene.ledger?.(real, moment) };
  await scene.before?.(real, own);
  const told: string[] = [];
  const asked: ApprovalRequest[] = [];
  const reporter: Reporter = {
    channels: channelsBy(
      (id) =>
        async ({ status }) =>
          void told.push(`${id} ${status}`),
    ).filter(({ id }) => id !== 'chat'),
    undelivered: async (channel) => void told.push(`untold ${channel}`),
    digest: async () => {},
    interim: async () => void told.push('interim'),
    requestApproval: async (request) => void asked.push(request),
    ...scene.reporter,
  };
  const playbook: Playbook = {
    id: 'restart-instance',
    summary: '',
    failing: [alarmIsOk],
    healthy: [alarmIsOk],
    ladder: [rung(rebootInstance)],
    ...scene.playbook,
  };
  const { probe } = scene;
  const depths: string[] = [];
  const outcome = await runIncident(own, engine.durable, {
    clients,
    ledger,
    policy: { ...policy(scene.policy), ...(scene.problem === undefined ? {} : { problem: scene.problem }) },
    reporter,
    killSwitch: { read: async () => scene.position?.(moment()) ?? 'on' },
    now: engine.now,
    random: () => scene.draw ?? 0.5,
    ...(scene.home ? { home: scene.home } : {}),
    ...(scene.whyNoFailure ? { whyNoFailure: scene.whyNoFailure } : {}),
    ...(scene.drain ? { drain: scene.drain } : {}),
    ...(probe ? { probe: async (asked) => probe(moment(), asked) } : {}),
    guards,
    playbooks: { ...playbooks, 'restart-instance': playbook },
    observeResource: async (_, about, at, __, depth = 'full') => {
      looks++;
      depths.push(depth);
      const seen = scene.look(moment(), about);
      if (seen instanceof Error) throw seen;
      return facts({ at, full: depth === 'full', ...seen });
    },
  });
  return {
    ...{ outcome, own, told, asked, depths, ledger: real, trail: engine.trail, waits: engine.waits },
    ...moment(),
    /** What was called that changes something, and what only rehearses that. */
    changes: calls.filter(({ call }) => !reads.test(call)).map(({ call, input }) => (input.DryRun ? `would ${call}` : call)),
    calls,
    texts: outcome.timeline.map(({ text }) => text),
  };
};
