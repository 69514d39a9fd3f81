import { type Breakdown, breakdowns, type Trial } from './incidents.ts';
import { type Measurement, round } from './measurement.ts';

/**
 * US dollars, us-east-1, without any free tier, as published in 2026. Where each is from is in docs/performance.md. What AWS doesn't
 * charge for is left out: events of AWS services, what a rule doesn't match, calls of EC2, Auto Scaling, LookupEvents, GetParameter.
 */
export const prices = {
  lambdaRequest: 0.2 / 1e6,
  /** Of arm64. */
  lambdaGigabyteSecond: 0.000_013_333_4,
  durableOperation: 8 / 1e6,
  durableGigabyteWritten: 0.25,
  dynamodbWrite: 0.625 / 1e6,
  dynamodbRead: 0.125 / 1e6,
  snsPublish: 0.5 / 1e6,
  snsMail: 2 / 100_000,
  customEvent: 1 / 1e6,
  cloudWatchRequest: 0.01 / 1000,
  logGigabyte: 0.5,
  trace: 5 / 1e6,
  automationStep: 0.002,
  stateTransition: 0.025 / 1000,
} as const;

/** What a simulation can't count. */
export const assumptions = {
  /** Milliseconds of an invocation's own and of a call to AWS, for which the function waits. */
  invocationMs: 100,
  callMs: 40,
  intakeMs: 60,
  intakeGigabytes: 0.25,
  remediateGigabytes: 0.5,
  /** A kilobyte each; an incident's record is larger when it is closed, and its day's index has it too. */
  writesPerWrite: 2,
  logKilobytes: 8,
  mailsPerIncident: 1,
  /** Steps of the least runbook that does the same to a hung instance, with no lease, budget, second look or retry. */
  minSteps: 8,
} as const;

type Counts = { incidents: number; operations: number; bytes: number; invocations: number; calls: Map<string, number> };

const count = (trials: readonly Trial[]): Counts => {
  const calls = new Map<string, number>();
  for (const { service, operation } of trials.flatMap((trial) => trial.calls)) {
    const name = `${service}:${operation}`;
    calls.set(name, (calls.get(name) ?? 0) + 1);
  }
  const sum = (of: (trial: Trial) => number) => trials.reduce((total, trial) => total + of(trial), 0);
  return {
    incidents: sum(({ treated }) => treated.length),
    operations: sum(({ operations }) => operations),
    bytes: sum(({ checkpointedBytes }) => checkpointedBytes),
    invocations: sum(({ invocations }) => invocations),
    calls,
  };
};

/** Dollars for all the incidents counted, by what they are for. */
const bill = ({ incidents, operations, bytes, invocations, calls }: Counts): Record<string, number> => {
  const of = (pattern: RegExp) => [...calls].reduce((total, [name, times]) => total + (pattern.test(name) ? times : 0), 0);
  const intakes = of(/^lambda:Invoke$/);
  const waited = of(/./) - intakes;
  const seconds = (invocations * assumptions.invocationMs + waited * assumptions.callMs) / 1000;
  const writes = of(/^dynamodb:(Put|Update|Delete)/) * assumptions.writesPerWrite;
  return {
    'durable-operations': operations * prices.durableOperation + (bytes / 1e9) * prices.durableGigabyteWritten,
    'lambda-compute':
      seconds * assumptions.remediateGigabytes * prices.lambdaGigabyteSecond +
      (intakes * assumptions.intakeMs * assumptions.intakeGigabytes * prices.lambdaGigabyteSecond) / 1000,
    'lambda-requests': (intakes + invocations) * prices.lambdaRequest,
    ledger: writes * prices.dynamodbWrite + of(/^dynamodb:(Get|Query|BatchGet)/) * prices.dynamodbRead,
    'cloudwatch-requests': of(/^monitoring:/) * prices.cloudWatchRequest,
    messages:
      of(/^sns:Publish/) * prices.snsPublish +
      incidents * assumptions.mailsPerIncident * prices.snsMail +
      of(/^events:/) * prices.customEvent,
    'logs-and-traces': ((incidents * assumptions.logKilobytes) / 1e6) * prices.logGigabyte + (intakes + invocations) * prices.trace,
  };
};

/** Dollars for a thousand incidents, and for each its calls, operations, starts of executions and sessions in members, as counted in trials. */
export const costOf = (
  trials: readonly Trial[],
): { dollars: number; calls: number; operations: number; started: number; sessions: number } => {
  const counts = count(trials);
  const dollars = Object.values(bill(counts)).reduce((sum, part) => sum + part, 0);
  const calls = [...counts.calls.values()].reduce((sum, times) => sum + times, 0);
  const { incidents, operations } = counts;
  const each = (name: string) => (counts.calls.get(name) ?? 0) / incidents;
  return {
    dollars: (dollars / incidents) * 1000,
    calls: calls / incidents,
    operations: operations / incidents,
    started: each('lambda:Invoke'),
    sessions: each('sts:AssumeRole'),
  };
};

/** What incidents cost, from what was counted in the trials, and the same flow elsewhere. */
export const costs = (trials: Record<Breakdown, Trial[]>): Measurement[] => {
  const figures: Measurement[] = [];
  const dollars = (name: string, value: number, unit = 'USD') => figures.push({ name, value: round(value, 3), unit });
  const all = count(breakdowns.flatMap((breakdown) => trials[breakdown]));
  const per1000 = (total: number) => (total / all.incidents) * 1000;
  const parts = bill(all);
  const total = Object.values(parts).reduce((sum, part) => sum + part, 0);
  dollars('cost.per_1000_incidents_usd', per1000(total));
  for (const [part, value] of Object.entries(parts)) dollars(`cost.per_1000_incidents.${part}_usd`, per1000(value));
  for (const breakdown of breakdowns) {
    const counts = count(trials[breakdown]);
    const each = (value: number) => round(value / counts.incidents);
    figures.push(
      {
        name: `calls_per_incident.${breakdown}`,
        value: each([...counts.calls.values()].reduce((sum, times) => sum + times, 0)),
        unit: 'count',
      },
      ...[...counts.calls]
        .sort(([, a], [, b]) => b - a)
        .map(([name, times]) => ({ name: `calls_per_incident.${breakdown}.${name}`, value: each(times), unit: 'count' })),
      { name: `operations_per_incident.${breakdown}`, value: each(counts.operations), unit: 'count' },
      { name: `invocations_per_incident.${breakdown}`, value: each(counts.invocations), unit: 'count' },
    );
    dollars(`cost.per_1000_incidents.${breakdown}_usd`, costOf(trials[breakdown]).dollars);
  }
  dollars('cost.systems_manager_same_steps_usd', per1000(all.operations * prices.automationStep));
  dollars('cost.systems_manager_least_steps_usd', 1000 * assumptions.minSteps * prices.automationStep);
  // Each operation is a state, and each wait and each look again a choice after it.
  dollars(
    'cost.step_functions_same_steps_usd',
    per1000(total - (parts['durable-operations'] ?? 0) + (all.operations + all.invocations) * prices.stateTransition),
  );
  const oneEvent =
    prices.lambdaRequest + (assumptions.intakeMs / 1000) * assumptions.intakeGigabytes * prices.lambdaGigabyteSecond + prices.trace;
  dollars('cost.month_of_1000000_irrelevant_events_filtered_usd', 0);
  dollars('cost.month_of_1000000_irrelevant_events_all_taken_in_usd', 1e6 * oneEvent);
  return figures;
};
