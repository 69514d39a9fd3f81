import type { Clients } from '../aws/clients.ts';
import type { look } from '../aws/look.ts';
import type { Guard } from '../guards/guard.ts';
import type { PlaybookId } from '../model/playbook-id.ts';
import type { Policy } from '../model/policy.ts';
import type { Playbook } from '../playbooks/playbook.ts';
import type { KillSwitch } from '../ports/kill-switch.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Reporter } from '../ports/reporter.ts';

export type DriverDeps = {
  clients: Clients;
  ledger: Ledger;
  policy: Policy;
  reporter: Reporter;
  /** Where the clients look: what happened elsewhere is not looked for here, where the same names may mean other things. */
  home?: { account: string; region: string };
  /** Without one, nothing but the policy says what may be done. */
  killSwitch?: KillSwitch;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** In [0, 1). */
  random: () => number;
  /** What is looked with, asked and climbed: the real ones unless said otherwise. */
  look?: typeof look;
  guards?: readonly Guard[];
  playbooks?: Readonly<Record<PlaybookId, Playbook>>;
};
