import * as z from 'zod';
import { parseJson } from '../../shared/model/json.ts';
import type { Answer } from '../../shared/ports/post.ts';

/** In bytes. */
const maxEvent = 512 * 1024;

const optional = { client: z.string(), client_url: z.string(), images: z.array(z.object({ src: z.string() })) };

const event = z.object({
  routing_key: z.string().length(32, "Length of 'routing_key' is incorrect (should be 32 characters)"),
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
  dedup_key: z.string().max(255).optional(),
  links: z.array(z.object({ href: z.url(), text: z.string().optional() })).optional(),
  payload: z
    .object({
      summary: z.string().min(1).max(1024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: z.iso.datetime({ offset: true }).optional(),
      component: z.string().optional(),
      group: z.string().optional(),
      class: z.string().optional(),
      custom_details: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
    })
    .optional(),
  ...z.object(optional).partial().shape,
});

export type PagerEvent = z.infer<typeof event>;

/** An alert as PagerDuty keeps it: its key, its first event, and whether it is over. */
export type Alert = { key: string; event: PagerEvent; triggers: number; resolved: boolean };

/**
 * PagerDuty's Events API v2, as documented: events with the key of an open alert join it, and one that resolves without an open alert is
 * dropped. https://developer.pagerduty.com/docs/events-api-v2-overview
 */
export const createPager = () => {
  const alerts: Alert[] = [];
  const events: PagerEvent[] = [];
  const listeners: ((action: PagerEvent['event_action'], key: string) => void)[] = [];
  const answer = (status: number, body: object): Answer => ({ status, body: JSON.stringify(body) });
  const invalid = (errors: string[]) => answer(400, { status: 'invalid event', message: 'Event object is invalid', errors });
  const receive = (text: string): Answer => {
    if (Buffer.byteLength(text) > maxEvent) return answer(413, {});
    const read = event.safeParse(parseJson(text));
    if (!read.success) return invalid(read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
    const { event_action: action, dedup_key: key = `generated-${events.length}`, payload } = read.data;
    if (action === 'trigger' && !payload) return invalid(["'payload' is missing or blank"]);
    events.push(read.data);
    for (const tell of listeners) tell(action, key);
    const open = alerts.find((alert) => alert.key === key && !alert.resolved);
    if (action === 'resolve' && open) open.resolved = true;
    if (action === 'trigger' && open) open.triggers++;
    if (action === 'trigger' && !open) alerts.push({ key, event: read.data, triggers: 1, resolved: false });
    return answer(202, { status: 'success', message: 'Event processed', dedup_key: key });
  };
  return {
    alerts,
    events,
    receive,
    onEvent: (listener: (typeof listeners)[number]) => {
      listeners.push(listener);
    },
  };
};

export type Pager = ReturnType<typeof createPager>;
