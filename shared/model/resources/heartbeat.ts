import { defineResourceType } from './definition.ts';

/** What sends a heartbeat, if the policy names no resource for it. */
export const heartbeat = defineResourceType({
  idPattern: /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/,
  observed: 'own',
  unread: 'heartbeats',
});
