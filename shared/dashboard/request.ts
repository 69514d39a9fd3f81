import * as z from 'zod';
import { dayMs } from '../model/duration.ts';
import { failureIds } from '../model/failure-id.ts';
import { statuses } from '../model/status.ts';

/** Filter values: how an incident ended, or that it is open. */
export const states = ['open', ...statuses] as const;

/** A filter that is missing, `all` or empty matches everything; any other value must be in the list. */
const choice = <const Values extends readonly [string, ...string[]]>(name: string, values: Values) =>
  z
    .enum(['', 'all', ...values], { error: `${name} must be one of: all, ${values.join(', ')}` })
    .transform((chosen) => (chosen === '' || chosen === 'all' ? null : (chosen as Values[number])))
    .optional();

const page = z.coerce.number({ error: 'page must be a number' }).int('page must be a whole number').min(1).max(1000);
const filters = { status: choice('status', states), failure: choice('failure', failureIds) };
const range = z.object({ start: z.number(), end: z.number() });

/**
 * The event of a custom widget: the widget's parameters, or those of the link that was followed, and the context. Only used fields are
 * listed.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html
 */
export const widgetEventSchema = z.object({
  /** Set when CloudWatch requests the documentation. */
  describe: z.unknown().optional(),
  ...filters,
  page: page.optional(),
  widgetContext: z
    .object({
      theme: z.string().optional(),
      timezone: z.object({ offsetISO: z.string().optional() }).optional(),
      timeRange: range.extend({ zoom: range.optional() }).optional(),
      /** The current values of the widget's form fields. */
      forms: z.object({ all: z.object(filters).optional() }).optional(),
      params: z.object(filters).nullish(),
    })
    .optional(),
});
type WidgetEvent = z.infer<typeof widgetEventSchema>;

/** What the widget shows. */
export type WidgetRequest = {
  status: (typeof states)[number] | null;
  failure: (typeof failureIds)[number] | null;
  /** Counts from 1. */
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

/** Clamps to the range of a Date. */
const clampToDate = (at: number): number => Math.min(8.64e15, Math.max(0, at));

/**
 * Reads the request. Form fields take precedence over the link's parameters, and those over the dashboard's. The default range is the last
 * day. `now` is in milliseconds since the epoch.
 */
export const readRequest = ({ widgetContext: context = {}, ...event }: WidgetEvent, now: number): WidgetRequest => {
  const { timeRange, theme, timezone, forms, params } = context;
  const given = [forms?.all, event, params];
  const first = <Key extends keyof typeof filters>(key: Key) => given.find((from) => from?.[key] !== undefined)?.[key] ?? null;
  const { start, end } = timeRange?.zoom ?? timeRange ?? { start: now - dayMs, end: now };
  return {
    status: first('status'),
    failure: first('failure'),
    page: event.page ?? 1,
    from: clampToDate(Math.min(start, end)),
    to: clampToDate(Math.max(start, end)),
    theme: theme === 'dark' ? 'dark' : 'light',
    offset: offsetOf(timezone?.offsetISO),
  };
};
