import * as z from 'zod';
import { accountOrUnit, accountsIn, type Organization } from './organization.ts';
import { settings } from './settings.ts';

const accounts = (what: string) => z.array(accountOrUnit).max(50).default([]).describe(what);

/** The part of the policy that says which accounts may send events about others. */
export const sendersSchema = settings({
  monitoring: accounts('Monitoring accounts, whose alarms may be about metrics of other accounts'),
  health: accounts('Accounts to which AWS Health tells what affects other accounts of the organisation'),
});

/** Accounts alone, once units are resolved. */
export type Senders = z.infer<typeof sendersSchema>;

/** The accounts that are meant, those of units too. */
export const sendersIn = ({ monitoring, health }: Senders, organization: Organization): Senders => ({
  monitoring: accountsIn(monitoring, organization),
  health: accountsIn(health, organization),
});
