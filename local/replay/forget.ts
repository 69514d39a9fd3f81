import { DeleteAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { keyOf } from '../../shared/aws/ledger-keys.ts';
import { hourMs } from '../../shared/model/duration.ts';
import type { Host } from '../testbed/host.ts';

/** How far back guards read CloudTrail, plus its delay of 15 minutes. */
const lookedBackUpon = 25 * hourMs;
/** As long as the longest window of any policy: a week. */
const memory = 7 * 24 * hourMs;
/** An instance that no event has named for so long is taken down; when one names it again, it stands again. */
const idle = 24 * hourMs;

/**
 * Bounds the memory of a long-lived world: regularly drops what can no longer be asked for. The ledger stays as long as any policy looks
 * back.
 */
export const createForgetting = (host: Host) => {
  const { aws, operator, engine } = host;
  /** Resources created to match events, by id, and when an event last named them. */
  const used = new Map<string, { at: number; alarms: Set<string> }>();
  const ended: { at: number; key: string }[] = [];
  let last = aws.world.clock.now();

  return {
    use: (id: string, alarm: string | undefined): void => {
      const entry = used.get(id) ?? { at: 0, alarms: new Set<string>() };
      entry.at = aws.world.clock.now();
      if (alarm !== undefined) entry.alarms.add(alarm);
      used.set(id, entry);
    },
    end: (key: string): void => {
      ended.push({ at: aws.world.clock.now(), key });
    },
    /** Does nothing if it has done so in the last hours. `isOpen`: an incident is about it. */
    sweep: async (isOpen: (id: string) => boolean): Promise<void> => {
      const now = aws.world.clock.now();
      if (now - last < 6 * hourMs) return;
      last = now;
      const { outcomes, messages, routed, chats, approvals, intakes, log } = host;
      for (const list of [outcomes, messages, ...routed.values(), chats, approvals, intakes, log]) list.splice(0);
      const kept = aws.world.calls.findIndex(({ at }) => at >= now - lookedBackUpon);
      aws.world.calls.splice(0, kept < 0 ? aws.world.calls.length : kept);
      for (const [name, { endedAt }] of engine.executions)
        if (endedAt !== undefined && endedAt < now - hourMs) (engine.executions as Map<string, unknown>).delete(name);
      while (ended[0] && ended[0].at < now - memory) {
        const { key } = ended.shift() as { key: string };
        await operator.dynamodb.send(new DeleteItemCommand({ TableName: host.table, Key: keyOf('incident', key) }));
      }
      for (const [id, { at, alarms }] of used) {
        if (at >= now - idle || isOpen(id)) continue;
        used.delete(id);
        if (alarms.size > 0) await operator.cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [...alarms] }));
        if (aws.ec2.get(id) && aws.ec2.get(id)?.groupName === null) aws.ec2.terminate(id, 'service');
      }
    },
  };
};
