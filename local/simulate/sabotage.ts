import { StepSemantics } from '@aws/durable-execution-sdk-js';
import { CreateTagsCommand } from '@aws-sdk/client-ec2';
import {
  DeleteDBInstanceCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  FailoverDBClusterCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import type { Action } from '../../shared/actions/action.ts';
import { drainCalls } from '../../shared/actions/drain.ts';
import { planDrain } from '../../shared/guards/drain.ts';
import { guards } from '../../shared/guards/index.ts';
import { durableOf } from '../../shared/handlers/durable-context.ts';
import { type HealthCheck, healthy, unhealthy } from '../../shared/health/health.ts';
import type { Command } from '../../shared/model/command.ts';
import { serialOf } from '../../shared/model/disk.ts';
import { hourMs } from '../../shared/model/duration.ts';
import { typesOfResource } from '../../shared/model/resources/index.ts';
import type { Rung } from '../../shared/playbooks/playbook.ts';
import { commandRung } from '../../shared/playbooks/with-command.ts';
import type { removeReaders } from '../../shared/recovery/remove-readers.ts';
import type { DriverDeps } from '../../shared/remediation/deps.ts';
import { observeResource } from '../../shared/resources/observe-resource.ts';
import { both, errorsPass, mapActions, mapCalls, mapRungs, type Sabotage, seeing, without } from './meddling.ts';
import { slips } from './slips.ts';
import { trespasses } from './trespasses.ts';

export type { Sabotage } from './meddling.ts';

/** Takes whatever is looked at after an action for healthy. */
const isAfterAction: HealthCheck['check'] = ({ facts, before }) =>
  facts.at > before.at ? healthy('the exit code is 0') : unhealthy('no command has run');

/** Changes the rungs that run the one command of the policy. */
const withCommands =
  (change: (step: Rung, name: string, command: Command) => Rung) =>
  (deps: DriverDeps): DriverDeps => {
    const [first] = Object.entries(deps.policy.commands);
    if (!first) return deps;
    return {
      ...deps,
      playbooks: mapRungs((step) => (step.kind === 'act' && step.action.id === 'run-command' ? change(step, ...first) : step)),
    };
  };

/** What a command was sent to is healthy, whatever its alarm says. */
const trustsExitCodes = (deps: DriverDeps): DriverDeps => {
  const sentTo = new Set<string>();
  const trusting = withCommands((step, name, command) => {
    const made = commandRung(step, { ...command, name });
    const [send] = made.action.steps;
    const call: typeof send.call = async (clients, input) => {
      await send.call(clients, input);
      sentTo.add(input.target.id);
    };
    return {
      ...made,
      action: { ...made.action, steps: [{ ...send, call }] },
      healthy: [{ id: 'exit-code', check: isAfterAction }],
    };
  });
  const seesOk = seeing((facts) =>
    facts.alarm && sentTo.has(facts.instance?.id ?? '') ? { ...facts, alarm: { ...facts.alarm, state: 'OK' } } : facts,
  );
  return both(trusting, seesOk)(deps);
};

/** Two guards protect a member; one of them only checks for a successor, and its other answers stay. */
const overlooksLoadBalancer = (deps: DriverDeps): DriverDeps => ({
  ...deps,
  guards: (deps.guards ?? guards).map((guard) =>
    guard.id === 'asg-constraints'
      ? {
          id: guard.id,
          check: (input) => {
            const { group } = input.facts;
            return guard.check(group ? { ...input, facts: { ...input.facts, group: { ...group, balanced: false } } } : input);
          },
        }
      : guard,
  ),
});

/** The look after any action reports it as healthy. */
const rosyObservation = (): typeof observeResource => {
  const looks = new Map<string, number>();
  return async (clients, incident, now, known, depth) => {
    const facts = await observeResource(clients, incident, now, known, depth);
    const count = (looks.get(incident.key) ?? 0) + 1;
    looks.set(incident.key, count);
    if (count < 3) return facts;
    return {
      ...facts,
      instance: facts.instance && { ...facts.instance, state: 'running' },
      status: facts.status && { ...facts.status, system: 'ok', instance: 'ok' },
      alarm: facts.alarm && { ...facts.alarm, state: 'OK' },
    };
  };
};

/** Writes what ACM names into the first zone that the policy names, and asks nothing more. */
const upsertsAnything = (deps: DriverDeps): DriverDeps => ({
  ...deps,
  playbooks: mapCalls('restore-validation-record', () => async (clients, { facts: { certificate }, policy, dryRun }) => {
    const [HostedZoneId] = policy.certificates.zones;
    const Changes = (certificate?.records ?? []).map(({ name: Name, value: Value }) => ({
      Action: 'UPSERT' as const,
      ResourceRecordSet: { Name, Type: 'CNAME' as const, TTL: 300, ResourceRecords: [{ Value }] },
    }));
    if (!dryRun) await clients.of(Route53Client).send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));
  }),
});

/** Fails a cluster over to the first reader that it has, whoever writes and whoever is behind. */
const failsOverAnywhere = (deps: DriverDeps): DriverDeps => ({
  ...deps,
  guards: (deps.guards ?? guards).map((guard) =>
    ['database-ready', 'cluster-share'].includes(guard.id)
      ? { id: guard.id, check: (input) => (input.action.id === 'fail-over-cluster' ? { answer: 'pass' } : guard.check(input)) }
      : guard,
  ),
  playbooks: mapCalls('fail-over-cluster', () => async (clients, { target, facts: { database }, dryRun }) => {
    const TargetDBInstanceIdentifier = database?.members?.readers[0]?.id;
    const input = { DBClusterIdentifier: target.id, TargetDBInstanceIdentifier };
    if (!dryRun) await clients.of(RDSClient).send(new FailoverDBClusterCommand(input));
  }),
});

/** Adds a replica to what the policy names, whatever is asked of it and however many it has. */
const replicatesAnything = (deps: DriverDeps): DriverDeps => ({
  ...deps,
  guards: (deps.guards ?? guards).map((guard) =>
    guard.id === 'database-ready'
      ? { id: guard.id, check: (input) => (input.action.id === 'add-replica' ? { answer: 'pass' } : guard.check(input)) }
      : guard,
  ),
});

/** Takes away the first reader of a cluster, or replica of an instance, that one was added to, an hour later. */
const deletesAnyReader: typeof removeReaders = async ({ readers, rds, now }) => {
  for (const { id, place, cluster, replica, calmFrom } of await readers.madeReaders()) {
    if (calmFrom > now() - hourMs) continue;
    const inCluster = async () => {
      const { DBClusters } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: cluster }));
      return DBClusters?.[0]?.DBClusterMembers?.find(({ IsClusterWriter }) => !IsClusterWriter)?.DBInstanceIdentifier;
    };
    const ofInstance = async () => {
      const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: cluster }));
      return DBInstances?.[0]?.ReadReplicaDBInstanceIdentifiers?.[0];
    };
    const any = await (replica ? ofInstance() : inCluster());
    if (any === undefined) continue;
    await readers.forgetReader({ id, place });
    await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: any, SkipFinalSnapshot: true }));
    return 1;
  }
  return 0;
};

/** Every way to break selfheal that the simulation must notice. */
export const sabotages: Readonly<Record<string, Sabotage>> = {
  'no-opt-in': { summary: 'acts on resources without the opt-in tag', breaks: ['opt-in'], meddle: { deps: without('opt-in') } },
  'guard-errors-pass': {
    summary: 'treats a guard that could not check as one that passed',
    breaks: ['kill-switch', 'people-first', 'blast-radius', 'mass-failure', 'once', 'alone', 'budget'],
    meddle: { deps: (deps) => ({ ...deps, guards: (deps.guards ?? guards).map(errorsPass) }) },
  },
  'no-lease': {
    summary: 'treats a resource without a lease',
    breaks: ['once', 'alone'],
    meddle: {
      deps: (deps) => ({
        ...deps,
        ledger: { ...deps.ledger, acquire: async () => ({ acquired: true, attempts: [] }), recordAttempt: async () => {} },
      }),
    },
  },
  'no-budget': {
    summary: 'keeps trying however often it did not help',
    breaks: ['budget'],
    kind: 'stories',
    meddle: { deps: without('budget', 'flapping') },
  },
  'no-blast-radius': {
    summary: 'treats any number of members of a group at once',
    breaks: ['blast-radius'],
    kind: 'large',
    meddle: { deps: without('disruption-budget', 'mass-failure', 'capacity', 'concurrent-remediation') },
  },
  'no-mass-failure': {
    summary: 'treats resources one by one in a mass failure',
    breaks: ['mass-failure'],
    kind: 'storm',
    meddle: { deps: without('mass-failure') },
  },
  'no-verification': {
    summary: 'assumes that the action helped',
    breaks: ['healed-is-true'],
    meddle: { deps: (deps) => ({ ...deps, observeResource: rosyObservation() }) },
  },
  'act-on-ok': { summary: 'acts on an alarm without looking', breaks: ['not-failing'], meddle: { deps: without('still-failing') } },
  'stop-group-members': {
    summary: 'reboots and stops members of groups',
    breaks: ['group-member'],
    meddle: {
      deps: both(without('asg-constraints', 'concurrent-remediation'), (deps) => ({
        ...deps,
        playbooks: mapRungs((step) =>
          step.kind === 'maintenance-window' ? step : { ...step, when: step.when.filter(({ id }) => id !== 'not in a group') },
        ),
      })),
    },
  },
  'ignore-max-size': {
    summary: 'asks a group for more than its maximum',
    breaks: ['max-size'],
    kind: 'stories',
    meddle: {
      deps: both(
        without('asg-constraints', 'capacity'),
        seeing((facts) => (facts.group ? { ...facts, group: { ...facts.group, max: facts.group.max + 10 } } : facts)),
      ),
    },
  },
  'ignore-human-stop': {
    summary: 'starts instances that were stopped on purpose',
    breaks: ['people-first'],
    meddle: { deps: without('intentional-stop', 'recent-manual-change') },
  },
  'ignore-suspended': {
    summary: 'terminates members that their group would not replace',
    breaks: ['would-not-replace'],
    kind: 'stories',
    meddle: { deps: without('asg-constraints') },
  },
  'stop-instance-store': {
    summary: 'stops instances with an instance store',
    breaks: ['instance-store'],
    kind: 'stories',
    meddle: {
      deps: both(without('protection', 'approval'), (deps) => ({
        ...deps,
        playbooks: mapRungs((step) =>
          step.kind === 'maintenance-window' ? step : { ...step, when: step.when.filter(({ id }) => id !== 'no instance store') },
        ),
      })),
    },
  },
  'lose-outcome-on-crash': { summary: 'lets executions die silently', breaks: ['one-outcome'], meddle: { unwatched: true } },
  'act-twice-after-crash': {
    summary: 'repeats a call that a crash interrupted',
    breaks: ['once'],
    meddle: {
      durable: (context) => ({
        ...durableOf(context),
        once: (name, run) =>
          context.step(name, run, { semantics: StepSemantics.AtLeastOncePerRetry, retryStrategy: () => ({ shouldRetry: false }) }),
      }),
    },
  },
  'retry-lost-answers': {
    summary: 'treats a lost answer as a call without effect',
    breaks: ['once'],
    kind: 'stories',
    meddle: {
      deps: (deps) => ({
        ...deps,
        playbooks: mapCalls(null, (call) => async (clients, input) => {
          try {
            await call(clients, input);
          } catch (error) {
            throw Object.assign(error as Error, { name: 'Throttling' });
          }
        }),
      }),
    },
  },
  'no-deduplication': {
    summary: 'starts an execution for every delivery',
    breaks: ['once'],
    meddle: {
      start: (start) => {
        let count = 0;
        return (incident) => start({ ...incident, key: `${incident.key.slice(0, 58)}-${count++}` });
      },
    },
  },
  'ignore-kill-switch': {
    summary: 'keeps acting when the kill switch is off',
    breaks: ['kill-switch'],
    meddle: { deps: without('kill-switch') },
  },
  'dry-run-acts': {
    summary: 'acts in a dry run',
    breaks: ['dry-run'],
    meddle: {
      deps: (deps) => ({ ...deps, playbooks: mapCalls(null, (call) => (clients, input) => call(clients, { ...input, dryRun: false })) }),
    },
  },
  'count-by-instance': {
    summary: 'counts replacements per destroyed instance and not per group',
    breaks: ['group-budget'],
    kind: 'stories',
    // What isn't launched from a version that has proven itself isn't replaced in the first place.
    meddle: { deps: without('group-budget', 'proven-version') },
  },
  'trust-accepted-start': {
    summary: 'treats an accepted start as a successful one',
    breaks: ['taken-out-is-told'],
    meddle: {
      deps: both(without('can-start-again'), (deps) => ({
        ...deps,
        playbooks: mapActions((action) => ({
          ...action,
          steps: action.steps.map(({ settled, ...step }) =>
            settled === undefined || step.name === 'start' ? step : { ...step, settled },
          ) as unknown as Action['steps'],
        })),
      })),
    },
  },
  'replace-in-failing-group': {
    summary: 'terminates members of groups that cannot launch or register a replacement',
    breaks: ['group-gives-back'],
    kind: 'stories',
    meddle: { deps: both(without('group-can-launch'), overlooksLoadBalancer) },
  },
  'ignore-disabled-actions': {
    summary: 'acts on silenced alarms',
    breaks: ['silenced'],
    meddle: { deps: seeing((facts) => (facts.alarm ? { ...facts, alarm: { ...facts.alarm, actionsEnabled: true } } : facts)) },
  },
  'second-healer': {
    summary: 'acts while the alarm itself heals',
    breaks: ['one-healer'],
    meddle: { deps: seeing((facts) => (facts.alarm ? { ...facts, alarm: { ...facts.alarm, actions: [] } } : facts)) },
  },
  'treat-what-is-owned': {
    summary: 'ignores the owner of a resource',
    breaks: ['owners'],
    kind: 'stories',
    meddle: {
      deps: seeing((facts) => {
        const { instance } = facts;
        const selfheal = instance?.tags.selfheal;
        const tags = selfheal === undefined ? {} : { selfheal };
        return instance && instance.groupName === null ? { ...facts, instance: { ...instance, tags, operator: null } } : facts;
      }),
    },
  },
  'forget-what-was-stopped': {
    summary: 'does not record what it takes out of service',
    breaks: ['taken-out-is-told'],
    kind: 'stories',
    meddle: {
      deps: (deps) => ({
        ...deps,
        ledger: { ...deps.ledger, noteBegun: (incident, begun, story) => deps.ledger.noteBegun(incident, begun, story, null) },
      }),
    },
  },
  'forget-to-register': {
    summary: 'does not put back what it drained',
    breaks: ['put-back'],
    meddle: { deps: (deps) => ({ ...deps, drain: { ...drainCalls, plan: planDrain, putBack: async () => {} } }) },
  },
  'drain-the-last': {
    summary: 'drains however few others serve',
    breaks: ['last-target'],
    minutes: 20,
    meddle: { deps: both(without('drain'), (deps) => ({ ...deps, drain: { ...drainCalls, plan: (input) => planDrain(input, 0) } })) },
  },
  'believe-silence': {
    summary: 'takes any missing data for a failure where a rule calls it the signal',
    breaks: ['not-failing'],
    meddle: { deps: (deps) => ({ ...deps, whyNoFailure: async () => null }) },
  },
  'any-document': {
    summary: 'runs the latest version of a document, whoever has changed it',
    breaks: ['known-documents'],
    meddle: {
      deps: withCommands((step, name, command) => commandRung(step, { ...command, name, version: '$LATEST' })),
    },
  },
  'exit-code-is-healed': {
    summary: 'takes the exit code of a command for proof that it helped',
    breaks: ['healed-is-true'],
    meddle: { deps: trustsExitCodes },
  },
  'run-twice': {
    summary: 'sends a command again whose answer was lost',
    breaks: ['command-once'],
    meddle: {
      deps: withCommands((step, name, command) => {
        const made = commandRung(step, { ...command, name });
        const [send] = made.action.steps;
        const call: typeof send.call = async (clients, input) => {
          try {
            await send.call(clients, input);
          } catch {
            await send.call(clients, input);
          }
        };
        return { ...made, action: { ...made.action, steps: [{ ...send, call }] } };
      }),
    },
  },
  'redrive-poison': {
    summary: 'moves the rest of the dead letters whatever came of the first ones',
    breaks: ['redrive-once'],
    kind: 'stories',
    meddle: {
      deps: (deps) => ({
        ...deps,
        playbooks: mapActions((action) =>
          action.id === 'redrive'
            ? {
                ...action,
                steps: action.steps.map(({ proof, ...step }) => ({
                  ...step,
                  ...(proof ? { proof: { ...proof, wrong: () => null } } : {}),
                })) as unknown as Action['steps'],
              }
            : action,
        ),
      }),
    },
  },
  'drain-whole-cluster': {
    summary: 'drains any number of the hosts of a cluster at once',
    breaks: ['cluster-share'],
    meddle: { deps: without('cluster-share', 'mass-failure', 'disruption-budget', 'group-budget', 'concurrent-remediation') },
  },
  'roll-back-anything': {
    summary: 'rolls a release back without asking what is to blame',
    breaks: ['not-its-fault', 'never-forwards'],
    kind: 'releases',
    meddle: { deps: without('release-to-blame') },
  },
  'two-rollbacks': {
    summary: 'rolls back however often it has done so',
    breaks: ['never-forwards'],
    kind: 'releases',
    meddle: {
      deps: (deps) => ({
        ...deps,
        guards: (deps.guards ?? guards).map((guard) =>
          guard.id === 'release-to-blame' ? { id: guard.id, check: (input) => guard.check({ ...input, attempts: () => [] }) } : guard,
        ),
      }),
    },
  },
  'restart-anything': {
    summary: 'restarts services of which nothing would go on meanwhile',
    breaks: ['goes-on'],
    kind: 'stories',
    meddle: { deps: without('service-ready') },
  },
  'fail-over-anywhere': {
    summary: 'fails a cluster of databases over to whatever reader it has',
    breaks: ['heir'],
    kind: 'data',
    meddle: { deps: failsOverAnywhere },
  },
  'ignore-six-hours': {
    summary: 'does not ask when the storage of a database was changed last, or whether that goes on',
    breaks: ['storage-bounds'],
    kind: 'data',
    meddle: {
      deps: seeing((facts) => {
        const { database } = facts;
        if (!database?.storage) return facts;
        const storage = { ...database.storage, changedAt: null };
        return { ...facts, database: { ...database, state: 'available', storage } };
      }),
    },
  },
  'upsert-anything': {
    summary: 'writes the record of a certificate whatever stands in its place, and wherever DNS leads',
    breaks: ['right-record'],
    kind: 'data',
    meddle: { deps: both(without('validation-record'), upsertsAnything) },
  },
  'guess-device': {
    summary: 'takes the first volume of an instance for the one that fills up',
    breaks: ['right-volume'],
    kind: 'data',
    meddle: {
      deps: seeing((facts) => {
        const [asked] = facts.alarm?.fileSystems ?? [];
        const [first] = facts.disks?.volumes ?? [];
        if (!facts.disks || !asked || !first) return facts;
        const guessed = {
          path: asked.path,
          name: asked.device ?? '',
          serial: serialOf(first.id),
          depth: 0,
          partitioned: null,
          fileSystem: null,
        };
        return { ...facts, disks: { ...facts.disks, devices: [guessed] } };
      }),
    },
  },
  'grow-past-the-most': {
    summary: 'grows volumes however large they are',
    breaks: ['volume-most'],
    kind: 'data',
    meddle: {
      deps: (deps) => (deps.policy.disks ? { ...deps, policy: { ...deps.policy, disks: { ...deps.policy.disks, atMost: 65_536 } } } : deps),
    },
  },
  'delete-any-reader': {
    summary: 'takes away whichever reader or replica it finds where it has added one',
    breaks: ['own-readers'],
    kind: 'data',
    meddle: { removes: deletesAnyReader },
  },
  'replicate-anything': {
    summary: 'adds a read replica whatever is asked of an instance, and however many it has',
    breaks: ['own-readers', 'not-failing'],
    kind: 'data',
    meddle: { deps: replicatesAnything },
  },
  'promote-on-one-yes': {
    summary: 'promotes a replica once one person agrees',
    breaks: ['two-yeses'],
    kind: 'data',
    meddle: {
      deps: (deps) => ({ ...deps, playbooks: mapActions(({ people: _, ...action }) => action) }),
    },
  },
  'resolve-no-page': {
    summary: 'leaves pages open whatever becomes of the incident',
    breaks: ['pages-end'],
    kind: 'pages',
    meddle: {
      deps: ({ reporter, ...deps }) => {
        const channels = reporter.channels.map((channel) =>
          channel.id === 'pagerduty' ? { ...channel, outcome: async () => {} } : channel,
        );
        return { ...deps, reporter: { ...reporter, channels } };
      },
    },
  },
  'probe-private-address': {
    summary: 'requests whatever address a name resolves to',
    breaks: ['probe-public'],
    kind: 'stories',
    meddle: { probe: { isAllowed: () => true } },
  },
  'mark-what-is-treated': {
    summary: 'writes a tag, which is in no playbook, before it acts',
    breaks: ['known-calls'],
    meddle: {
      deps: (deps) => ({
        ...deps,
        playbooks: mapCalls(null, (call) => async (clients, input) => {
          if (typesOfResource[input.target.type].machine && !input.dryRun)
            await clients.ec2.send(new CreateTagsCommand({ Resources: [input.target.id], Tags: [{ Key: 'treated', Value: 'yes' }] }));
          return call(clients, input);
        }),
      }),
    },
  },
  ...slips,
  ...trespasses,
};
