/** Ids of the notification channels. */
export const channelIds = ['metrics', 'people', 'chat', 'bus'] as const;

export type ChannelId = (typeof channelIds)[number];
