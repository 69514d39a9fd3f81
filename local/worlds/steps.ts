import * as z from 'zod';
import { duration } from '../../shared/incident/duration.ts';
import { faultSchema } from '../faults.ts';
import { instanceRef, name } from './values.ts';

const failCall = faultSchema.options.find((option) => option.shape.fault.value === 'fail-call') as Extract<
  (typeof faultSchema.options)[number],
  { shape: { operation: unknown } }
>;
const { service, operation, code, message, status, rate, when, count } = failCall.shape;

/** When, counted from the moment at which the fleet stands and all is well. */
const at = duration;
/** How long it lasts; to the end, where it is left out. */
const lasts = { for: duration.optional() };
const zone = z.enum(['a', 'b', 'c']);

/** In words, for whoever watches; the fleet's names may stand in it as `${web}`. */
const note = z.string().min(1).max(500).optional();

const step = <Do extends string, Fields extends z.ZodRawShape>(what: Do, fields: Fields) =>
  z.strictObject({ at, do: z.literal(what), note, ...fields });
const toInstance = <Do extends string>(what: Do) => step(what, { on: instanceRef });

/** All that can happen to a scenario's world: what breaks, what people do, what AWS does, what is delivered. */
export const stepSchema = z.discriminatedUnion('do', [
  // What breaks.
  toInstance('hang-kernel'),
  toInstance('fail-host'),
  toInstance('leak-memory'),
  toInstance('fill-disk'),
  toInstance('interrupt-spot'),
  /** Hangs now, and again and again, each time so long after it is well. */
  step('relapse', { on: instanceRef, every: duration.default(300), ...lasts }),
  step('dark-zone', { zone, ...lasts }),
  step('exhaust-zone', { zone, ...lasts }),
  /** Percent of one instance's CPU, shared by the group. */
  step('add-load', { on: name, percent: z.number().positive(), ...lasts }),
  /** AWS stops it, or tells that it will in so long. */
  toInstance('stop-by-aws'),
  step('retire', { on: instanceRef, in: duration }),
  step('fail-calls', { service, operation, code, message, status, rate, when, count, ...lasts }),
  step('deliveries', { how: z.enum(['duplicate', 'delay', 'reorder', 'lose']), rate: z.number().min(0).max(1).default(1), ...lasts }),
  /** Somebody stops executions of selfheal's that run: the oldest ones, so many, or every one. */
  step('stop-executions', { count: z.int().min(1).optional() }),
  /** Every fault ends. What it broke doesn't heal by that, unless its cause was outside, as a dark zone's or a hung kernel's is. */
  step('all-clear', {}),

  // What people do.
  toInstance('stop'),
  toInstance('start'),
  toInstance('reboot'),
  toInstance('terminate'),
  /** From the operating system of the instance. */
  toInstance('shut-down'),
  step('tag', { on: instanceRef, key: z.string().min(1).max(128), value: z.string().max(256) }),
  step('untag', { on: instanceRef, key: z.string().min(1).max(128) }),
  step('protect', { on: instanceRef, from: z.enum(['stop', 'termination', 'scale-in']) }),
  step('resize', { on: name, desired: z.int().min(0).max(1000) }),
  step('suspend', { on: name, processes: z.array(z.string().min(1)).min(1), ...lasts }),
  step('resume', { on: name, processes: z.array(z.string().min(1)).min(1) }),
  /** An instance refresh: every member is replaced, one after the other. */
  step('deploy', { on: name }),
  /** Puts an alarm of the fleet into ALARM by hand, as a drill does. */
  step('force-alarm', { alarm: z.string().min(1).max(255) }),
  step('switch', { to: z.enum(['on', 'dry-run', 'off']) }),
  step('calendar', { name: z.string().min(3).max(300), open: z.boolean() }),

  // What is delivered besides what the world itself tells.
  step('deliver', {
    /** The event itself, or the file that holds it, from the scenario's folder on. */
    event: z.unknown().optional(),
    file: z.string().min(1).max(500).optional(),
    times: z.int().min(1).max(1000).default(1),
    every: duration.default(0),
  }),
  /** All that intake has been told so far, once more; or only what speaks of one resource. */
  step('redeliver', { on: instanceRef.optional() }),
]);
export type Step = z.output<typeof stepSchema>;
/** A step as it is written. */
export type WrittenStep = z.input<typeof stepSchema>;
