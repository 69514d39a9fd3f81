import type { Action } from '../../shared/actions/action.ts';
import type { Guard, GuardInput } from '../../shared/guards/guard.ts';
import { guards } from '../../shared/guards/index.ts';
import type { RemediateDeps } from '../../shared/handlers/remediate.ts';
import type { PlaybookId } from '../../shared/model/playbook-id.ts';
import type { Policy } from '../../shared/model/policy.ts';
import type { ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { playbooks } from '../../shared/playbooks/index.ts';
import type { LadderStep, Playbook } from '../../shared/playbooks/playbook.ts';
import type { KillSwitch } from '../../shared/ports/kill-switch.ts';
import type { Ledger } from '../../shared/ports/ledger.ts';
import type { Channel } from '../../shared/ports/reporter.ts';
import type { DriverDeps } from '../../shared/remediation/deps.ts';
import { observeResource } from '../../shared/resources/observe-resource.ts';
import type { HostOptions } from '../testbed/host.ts';
import type { PromiseId } from '../worlds/promises.ts';
import type { Kind } from './draw.ts';

/**
 * One deliberately broken protection, and the promises of which at least one must be reported as broken. `kind` and `minutes`: the kind of
 * world that shows it soonest, the usual mix where it is left out, and how long things break there.
 */
export type Sabotage = {
  summary: string;
  breaks: readonly PromiseId[];
  kind?: Kind;
  minutes?: number;
  meddle: NonNullable<HostOptions['meddle']>;
};

/** Leaves guards out. */
export const without =
  (...ids: string[]) =>
  (deps: DriverDeps): DriverDeps => {
    const left = (deps.guards ?? guards).filter(({ id }) => !ids.includes(id));
    return { ...deps, guards: left };
  };

/** One change after the other. */
export const both =
  (...changes: ((deps: DriverDeps) => DriverDeps)[]) =>
  (deps: DriverDeps): DriverDeps =>
    changes.reduce((changed, change) => change(changed), deps);

/** A guard that passes where it can't check. */
export const errorsPass = (guard: Guard): Guard => ({
  id: guard.id,
  check: async (input) => {
    try {
      return await guard.check(input);
    } catch {
      return { answer: 'pass' };
    }
  },
});

/** All playbooks with other steps. */
export const mapRungs = (change: (step: LadderStep) => LadderStep): Readonly<Record<PlaybookId, Playbook>> =>
  Object.fromEntries(
    Object.entries(playbooks).map(([id, playbook]) => [id, { ...playbook, ladder: playbook.ladder.map(change) }]),
  ) as unknown as Readonly<Record<PlaybookId, Playbook>>;

/** All playbooks with other actions. */
export const mapActions = (change: (action: Action) => Action) =>
  mapRungs((step) => (step.kind === 'act' ? { ...step, action: change(step.action) } : step));

/** All playbooks with other calls of one action, or of all. */
export const mapCalls = (id: string | null, change: (call: Action['steps'][number]['call']) => Action['steps'][number]['call']) =>
  mapActions((action) =>
    id === null || action.id === id
      ? { ...action, steps: action.steps.map((step) => ({ ...step, call: change(step.call) })) as unknown as Action['steps'] }
      : action,
  );

/** Changes the result of looks. */
export const seeing =
  (change: (facts: ResourceSnapshot) => ResourceSnapshot) =>
  (deps: DriverDeps): DriverDeps => ({
    ...deps,
    observeResource: async (...args) => change(await (deps.observeResource ?? observeResource)(...args)),
  });

/** Asks one guard about something else than there is. */
export const misleading =
  (id: string, change: (input: GuardInput) => GuardInput) =>
  (deps: DriverDeps): DriverDeps => ({
    ...deps,
    guards: (deps.guards ?? guards).map((guard) => (guard.id === id ? { id, check: (input) => guard.check(change(input)) } : guard)),
  });

/** Changes settings of the policy, of which the observer keeps the right ones. */
export const withPolicy =
  (change: (policy: Policy) => Partial<Policy>) =>
  (deps: DriverDeps): DriverDeps => ({ ...deps, policy: { ...deps.policy, ...change(deps.policy) } });

/** Replaces methods of the ledger. */
export const withLedger =
  (change: (ledger: Ledger) => Partial<Ledger>) =>
  (deps: DriverDeps): DriverDeps => ({ ...deps, ledger: { ...deps.ledger, ...change(deps.ledger) } });

/** Changes how outcomes are delivered. */
export const withChannels =
  (change: (channel: Channel) => Channel) =>
  ({ reporter, ...deps }: RemediateDeps): RemediateDeps => ({
    ...deps,
    reporter: { ...reporter, channels: reporter.channels.map(change) },
  });

/** Changes how the kill switch is read. */
export const withSwitch =
  (change: (read: KillSwitch['read']) => KillSwitch['read']) =>
  (deps: DriverDeps): DriverDeps =>
    deps.killSwitch ? { ...deps, killSwitch: { read: change(deps.killSwitch.read) } } : deps;
