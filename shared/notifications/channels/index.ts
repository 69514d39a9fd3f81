import { bus } from './bus.ts';
import type { ChannelModule } from './channel.ts';
import { chat } from './chat.ts';
import { metrics } from './metrics.ts';
import { opsCenter } from './ops-center.ts';
import { pagerDuty } from './pagerduty.ts';
import { people } from './people.ts';
import { webhook } from './webhook.ts';

/** All channels, in the order in which they are tried: metrics, which can't be refused, then people, who may have to act, then machines. */
export const channels: readonly ChannelModule[] = [metrics, people, pagerDuty, opsCenter, chat, bus, webhook];

/** IAM actions of all their calls, by purpose. A test compares them with the packaged template. */
export const reportPermissions = [...new Set(channels.flatMap(({ reports }) => reports.permissions))];
export const questionPermissions = [...new Set(channels.flatMap(({ questions }) => questions?.permissions ?? []))];
