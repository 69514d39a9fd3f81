import { bus } from './bus.ts';
import type { ChannelModule } from './channel.ts';
import { chat } from './chat.ts';
import { metrics } from './metrics.ts';
import { people } from './people.ts';

/** In the order in which they are tried: metrics, which need nobody's permission, then people, who may have to act, then machines. */
export const channels: readonly ChannelModule[] = [metrics, people, chat, bus];

/** Permissions of all their calls, by what they are for; held against the packaged template. */
export const reportPermissions = [...new Set(channels.flatMap(({ reports }) => reports.permissions))];
export const questionPermissions = [...new Set(channels.flatMap(({ questions }) => questions?.permissions ?? []))];
