import { formatDuration } from '../../shared/model/duration.ts';
import { storyOf, timelineLines } from '../terminal/story.ts';
import type { Style } from '../terminal/style.ts';
import { jsonOfAct, tellAct } from './acts.ts';
import type { Deployment } from './deployment.ts';
import type { Found } from './find.ts';
import { minuteOf } from './minute.ts';
import { tellWaits, waitsOf } from './waits.ts';

/** What people did about an incident, oldest first. Someone may have asked for it just before it was opened. */
const actsOn = async ({ acts }: Deployment, { key, openedAt, outcome }: Found, now: number) =>
  (await acts.list(openedAt, outcome ? Math.max(openedAt, Date.parse(outcome.endedAt)) : now))
    .filter(({ incident }) => incident === key)
    .reverse();

/** All that is recorded of an incident, as JSON. */
export const jsonOfFound = async (deployment: Deployment, found: Found): Promise<object> => {
  const { key, outcome, incident, openedAt, begun, story, out } = found;
  const now = await deployment.now();
  const acts = (await actsOn(deployment, found, now)).map(jsonOfAct);
  const opened = { openedAt: new Date(openedAt).toISOString(), acts };
  if (outcome) return { ...outcome, ...opened };
  const { questions, holder, stop } = await waitsOf(deployment, key, found, now);
  const waits = { holder, stop, questions: questions.map((one) => ({ ...one, expiresAt: new Date(one.expiresAt).toISOString() })) };
  const { failure, severity, resource, account, region, playbook } = incident ?? {};
  return {
    incident: key,
    failure,
    severity,
    resource,
    account,
    region,
    playbook,
    status: 'open',
    ...opened,
    waits,
    begun,
    out,
    timeline: story,
  };
};

/** An incident for people: its story, and what it waits for if it is open. */
export const tellFound = async (deployment: Deployment, found: Found, style: Style): Promise<string> => {
  const { key, outcome, incident, openedAt, story } = found;
  const about = style.wrap(`incident ${key}`, 2);
  const now = await deployment.now();
  const acts = (await actsOn(deployment, found, now)).map((act) => style.wrap(tellAct(act), 5, '     '));
  if (outcome) {
    const quiet = outcome.quiet ? [style.dim('  nobody was told')] : [];
    return [about, storyOf({ ...outcome, quiet: false }, style), ...acts, ...quiet].join('\n');
  }
  const waits = await waitsOf(deployment, key, found, now);
  const head =
    incident === null ? 'what it is about is not recorded' : `${incident.failure} on ${incident.resource.type} ${incident.resource.id}`;
  const open = `open for ${formatDuration((now - openedAt) / 1000)}, since ${minuteOf(openedAt)} UTC`;
  const asked = waits.questions.flatMap(({ id, action, why }) => [
    style.wrap(`why it asks: ${why}`, 5, '     '),
    style.wrap(`question ${id}, for ${action}`, 5, '     '),
  ]);
  const waiting = waits.stop || waits.holder !== null || waits.questions.length > 0 || story.length === 0 ? tellWaits(waits) : [];
  return [
    about,
    style.bold(style.wrap(head, 2)),
    ...timelineLines(story, style),
    style.wrap([open, ...waiting].join(': '), 5, '  => '),
    ...asked,
    ...acts,
  ].join('\n');
};
