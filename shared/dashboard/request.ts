import * as z from 'zod';
import { failureIds } from '../model/failure-id.ts';
import { statuses } from '../model/status.ts';

/** What can be asked for: how an incident ended, or that it hasn't yet. */
export const states = ['open', ...statuses] as const;

/** A choice that is left out, `all` or empty takes everything; anything else must be one of the list. */
const choice = <const Values extends readonly [string, ...string[]]>(name: string, values: Values) =>
  z
    .enum(['', 'all', ...values], { error: `${name} must be one of: all, ${values.join(', ')}` })
    .transform((chosen) => (chosen === '' || chosen === 'all' ? null : (chosen as Values[number])))
    .optional();

const page = z.coerce.number({ error: 'page must be a number' }).int('page must be a whole number').min(1).max(1000);
const filters = { status: choice('status', states), failure: choice('failure', failureIds) };
const range = z.object({ start: z.number(), end: z.number() });

/**
 * What CloudWatch invokes a custom widget with: the widget's parameters, or those of the link that was followed, beside the context.
 * Only what is needed is read.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html
 */
export const widgetEventSchema = z.object({
  /** Set where its documentation is asked for. */
  describe: z.unknown().optional(),
  ...filters,
  page: page.optional(),
  widgetContext: z
    .object({
      theme: z.string().optional(),
      timezone: z.object({ offsetISO: z.string().optional() }).optional(),
      timeRange: range.extend({ zoom: range.optional() }).optional(),
      /** What stands in the fields of the widget as it is shown. */
      forms: z.object({ all: z.object(filters).optional() }).optional(),
      params: z.object(filters).nullish(),
    })
    .optional(),
});
type WidgetEvent = z.infer<typeof widgetEventSchema>;

export type WidgetRequest = {
  status: (typeof states)[number] | null;
  failure: (typeof failureIds)[number] | null;
  /** From 1 on. */
  page: number;
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  theme: 'light' | 'dark';
  /** Minutes east of UTC. */
  offset: number;
};

const offsetOf = (text = ''): number => {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(text) ?? [];
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
};

const day = 86_400_000;
/** A time that a Date can hold. */
const inTime = (at: number): number => Math.min(8.64e15, Math.max(0, at));

/**
 * What is to be shown. What somebody has chosen in the widget counts before what the link carries, and that before the dashboard's
 * own parameters. Without a time range it is the last day. `now` is in milliseconds since the epoch.
 */
export const readRequest = ({ widgetContext: context = {}, ...event }: WidgetEvent, now: number): WidgetRequest => {
  const { timeRange, theme, timezone, forms, params } = context;
  const given = [forms?.all, event, params];
  const first = <Key extends keyof typeof filters>(key: Key) => given.find((from) => from?.[key] !== undefined)?.[key] ?? null;
  const { start, end } = timeRange?.zoom ?? timeRange ?? { start: now - day, end: now };
  return {
    status: first('status'),
    failure: first('failure'),
    page: event.page ?? 1,
    from: inTime(Math.min(start, end)),
    to: inTime(Math.max(start, end)),
    theme: theme === 'dark' ? 'dark' : 'light',
    offset: offsetOf(timezone?.offsetISO),
  };
};
