import type { Clients } from '../aws/clients.ts';
import type { Guard } from '../guards/guard.ts';
import type { Incident } from '../model/incident.ts';
import type { Place } from '../model/place.ts';
import type { PlaybookId } from '../model/playbook-id.ts';
import type { Policy } from '../model/policy.ts';
import type { Playbook } from '../playbooks/playbook.ts';
import type { Beats } from '../ports/beats.ts';
import type { KillSwitch } from '../ports/kill-switch.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { NameServers } from '../ports/name-servers.ts';
import type { Probe } from '../ports/probe.ts';
import type { Reporter } from '../ports/reporter.ts';
import type { observeResource } from '../resources/observe-resource.ts';
import type { DrainParts } from './drain.ts';
import type { whyNoFailure } from './silence.ts';

/** What says where an incident is treated. */
export type MemberIncident = Pick<Incident, 'key' | 'account' | 'region'> & { alarm: { arn: string | null } | null };

/** What the driver needs. */
export type DriverDeps = {
  clients: Clients;
  ledger: Ledger;
  policy: Policy;
  reporter: Reporter;
  /** The heartbeats in the ledger; without them, none is known to have come. */
  beats?: Pick<Beats, 'readBeat'>;
  /**
   * The account and region of the clients. Incidents from elsewhere are not looked up here, where the same names may mean other resources.
   */
  home?: Place;
  /**
   * What an incident of another account or region is treated with, which then counts as home, and what one is whose alarm is elsewhere; without it, those are for people.
   */
  members?: (
    incident: MemberIncident,
    home: Place,
  ) => Pick<DriverDeps, 'clients' | 'home' | 'away' | 'killSwitch' | 'observeResource'> | null;
  /** The member that it is in, if it isn't in the account and region of the stack. */
  away?: Place;
  /** Without one, only the policy limits what may be done. */
  killSwitch?: KillSwitch;
  /** What DNS says of delegations; without it, no record is restored. */
  nameServers?: NameServers;
  /** Requests URLs that must answer; without one, what the policy wants to answer is not proven. */
  probe?: Probe;
  /** Replaces how the absence of data is judged, for tests. */
  whyNoFailure?: typeof whyNoFailure;
  /** Replaces how instances are drained, for tests. */
  drain?: DrainParts;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** In [0, 1). */
  random: () => number;
  /** Replaces looks, guards and playbooks, for tests. */
  observeResource?: typeof observeResource;
  guards?: readonly Guard[];
  playbooks?: Readonly<Record<PlaybookId, Playbook>>;
};
