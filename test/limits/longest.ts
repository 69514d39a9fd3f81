import { openIncident } from '../../shared/model/incident.ts';
import type { ApprovalRequest } from '../../shared/ports/reporter.ts';
import { incident, instanceId, noon, outcome } from '../remediation/examples.ts';

/**
 * What AWS allows at most, and as much of it as there may be. A character of three bytes is the longest there is for what it counts as
 * (one of four counts as two); one that JSON escapes twice is longer still where a text is wrapped in another.
 */
export const wide = (characters: number): string => '語'.repeat(characters);
export const quoted = (characters: number): string => '"\\'.repeat(characters / 2);

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html: names of 255 characters, actions of 1,024. */
export const alarmName = wide(255);
const alarmArn = `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${alarmName}`;
const actionArn = `arn:aws:lambda:us-east-1:123456789012:function:${'f'.repeat(975)}`;
/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html */
export const groupName = wide(255);

/** As intake makes it of the longest that the schemas let in. */
export const longestIncident = (() => {
  const { key: _, ...verdict } = incident({
    alarm: { name: alarmName, arn: alarmArn, actions: Array.from({ length: 20 }, () => actionArn) },
    reason: wide(1000),
    // AWS's own names are shorter by far; whoever may invoke the function writes what he likes.
    children: Array.from({ length: 100 }, () => wide(1600)),
    evidence: Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`${n}`.padStart(64, 'k'), wide(512)])),
  });
  return openIncident(verdict, { account: '123456789012', region: 'us-east-1' }) as NonNullable<ReturnType<typeof openIncident>>;
})();

const answers = Array.from({ length: 30 }, (_, n) => ({ guard: `guard-${n}`, answer: 'pass' as const, reason: wide(300) }));

/** The longest story that anybody could write, in characters that take much room in one way or the other. */
export const longestStory = (text: string, lines = 600) =>
  Array.from({ length: lines }, () => ({ at: '2026-11-20T12:00:00.000Z', phase: 'look' as const, text, answers }));

const change = {
  ...{ at: '2026-11-20T11:58:00.000Z', call: wide(128), who: wide(128), arn: wide(256), from: wide(64), agent: wide(64), via: wide(64) },
  ...{ error: wide(64), selfheal: false },
};

export const longestOutcome = (text = wide(600)) =>
  outcome({
    incident: longestIncident.key,
    status: 'escalated',
    resource: { type: 'group', id: groupName },
    reason: wide(1000),
    actions: Array.from({ length: 500 }, () => ({
      ...{ action: 'stop-start-instance', target: instanceId, attempt: 100, at: '2026-11-20T12:01:00.000Z' },
      result: `uncertain: ${'x'.repeat(500)}`,
    })),
    changes: Array.from({ length: 5 }, () => change),
    likelyCause: { change, because: wide(500) },
    changesNote: wide(300),
    timeline: longestStory(text),
  });

export const longestRequest = (text = wide(600)): ApprovalRequest => ({
  incident: longestIncident,
  action: 'stop-start-instance',
  target: { type: 'group', id: groupName },
  what: wide(5000),
  why: wide(5000),
  callbackId: 'c'.repeat(1024),
  expiresAt: noon + 4 * 3_600_000,
  timeline: longestStory(text),
});
