import { PutMetricAlarmCommand, type PutMetricAlarmCommandInput, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from '@jest/globals';
import { createLocalAws } from '#local-aws';
import { localClients, worldOptions } from '../../packages/local-aws/test/harness.ts';
import { nameOf } from '../../tools/deployment/names.ts';
import { planted, referred, resourcesOf, type Template } from './service.ts';

const minute = 60_000;
const quarter = 15 * minute;

/** References as what they stand for: topics and queues by names of ours. */
const resolved = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  const to = referred(value);
  if (to !== undefined) return to.endsWith('Topic') ? `arn:aws:sns:us-east-1:${worldOptions.account}:${to}` : to;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item)]));
};

/** An account in which all alarms of the template have just been made, and what they say from then on, but that all is well. */
const born = async (template: Template) => {
  const aws = createLocalAws({ ...worldOptions, exempt: ['TESTKEY'] });
  const { cloudWatch } = localClients(aws.handle);
  const said: string[] = [];
  aws.world.subscribe((worldEvent) => {
    if (worldEvent.type === 'alarm-state' && worldEvent.to !== 'OK') said.push(`${worldEvent.alarmName}: ${worldEvent.to}`);
  });
  const told: string[] = [];
  const deliver = aws.world.deliver.bind(aws.world);
  aws.world.deliver = (delivery) => {
    if (delivery.to === 'sns' && !delivery.subject.startsWith('OK')) told.push(delivery.subject);
    deliver(delivery);
  };
  for (const [, { Properties }] of resourcesOf(template, 'AWS::CloudWatch::Alarm'))
    await cloudWatch.send(new PutMetricAlarmCommand(resolved(Properties) as PutMetricAlarmCommandInput));
  const heartbeat = template.Resources.HeartbeatAlarm?.Properties;
  const sweep = () =>
    cloudWatch.send(
      new PutMetricDataCommand({ Namespace: String(heartbeat?.Namespace), MetricData: [{ MetricName: 'Heartbeat', Value: 1 }] }),
    );
  return { aws, said, told, sweep, pass: (time: number) => aws.advanceTo(aws.world.clock.now() + time) };
};

/** What a deployment that fails leaves behind, and the next one would stumble over: it is kept, and has a name of its own. */
const obstacles = ({ Resources }: Template): string[] =>
  Object.entries(Resources).flatMap(([id, resource]) => {
    const { DeletionPolicy, Properties } = resource as { DeletionPolicy?: string; Properties?: Record<string, unknown> };
    const kept = DeletionPolicy === 'Retain' || DeletionPolicy === 'Snapshot' || Properties?.DeletionProtectionEnabled === true;
    return kept && nameOf(resource) !== undefined ? [id] : [];
  });

/** The service as it goes through their first hours. */
export const birth = (packaged: () => Template): void => {
  describe('a first deployment that fails', () => {
    test('leaves nothing that is in the way of the next', () => {
      expect(obstacles(packaged())).toEqual([]);
    });

    test('shows what would be', () => {
      const kept = planted(packaged(), ({ Ledger, AlarmTopic }) => {
        if (Ledger) Ledger.Properties.DeletionProtectionEnabled = true;
        Object.assign(AlarmTopic ?? {}, { DeletionPolicy: 'Retain' });
      });
      expect(obstacles(kept)).toEqual(['Ledger', 'AlarmTopic']);
    });
  });

  describe('its alarms, when they have just been made', () => {
    test('stay silent, with a first sweep after a quarter of an hour and with none at all', async () => {
      const { aws, said, told, sweep, pass } = await born(packaged());
      await pass(quarter);
      await sweep();
      await pass(quarter - minute);
      await sweep();
      await pass(8 * minute);
      expect([said, told]).toEqual([[], []]);
      await aws.close();

      const silent = await born(packaged());
      await silent.pass(3 * 60 * minute);
      expect([silent.said, silent.told]).toEqual([[], []]);
      await silent.aws.close();
    });

    test('show one that would go off', async () => {
      const hasty = planted(packaged(), ({ ScheduleAlarm }) => {
        if (ScheduleAlarm) ScheduleAlarm.Properties.TreatMissingData = 'breaching';
      });
      const { aws, said, told, pass } = await born(hasty);
      await pass(2 * minute);
      expect(said).toEqual(['selfheal-prod-no-schedule: ALARM']);
      expect(told).toHaveLength(1);
      await aws.close();
    });

    test('tell within an hour and a quarter of sweeps that have stopped', async () => {
      const { aws, said, told, sweep, pass } = await born(packaged());
      for (let i = 0; i < 4; i++) {
        await sweep();
        await pass(quarter);
      }
      expect(said).toEqual([]);
      await pass(60 * minute);
      expect(said).toEqual(['selfheal-prod-no-heartbeat: INSUFFICIENT_DATA']);
      expect(told).toEqual([expect.stringContaining('selfheal-prod-no-heartbeat')]);
      await aws.close();
    });
  });
};
