import * as z from 'zod';

/** Environment variables of a hub. */
export const memberVariables = {
  /** The name of the members' roles, up to the region; there are no members if empty. */
  MEMBER_ROLE: z.string().default(''),
  MEMBER_EXTERNAL_ID: z.string().default(''),
};
