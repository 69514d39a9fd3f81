import type { ReportInput } from '../../local/report/input.ts';
import type { Outcome, TimelineEntry } from '../../shared/model/outcome.ts';
import { noon, outcome } from '../remediation/examples.ts';

export const minute = 60_000;
/** So many minutes past noon, as ISO 8601. */
export const past = (minutes: number): string => new Date(noon + minutes * minute).toISOString();

const pass = { guard: 'opt-in', answer: 'pass' as const };

/** A story with all that one can have: a hold for a while, a throttled try with backoff, an action, and verification. */
const story: TimelineEntry[] = [
  { at: past(0), phase: 'signal', text: 'instance-unreachable on instance' },
  { at: past(0), phase: 'look', text: 'running in us-east-1a' },
  { at: past(0), phase: 'guard', text: 'lease says hold: another', answers: [pass, { guard: 'lease', answer: 'hold', reason: 'another' }] },
  { at: past(0), phase: 'wait', text: 'looking again in 1 min 00 s' },
  { at: past(1), phase: 'guard', text: 'all pass: opt-in', answers: [pass] },
  { at: past(1), phase: 'act', text: 'reboot instance' },
  { at: past(1), phase: 'act', text: 'reboot-instance (reboot): throttled' },
  { at: past(1), phase: 'wait', text: 'reboot-instance: try 2 of 6 in 30 s' },
  { at: past(1.5), phase: 'guard', text: 'all pass: opt-in', answers: [pass] },
  { at: past(1.5), phase: 'act', text: 'reboot-instance (reboot): done' },
  { at: past(2), phase: 'verify', text: 'not yet: impaired' },
  { at: past(5), phase: 'verify', text: 'both pass (look 1 of 2)' },
  { at: past(6), phase: 'verify', text: 'both pass (look 2 of 2)' },
  { at: past(6), phase: 'decide', text: 'healed: both pass' },
];

export const treated = (change: Partial<Outcome> = {}): Outcome =>
  outcome({
    startedAt: past(0),
    endedAt: past(6),
    timeToRecoverSeconds: 360,
    timeline: story,
    actions: [
      { action: 'reboot-instance', attempt: 1, at: past(1), result: 'throttled: RequestLimitExceeded' },
      { action: 'reboot-instance', attempt: 2, at: past(1.5), result: 'done' },
    ],
    ...change,
  });

/** Incidents of their own, one a minute, that end in all ways in turn. */
export const many = (count: number): Outcome[] => {
  const ends = ['healed', 'escalated', 'healed-itself', 'held', 'failed', 'dry-run'] as const;
  return Array.from({ length: count }, (_, i) => {
    const status = ends[i % ends.length] ?? 'healed';
    return treated({
      incident: `instance-unreachable-${i}`,
      resource: { type: 'instance', id: `i-${i.toString(16).padStart(17, '0')}` },
      status,
      startedAt: past(i),
      endedAt: past(i + 6),
      timeToRecoverSeconds: status.startsWith('healed') ? 360 : null,
      actions: status === 'healed' ? [{ action: 'reboot-instance', attempt: 1, at: past(i + 1), result: 'done' }] : [],
    });
  });
};

export const input = (change: Partial<ReportInput> = {}): ReportInput => ({
  title: 'A report',
  command: 'selfheal demo',
  outcomes: [treated()],
  health: [0, 1, 2, 3].map((at) => ({ at: noon + at * minute, healthy: 5 - (at % 2), impaired: at % 2, stopped: 0 })),
  ...change,
});

/** What somebody might write into a tag, a name or a message to get into a page. */
export const hostile = `</script><script>alert(1)</script><img src="//evil.example/x" onerror="alert(2)"><!--<script>'"\`&amp;\u2028\u2029\u202egnp.exe\u0000\ud800${'long'.repeat(40)}`;

/** An outcome whose every text is hostile. */
export const attack = (): Outcome =>
  treated({
    incident: hostile,
    failure: hostile as never,
    resource: { type: hostile as never, id: hostile },
    account: hostile,
    region: hostile,
    playbook: hostile,
    reason: hostile,
    resourceState: hostile,
    status: 'held',
    actions: [{ action: hostile, target: hostile, attempt: 1, at: past(1), result: 'done' }],
    changes: [
      {
        at: past(0),
        call: hostile,
        who: hostile,
        arn: hostile,
        from: hostile,
        agent: hostile,
        via: hostile,
        error: hostile,
        selfheal: false,
      },
    ],
    likelyCause: {
      change: { at: past(0), call: hostile, who: hostile, arn: null, from: null, agent: null, via: null, error: null, selfheal: false },
      because: hostile,
    },
    changesNote: hostile,
    timeline: [
      { at: past(0), phase: 'signal', text: hostile },
      { at: past(0), phase: 'guard', text: hostile, answers: [{ guard: hostile, answer: 'hold', reason: hostile }] },
      { at: past(1), phase: 'wait', text: hostile },
      { at: past(6), phase: 'decide', text: hostile },
    ],
  });
