import * as z from 'zod';
import { parseCron } from './cron.ts';
import { limit, minuteMs } from './duration.ts';
import { errorMessage } from './errors.ts';
import { abilities } from './playbook-abilities.ts';
import { isBuiltIn, playbookId } from './playbook-id.ts';
import { resourceTypes } from './resource.ts';
import { isValidResourceId } from './resources/index.ts';
import { runbookAddress } from './runbook.ts';
import { oneOf, settings } from './settings.ts';
import { timeZone } from './time-zone.ts';

/** The name of a heartbeat, as it stands in its address, its events and the ledger. */
export const beatName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, 'must be a name of up to 64 small letters, digits and hyphens, such as nightly-export');

/** The maximum number of heartbeats: as many as one call reads from the ledger. */
const most = 100;

const cron = z
  .string()
  .max(256)
  .superRefine((text, context) => {
    try {
      parseCron(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: errorMessage(error) });
    }
  });

const beatSchema = settings({
  name: beatName.describe('Its name, as it stands in its address, its events and every message'),
  every: limit('5m', '366d').optional().describe('The longest time between two beats; either this or schedule'),
  schedule: cron
    .optional()
    .describe('When beats are due, as a cron expression of EventBridge Scheduler such as cron(0 2 ? * MON-FRI *); either this or every'),
  timeZone: timeZone.optional().describe("The IANA time zone of the schedule's times, including daylight saving time; UTC if left out"),
  grace: limit('1m', '30d').describe('How late a beat may be'),
  subject: settings({
    type: oneOf(resourceTypes).describe('The type of the resource'),
    id: z.string().min(1).max(2048).describe('Its id'),
  })
    .optional()
    .describe("What doesn't run if no beat comes; the heartbeat itself if left out"),
  playbook: playbookId.optional().describe('The playbook to run then; without one, people are notified'),
  runbook: runbookAddress.optional().describe('The address of its runbook'),
})
  .refine(({ every, schedule }) => (every === undefined) !== (schedule === undefined), {
    error: 'must have either every or schedule',
  })
  .refine(({ schedule, timeZone }) => timeZone === undefined || schedule !== undefined, {
    path: ['timeZone'],
    error: 'has no effect without schedule',
  })
  .refine(({ subject }) => subject === undefined || isValidResourceId(subject), {
    path: ['subject', 'id'],
    error: 'not an id of that type',
  })
  .refine(
    ({ playbook, subject }) =>
      playbook === undefined || (subject && (!isBuiltIn(playbook) || abilities[playbook].subjects.includes(subject.type))),
    {
      path: ['playbook'],
      error: 'needs a subject of a type that this playbook can act on',
    },
  );

/** A heartbeat: a job or a device that says by itself that it runs, and the time at which it must have said so. */
export type Beat = z.infer<typeof beatSchema>;

/** The policy's heartbeats. */
export const beatsSchema = z
  .array(beatSchema)
  .max(most)
  .superRefine((beats, context) => {
    const names = beats.map(({ name }) => name);
    for (const [index, name] of names.entries())
      if (names.indexOf(name) < index) context.addIssue({ code: 'custom', path: [index, 'name'], message: `there are two ${name}` });
  });

/** How early a beat may be, since clocks differ; in milliseconds. */
const early = minuteMs;

/** Whether a beat is for this due time or a later one. Both are milliseconds since the epoch. */
export const isFor = (beat: number, due: number): boolean => beat >= due - early;
