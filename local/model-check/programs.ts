import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import { createClients } from '../../shared/aws/clients.ts';
import { createLedger } from '../../shared/aws/ledger.ts';
import { keyOf, placedKeyOf } from '../../shared/aws/ledger-keys.ts';
import { createPostedStart, createStarter } from '../../shared/aws/starter.ts';
import { budgets } from '../../shared/compose/budgets.ts';
import { budget } from '../../shared/guards/budget.ts';
import { flapping } from '../../shared/guards/flapping.ts';
import { lease } from '../../shared/guards/lease.ts';
import { alarmIsOk } from '../../shared/health/alarm.ts';
import { dayMs } from '../../shared/model/duration.ts';
import { briefOf, type Incident, incidentKey, incidentSchema } from '../../shared/model/incident.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { type Policy, policySchema } from '../../shared/model/policy.ts';
import type { ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { playbooks } from '../../shared/playbooks/index.ts';
import { type Playbook, rung } from '../../shared/playbooks/playbook.ts';
import type { EndedExecution } from '../../shared/ports/executions.ts';
import type { Reporter } from '../../shared/ports/reporter.ts';
import { sweep } from '../../shared/recovery/sweep.ts';
import { watchExecution } from '../../shared/recovery/watch.ts';
import { runIncident } from '../../shared/remediation/driver.ts';
import { give } from './answer.ts';
import type { Outside, Program } from './process.ts';
import type { Table } from './table.ts';

export const start = Date.parse('2026-03-02T09:00:00Z');

const place = { account: '111122223333', region: 'us-east-1' };
const instance = { type: 'instance', id: 'i-0a1b2c3d4e5f60718' } as const;

/** Short, so that an incident doesn't look a hundred times for another one to end. In seconds. */
const policy: Policy = policySchema.parse({ lease: { seconds: 300, patience: 600 }, episodes: { quiet: '5m' } });

/** The key of the lease that incidents of the instance compete for. */
export const leaseKey = placedKeyOf('lease', place, `${instance.type}/${instance.id}`).pk.S;
export const recordKey = (incident: string): string => keyOf('incident', incident).pk.S;
/** How long a durable operation takes at most, in milliseconds: then its calls are cut off. */
export const longestStepMs = budgets.remediate;
/** How long after a lease has run out another incident has surely tried to acquire it, in milliseconds. */
export const othersTurnMs = 200_000;
/** Longer than inboxes and episodes are kept, in milliseconds. */
export const longMs = 5 * dayMs;

/** What the world is like: the instance's state, and whether its alarm is OK. */
export type World = `${'running' | 'stopped'} ${'alarm' | 'ok'}`;

/** What a call makes of the world. */
export const after = (world: World, call: string): World => {
  if (call === 'StopInstancesCommand') return world.replace('running', 'stopped') as World;
  if (call === 'StartInstancesCommand') return 'running ok';
  return world === 'running alarm' ? 'running ok' : world;
};

const snapshotOf = (world: World, at: number, { alarm }: Incident): ResourceSnapshot => ({
  at,
  full: true,
  instance: {
    ...{ id: instance.id, state: world.startsWith('running') ? 'running' : 'stopped', stateReason: null, stoppedAt: null },
    ...{ instanceType: 'm7g.large', availabilityZone: 'us-east-1a', zoneId: 'use1-az1', launchedAt: start - 86_400_000 },
    ...{ tags: { selfheal: 'on' }, rootDevice: 'ebs', instanceStore: false, spot: false, autoRecovery: true, groupName: null },
    ...{ address: null, volumes: [], operator: null },
  },
  status: null,
  group: null,
  alarm: alarm && {
    ...{ name: alarm.name, state: world.endsWith('ok') ? 'OK' : 'ALARM', updatedAt: start, composite: false, evaluated: true },
    ...{ actionsEnabled: true, actions: [], evaluationSeconds: 120 },
  },
  targets: null,
});

const incidentOf = (change: Partial<Incident>): Incident => {
  const about: Omit<Incident, 'key'> = {
    ...{ failure: 'instance-unreachable', disposition: 'remediate', resource: instance, ...place, partition: 'aws' },
    ...{ playbook: 'restart-instance', reason: 'it does not answer', severity: 'critical', kind: 'cloudwatch-alarm', at: start },
    ...{ alarm: null, children: [], evidence: {}, ...change },
  };
  return incidentSchema.parse({ ...about, key: incidentKey(about) });
};

/** An incident of the alarm of that name. */
const alarmed = (name: string, change: Partial<Incident> = {}): Incident =>
  incidentOf({ alarm: { name, arn: `arn:aws:cloudwatch:us-east-1:111122223333:alarm:${name}` }, ...change });

/** Clients whose calls are requests of the process. A dry run asks nothing. */
const clientsOf = ({ ask }: Outside, table: Table, alter: Alter) =>
  createClients({ region: 'us-east-1', credentials: { accessKeyId: 'model', secretAccessKey: 'local' } } as object, (client) =>
    Object.assign(client, {
      send: (command: { input: Record<string, unknown> }) => {
        const { name } = command.constructor;
        if (client.constructor.name === 'DynamoDBClient') return ask({ kind: 'table', command: table.commandOf(alter(command) as never) });
        if (command.input.DryRun)
          return new Promise(() => give({ error: { name: 'DryRunOperation', message: 'it would have', status: 412 } }));
        // What other services could tell, such as who has changed something, is nothing.
        return client.constructor.name === 'EC2Client' ? ask({ kind: 'act', call: name }) : Promise.resolve({});
      },
    }),
  );

const contentOf = ({ status, quiet, reason, endedAt, actions }: Outcome): string =>
  JSON.stringify({ status, quiet, reason, endedAt, actions });

const reporterOf = ({ ask }: Outside): Reporter => ({
  channels: [
    {
      id: 'people',
      quiet: false,
      outcome: async (outcome) => void (await ask({ kind: 'tell', incident: outcome.incident, text: contentOf(outcome) })),
    },
  ],
  digest: () => Promise.reject(new Error('the model has no digest')),
  undelivered: async () => {},
  interim: async ({ incident, kind = 'interim' }) => void (await ask({ kind: 'tell', incident, text: JSON.stringify({ status: kind }) })),
  requestApproval: () => Promise.reject(new Error('nobody is asked')),
});

/** Changes what the ledger asks of the table: the mistakes that the checker has to find. */
export type Alter = (command: { input: Record<string, unknown> }) => object;

/** A program, what starts it, and the incident that it is about. */
export type Part = {
  name: string;
  program: Program;
  incident: string;
  role: 'intake' | 'execution' | 'watch';
  startedBy: 'scenario' | 'intake' | 'death';
};

export type Scenario = { name: string; parts: readonly Part[]; incidents: readonly Incident[] };

const playbookOf = (two: boolean): Playbook => ({
  ...{ id: 'restart-instance', summary: '', failing: [alarmIsOk], healthy: [alarmIsOk] },
  ladder: [rung(two ? stopStartInstance : rebootInstance)],
});

export const createScenarios = (table: Table, alter: Alter = (command) => command) => {
  const depsOf = (outside: Outside, playbook = playbookOf(false)) => {
    const clients = clientsOf(outside, table, alter);
    return {
      ...{ clients, ledger: createLedger(clients.dynamodb, table.name), policy, reporter: reporterOf(outside) },
      ...{
        now: outside.now,
        random: () => 0.5,
        guards: [lease, budget, flapping],
        playbooks: { ...playbooks, 'restart-instance': playbook },
      },
      observeResource: async (_: unknown, about: Incident, at: number) =>
        snapshotOf((await outside.ask({ kind: 'look' })) as World, at, about),
    };
  };
  const execution = (name: string, incident: Incident, given: Parameters<typeof runIncident>[0], playbook?: Playbook): Part => ({
    ...{ name, incident: incident.key, role: 'execution', startedBy: 'inbox' in given ? 'intake' : 'scenario' },
    program: (outside) => runIncident(given, outside.durable, depsOf(outside, playbook) as never),
  });
  /** The notice of its end, and the sweeps, which go on until there is nothing left to do. */
  const watchers = (name: string, { key }: Incident): Part[] => {
    const ended = (at: number): EndedExecution => ({ key, status: 'STOPPED', ...place, startedAt: start, endedAt: at });
    const common = { incident: key, role: 'watch', startedBy: 'death' } as const;
    return [
      {
        ...common,
        name: `the notice of ${name}'s end`,
        program: (outside) => watchExecution(ended(outside.now()), depsOf(outside), 'notice'),
      },
      {
        ...common,
        name: `the sweep after ${name}`,
        program: async (outside) => {
          const executions = {
            listFailed: async function* () {
              await outside.ask({ kind: 'list' });
              yield ended(start);
            },
            prune: async () => [],
          };
          for (;;) {
            const came = await sweep({ ...depsOf(outside), executions }).catch(() => null);
            if (came?.reconciled === 0) return;
            await outside.ask({ kind: 'wait', seconds: 900 });
          }
        },
      },
    ];
  };
  const intake = (name: string, incident: Incident, after = 0): Part => ({
    ...{ name, incident: incident.key, role: 'intake', startedBy: 'scenario' },
    program: async (outside) => {
      if (after > 0) await outside.ask({ kind: 'wait', seconds: after });
      const { dynamodb } = clientsOf(outside, table, alter);
      const lambda = {
        send: ({ input }: { input: { DurableExecutionName: string } }) => outside.ask({ kind: 'start', name: input.DurableExecutionName }),
      };
      const inbox = createLedger(dynamodb, table.name);
      const post = createPostedStart(createStarter(lambda as never, 'remediate', 'durable'), inbox, { now: outside.now, log: () => {} });
      // Lambda invokes it again with the same event.
      for (;;) {
        const came = await post(incident).catch(() => null);
        if (came !== null) return;
        await outside.ask({ kind: 'wait', seconds: 60 });
      }
    },
  });

  const [web, checks] = [alarmed('web'), alarmed('checks')] as const;
  /** The same alarm by two ways: one copy says too little to act on. */
  const poor = { ...web, disposition: 'escalate', playbook: null } as Incident;
  const next = { ...web, key: `${web.key}-2` };
  const launch = (at: number) =>
    incidentOf({
      ...{
        failure: 'launch-failed',
        disposition: 'escalate',
        playbook: null,
        resource: { type: 'group', id: 'shop' },
        kind: 'auto-scaling',
        at,
      },
    });
  const [first, second] = [launch(start), launch(start + 1000)] as const;
  const rivals = (name: string, two: boolean): Scenario => ({
    name,
    incidents: [web, checks],
    parts: [
      execution('A', web, web, playbookOf(two)),
      execution('B', checks, checks, playbookOf(two)),
      ...watchers('A', web),
      ...watchers('B', checks),
    ],
  });
  const delayed = (part: Part, seconds: number): Part => ({
    ...part,
    program: async (outside) => {
      await outside.durable.wait('delay', seconds);
      await part.program(outside);
    },
  });
  const condition = (name: string, seconds: number): Scenario => {
    const last = execution('B', second, second);
    return {
      name,
      incidents: [first, second],
      parts: [execution('A', first, first), seconds > 0 ? delayed(last, seconds) : last, ...watchers('A', first), ...watchers('B', second)],
    };
  };
  return [
    {
      name: 'two deliveries of one incident',
      incidents: [web],
      parts: [intake('delivery 1', web), intake('delivery 2', web), execution('A', web, briefOf(web)), ...watchers('A', web)],
    },
    {
      name: 'two copies of one event',
      incidents: [web, next],
      parts: [
        ...[intake('the poor copy', poor), intake('the good copy', web, 20)],
        ...[execution('A', web, briefOf(web)), ...watchers('A', web), execution('B', next, briefOf(next)), ...watchers('B', next)],
      ],
    },
    rivals('two incidents of one instance, which is rebooted', false),
    rivals('two incidents of one instance, which is stopped and started', true),
    condition('two events of one condition', 0),
    condition('an event of a condition just as it ends', 300),
    {
      name: 'a redelivery after Lambda has forgotten the name of the execution',
      incidents: [web],
      parts: [execution('A', web, web), delayed(execution('its second execution', web, web), 15 * 24 * 3600), ...watchers('A', web)],
    },
  ] satisfies Scenario[];
};
