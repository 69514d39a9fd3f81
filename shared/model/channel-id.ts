/** Ids of the notification channels. */
export const channelIds = ['metrics', 'people', 'pagerduty', 'ops-center', 'chat', 'bus', 'webhook'] as const;

type ChannelKind = (typeof channelIds)[number];

/** A channel of a deployment: `webhook/NAME` where there may be several of a kind. */
export type ChannelId = ChannelKind | `${ChannelKind}/${string}`;

/** Those of the texts that are channels known here, in the order in which they are tried. */
export const channelsAmong = (texts: readonly string[]): ChannelId[] =>
  channelIds.flatMap((id) => texts.filter((text): text is ChannelId => text === id || text.startsWith(`${id}/`)));
