import type { Check } from './check.ts';
import { clock } from './checks/clock.ts';
import { concurrency } from './checks/concurrency.ts';
import { deadLetters } from './checks/dead-letters.ts';
import { event } from './checks/event.ts';
import { key } from './checks/key.ts';
import { killSwitch } from './checks/kill-switch.ts';
import { permissions } from './checks/permissions.ts';
import { rules } from './checks/rules.ts';
import { subscriptions } from './checks/subscriptions.ts';
import { table } from './checks/table.ts';
import { tags } from './checks/tags.ts';

/** What only reads, in the order in which it is looked at. The event comes last. */
export const checks: readonly Check[] = [clock, killSwitch, table, rules, subscriptions, key, concurrency, deadLetters, permissions, tags];

/** IAM actions of all checks. Tests compare them with the packaged template, and with what is called. */
export const doctorPermissions: readonly string[] = [...new Set([...checks, event].flatMap(({ permissions: own }) => own))];
