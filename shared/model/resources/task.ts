import { defineResourceType } from './definition.ts';

export const task = defineResourceType({
  idPattern: /^[!-~]{1,1024}$/,
  ownerTells: /^service:/,
  unread: 'tasks whose cluster is unknown',
  treated: { seen: ({ task }) => task, within: ({ service }) => service ?? null },
});
