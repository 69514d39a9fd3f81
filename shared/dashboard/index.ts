import middy from '@middy/core';
import { incidentsPermissions } from '../aws/incident-archive.ts';
import { errorName } from '../model/errors.ts';
import { failureIds } from '../model/failure-id.ts';
import { failureInKey } from '../model/incident.ts';
import { type Bounded, unbounded } from '../ports/deadline.ts';
import type { Incidents, RecordedIncident } from '../ports/incident-archive.ts';
import type { Log } from '../ports/log.ts';
import { readRequest, states, type WidgetRequest, widgetEventSchema } from './request.ts';
import { messageOf, viewOf } from './view.ts';

/** IAM actions of the widget's look-ups. A test compares them with the packaged template. */
export const widgetPermissions = incidentsPermissions;

/** What the widget needs. */
export type WidgetDeps = {
  incidents: Pick<Incidents, 'recent'>;
  now: () => number;
  log: Log;
  bounded?: Bounded;
};

/** The maximum number of incidents read, whatever the time range: each comes with its whole timeline. */
const maxIncidents = 200;
const perPage = 20;

/**
 * The documentation that CloudWatch shows while a widget is added to a dashboard; it reads the parameters from the first YAML block.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_create.html
 */
const description = `## Recent incidents
What selfheal has found in the dashboard's time range, how it ended, and, for each incident, the story: what was seen, decided, done and verified.

### Parameters
Param | Description
---|---
**status** | Only incidents in this state: ${states.map((state) => `\`${state}\``).join(', ')}. Default: all.
**failure** | Only incidents of this failure class: ${failureIds.map((id) => `\`${id}\``).join(', ')}. Default: all.

### Example parameters
\`\`\` yaml
status: escalated
\`\`\``;

const matches =
  ({ status, failure }: WidgetRequest) =>
  ({ incident, outcome }: RecordedIncident): boolean =>
    (status === null || (outcome?.status ?? 'open') === status) &&
    // An open incident has no outcome yet, but its key has its failure class.
    (failure === null || (outcome?.failure ?? failureInKey(incident)) === failure);

/**
 * Serves CloudWatch's custom widget: its documentation on `describe`, else the incidents as HTML. A wrong parameter or a failed look-up is
 * shown in the widget in one line, since an error would show as a stack trace.
 */
export const createWidget = ({ incidents, now, log, bounded = unbounded }: WidgetDeps) =>
  middy().handler(async (event: unknown, { invokedFunctionArn }: { invokedFunctionArn: string }) => {
    const read = widgetEventSchema.safeParse(event ?? {});
    if (!read.success) return messageOf(`selfheal: ${read.error.issues[0]?.message}`);
    if (read.data.describe) return description;
    const at = now();
    const request = readRequest(read.data, at);
    try {
      const found = await bounded(() => incidents.recent({ from: request.from, to: request.to, limit: maxIncidents }));
      const matching = found.filter(matches(request));
      const pages = Math.max(1, Math.ceil(matching.length / perPage));
      const page = Math.min(request.page, pages);
      return viewOf({
        request: { ...request, page },
        incidents: matching.slice((page - 1) * perPage, page * perPage),
        total: matching.length,
        pages,
        cut: found.length >= maxIncidents,
        endpoint: invokedFunctionArn,
        now: at,
      });
    } catch (error) {
      log({ level: 'ERROR', message: 'the incidents could not be read', error: String(error).slice(0, 500) });
      return messageOf(`selfheal: the incidents could not be read (${errorName(error)}). The function's log says more.`);
    }
  });
