import { cloudwatchAlarm } from './cloudwatch-alarm.ts';
import { ec2State } from './ec2-state.ts';
import type { SignalModule } from './module.ts';

/** Every kind of event that is understood. A new one is one file, its test, its sample events and one line here. */
export const signalModules: readonly SignalModule[] = [cloudwatchAlarm, ec2State];

/** EventBridge events by `source|detail-type`. */
export const eventModules: ReadonlyMap<string, NonNullable<SignalModule['events']>> = new Map(
  signalModules.flatMap(({ events }) =>
    events === undefined ? [] : events.detailTypes.map((type) => [`${events.source}|${type}`, events] as const),
  ),
);

/** Messages without an EventBridge envelope, asked in order. */
export const messageModules = signalModules.flatMap(({ message }) => (message === undefined ? [] : [message]));
