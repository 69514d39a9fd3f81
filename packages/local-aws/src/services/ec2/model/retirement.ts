import type { HealthEvents } from '../events/health-events.ts';
import type { Fleet } from './fleet.ts';
import type { Instance, ScheduledEvent } from './instance.ts';
import type { InstanceLifecycle } from './instance-lifecycle.ts';

const typeCode = 'AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED';
const description = 'The instance is running on degraded hardware';

/**
 * Scheduled retirement of an instance's host: announced on AWS Health and in DescribeInstanceStatus, carried out at its time as a stop.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/schedevents_actions_retire.html
 */
export const createRetirement = (fleet: Fleet, lifecycle: InstanceLifecycle, healthEvents: HealthEvents) => {
  const { world, random } = fleet;
  const { clock } = world;

  const tell = (instance: Instance, event: ScheduledEvent, status: 'upcoming' | 'closed'): void =>
    healthEvents.health(instance, {
      ...event.healthEvent,
      typeCode,
      category: 'scheduledChange',
      status,
      entityStatus: status === 'closed' ? 'RESOLVED' : 'PENDING',
      start: event.notBefore,
      end: event.notAfter,
      text: `EC2 has detected degradation of the underlying hardware hosting your instance ${instance.id}. It will be stopped after ${new Date(event.notBefore).toUTCString()}. You can stop and start it at any time before that to move it to another host.`,
    });

  world.subscribe((worldEvent) => {
    if (worldEvent.type !== 'instance-state' || (worldEvent.to !== 'stopped' && worldEvent.to !== 'terminated')) return;
    const instance = fleet.instances.get(worldEvent.instanceId);
    if (!instance) return;
    for (const event of instance.events) {
      if (event.completed) continue;
      event.completed = true;
      tell(instance, event, 'closed');
    }
  });

  /**
   * Schedules the stop of an instance whose host is to be retired, at `notBefore` (milliseconds since the epoch). A stop and start
   * before that moves it to another host and completes the event. Returns what withdraws it.
   */
  return (instanceId: string, notBefore: number): (() => void) => {
    const instance = fleet.expect(instanceId);
    const event: ScheduledEvent = {
      id: `instance-event-0${random.hex(16)}`,
      code: 'instance-stop',
      description,
      notBefore,
      notAfter: notBefore,
      healthEvent: healthEvents.healthIdentity(typeCode),
      completed: false,
    };
    instance.events.push(event);
    tell(instance, event, 'upcoming');
    clock.at(notBefore, () => {
      if (!event.completed && instance.described.state === 'running') lifecycle.stop(instance, 'retirement', { force: true });
    });
    return () => {
      if (event.completed) return;
      instance.events.splice(instance.events.indexOf(event), 1);
      event.completed = true;
      tell(instance, event, 'closed');
    };
  };
};
