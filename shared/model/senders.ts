import * as z from 'zod';
import { accountId, settings } from './settings.ts';

const accounts = (what: string) => z.array(accountId).max(50).default([]).describe(what);

/** The part of the policy that says which accounts may send events about others. */
export const sendersSchema = settings({
  monitoring: accounts('Monitoring accounts, whose alarms may be about metrics of other accounts'),
  health: accounts('Accounts to which AWS Health tells what affects other accounts of the organisation'),
});

export type Senders = z.infer<typeof sendersSchema>;
