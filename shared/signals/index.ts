import { acm } from './acm.ts';
import { autoScaling } from './auto-scaling.ts';
import { awsHealth } from './aws-health.ts';
import { capacityReservation } from './capacity-reservation.ts';
import { cloudwatchAlarm } from './cloudwatch-alarm.ts';
import { ebs } from './ebs.ts';
import { ec2Fleet, spotFleet } from './ec2-fleet.ts';
import { ec2State } from './ec2-state.ts';
import { ecs } from './ecs.ts';
import { heartbeat } from './heartbeat.ts';
import { lambdaFailure } from './lambda-failure.ts';
import type { SignalModule } from './module.ts';
import { other } from './other.ts';
import { rds } from './rds.ts';
import { spotInterruption } from './spot-interruption.ts';
import { spotRebalance } from './spot-rebalance.ts';
import { synthetics } from './synthetics.ts';
import { zonalShift } from './zonal-shift.ts';

/** All kinds of event that are understood. */
export const signalModules = [
  cloudwatchAlarm,
  ec2State,
  spotInterruption,
  spotRebalance,
  capacityReservation,
  autoScaling,
  ec2Fleet,
  spotFleet,
  ebs,
  awsHealth,
  rds,
  ecs,
  synthetics,
  zonalShift,
  acm,
  lambdaFailure,
  heartbeat,
  // Last: it claims everything else.
  other,
];

type Module = (typeof signalModules)[number];
export type SignalKind = Module['kind'];
/** The facts that signals of a kind report. */
export type FactOf<Kind extends SignalKind> = Extract<Module, { kind: Kind }>['facts'][number];

/** Modules of EventBridge events, by `source|detail-type`. */
export const eventModules: ReadonlyMap<string, NonNullable<SignalModule['events']>> = new Map(
  signalModules.flatMap(({ events }) =>
    events === undefined ? [] : events.detailTypes.map((type) => [`${events.source}|${type}`, events] as const),
  ),
);

/** Modules of messages without an EventBridge envelope, tried in order. */
export const messageModules = signalModules.flatMap(({ message }) => (message === undefined ? [] : [message]));
