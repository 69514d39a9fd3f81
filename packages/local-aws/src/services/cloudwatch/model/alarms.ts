import type { AlarmHistoryItem } from '@aws-sdk/client-cloudwatch';
import type { Cancel } from '../../../core/clock.ts';
import { cloudWatchParameters as parameters } from '../../../core/model-parameters.ts';
import type { ActingAlarm, AlarmActions } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { configurationOf, lambdaPayload, putConfigurationChange, putStateChange, snsMessage, snsSubject } from '../events/notify.ts';
import { type Action, actionOf, notHere, watchedBy } from './actions.ts';
import { type Alarm, actionsFor, type CompositeAlarm, type MetricAlarm, type StateRecord, type Suppression } from './alarm.ts';
import type { AlarmState } from './alarm-state.ts';
import { type Datapoint, evaluate, reasonDataFor, reasonFor } from './evaluate.ts';
import type { Metrics } from './metrics.ts';
import { holds, mentioned } from './rule.ts';
import { type CompiledQuery, compileQueries, readSeries } from './series.ts';
import { longTime, timestamp, writeJavaJson } from './text.ts';

/** What an alarm is put with: all but what CloudWatch itself keeps of it. */
type Kept = 'arn' | 'state' | 'configuredAt' | 'transitionedAt';
export type MetricAlarmSpec = Omit<MetricAlarm, Kept>;
export type CompositeAlarmSpec = Omit<CompositeAlarm, Kept | 'triggeringChildren' | 'actedOn'>;

/** A metric alarm with what its evaluation needs, worked out once. */
type Watch = { alarm: MetricAlarm; queries: readonly CompiledQuery[]; returning: CompiledQuery; cancel: Cancel };

const day = 86_400;

/** How often an alarm is evaluated, and what it can see by then, in seconds. */
const rhythm = (alarm: MetricAlarm) => {
  if (alarm.period < 60)
    return {
      every: parameters.evaluateFastEverySeconds,
      delay: parameters.fastIngestionSeconds,
      step: parameters.evaluateFastEverySeconds,
    };
  const slow = alarm.period * alarm.evaluationPeriods > day;
  return {
    every: slow ? parameters.evaluateSlowlyEverySeconds : parameters.evaluateEverySeconds,
    delay: parameters.ingestionSeconds,
    step: 60,
  };
};

/**
 * All alarms of the account: their states, what changes them and whom they tell. Metric alarms are evaluated on a beat of their own,
 * composite alarms when something below them changes.
 */
export const createAlarms = (world: World, metrics: Metrics, perform: AlarmActions) => {
  const { clock } = world;
  const phases = world.random.fork('cloudwatch-alarm-phases');
  const alarms = new Map<string, Alarm>();
  const watches = new Map<string, Watch>();
  /** What repeats the scaling policies of the alarms that have some for their state. */
  const scaling = new Map<string, Cancel>();
  /** Names of the composite alarms that mention an alarm, or are suppressed by it. */
  const parents = new Map<string, Set<string>>();
  /** What ends the wait or extension period of a composite alarm. */
  const suppressionEnds = new Map<string, Cancel>();
  const history: AlarmHistoryItem[] = [];
  let pruneAt = 1000;

  const arnOf = (name: string): string => world.arn('cloudwatch', `alarm:${name}`);
  const arnPrefix = arnOf('');
  const nameOf = (nameOrArn: string): string => (nameOrArn.startsWith(arnPrefix) ? nameOrArn.slice(arnPrefix.length) : nameOrArn);
  const find = (nameOrArn: string): Alarm | undefined => alarms.get(nameOf(nameOrArn));

  const unexpired = (): AlarmHistoryItem[] => {
    const since = clock.now() - parameters.historyKeptDays * day * 1000;
    return history.filter((item) => (item.Timestamp?.getTime() ?? 0) >= since);
  };

  const remember = (alarm: Alarm, type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action', summary: string, data: unknown): void => {
    // Now and then, and many at once: dropping the oldest one by one would move all the others each time.
    if (history.length >= pruneAt) {
      history.splice(0, history.length, ...unexpired());
      pruneAt = Math.max(1000, 2 * history.length);
    }
    history.push({
      AlarmName: alarm.name,
      AlarmType: alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm',
      Timestamp: new Date(clock.now()),
      HistoryItemType: type,
      HistorySummary: summary,
      HistoryData: writeJavaJson(data),
    });
  };

  const runAction = (alarm: Alarm, action: string, previous: StateRecord): void => {
    const told = { stateUpdateTimestamp: alarm.state.updatedAt, notificationResource: action };
    const done = attempt(() => carryOut(alarm, actionOf(action), previous));
    if (done instanceof AwsError) {
      const error = `${done.code}: ${done.message}`;
      remember(alarm, 'Action', `Failed to execute action ${action}. Received error: "${error}"`, {
        actionState: 'Failed',
        ...told,
        error,
      });
    } else {
      const publishedMessage = done && JSON.stringify({ default: done });
      remember(alarm, 'Action', `Successfully executed action ${action}`, { actionState: 'Succeeded', ...told, publishedMessage });
    }
  };

  /** What AWS refuses is a result; anything else isn't the action's fault. */
  const attempt = <Result>(act: () => Result): Result | AwsError => {
    try {
      return act();
    } catch (thrown) {
      if (thrown instanceof AwsError) return thrown;
      throw thrown;
    }
  };

  /** Returns what it published. Throws an `AwsError` where the action can't be done. */
  const carryOut = (alarm: Alarm, action: Action, previous: StateRecord): string | undefined => {
    switch (action.kind) {
      case 'sns': {
        const message = snsMessage(world, alarm, previous);
        world.deliver({
          to: 'sns',
          topicArn: action.arn,
          subject: snsSubject(world, alarm),
          message,
          by: { service: 'cloudwatch.amazonaws.com', sourceArn: arnOf(alarm.name) },
        });
        return message;
      }
      case 'lambda':
        world.deliver({
          to: 'lambda',
          functionArn: action.arn,
          payload: lambdaPayload(world, alarm, previous),
          by: { service: 'lambda.alarms.cloudwatch.amazonaws.com', sourceArn: arnOf(alarm.name) },
        });
        return undefined;
      case 'ec2':
        if (alarm.kind === 'metric') perform.ec2(action.verb, watchedBy(alarm.input).dimensions.InstanceId ?? '');
        return undefined;
      case 'scaling-policy':
        if (alarm.kind === 'metric') perform.scalingPolicy(action.arn, acting(alarm));
        return undefined;
      case 'elsewhere':
        world.emit({ type: 'note', at: clock.now(), text: `alarm ${alarm.name} in ${alarm.state.value} calls ${action.arn}` });
        throw notHere(action.arn);
    }
  };

  const acting = (alarm: MetricAlarm): ActingAlarm => {
    const watch = watches.get(alarm.name);
    const value = watch && rangeOf(watch).findLast((point) => point.value !== undefined)?.value;
    return { name: alarm.name, arn: alarm.arn, state: alarm.state.value, threshold: alarm.threshold, value };
  };

  /**
   * "Except for Auto Scaling actions, the actions happen only on state transitions"; those are invoked once a minute while the alarm
   * stays in its state; that the history has only the first time is assumed. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
   */
  const keepScaling = (alarm: MetricAlarm): void => {
    scaling.get(alarm.name)?.();
    scaling.delete(alarm.name);
    const policies = actionsFor(alarm, alarm.state.value).filter((arn) => actionOf(arn).kind === 'scaling-policy');
    if (policies.length === 0) return;
    const again = () => {
      if (alarm.actionsEnabled) for (const policy of policies) attempt(() => perform.scalingPolicy(policy, acting(alarm)));
    };
    scaling.set(alarm.name, clock.every(parameters.repeatScalingEverySeconds * 1000, again));
  };

  const act = (alarm: Alarm, previous: StateRecord): void => {
    if (alarm.kind === 'composite') alarm.actedOn = alarm.state.value;
    if (!alarm.actionsEnabled) return;
    for (const action of actionsFor(alarm, alarm.state.value)) runAction(alarm, action, previous);
  };

  const inHistory = ({ value, reason, reasonData }: StateRecord) => ({
    stateValue: value,
    stateReason: reason,
    stateReasonData: reasonData === undefined ? undefined : JSON.parse(reasonData),
  });

  const tellParents = (alarm: Alarm): void => {
    for (const name of parents.get(alarm.name) ?? []) {
      clock.after(parameters.compositeMilliseconds, () => {
        const parent = alarms.get(name);
        if (parent?.kind !== 'composite') return;
        if (parent.suppressor !== undefined && nameOf(parent.suppressor) === alarm.name) suppressorChanged(parent, alarm);
        evaluateComposite(parent, alarm);
      });
    }
  };

  /** Gives an alarm a state. Only another value is a transition, which is told and acted on. */
  const setState = (alarm: Alarm, next: { value: AlarmState; reason: string; reasonData: string | undefined }): void => {
    const previous = alarm.state;
    const now = clock.now();
    const changed = next.value !== previous.value;
    const suppressedBy = alarm.kind === 'composite' ? (changed ? suppressionOf(alarm, next.value) : previous.suppressedBy) : undefined;
    alarm.state = { ...next, updatedAt: now, ...(suppressedBy ? { suppressedBy } : {}) };
    if (!changed) return;
    alarm.transitionedAt = now;
    remember(alarm, 'StateUpdate', `Alarm updated from ${previous.value} to ${next.value}`, {
      version: '1.0',
      oldState: inHistory(previous),
      newState: inHistory(alarm.state),
    });
    putStateChange(world, alarm, previous);
    world.emit({ type: 'alarm-state', alarmName: alarm.name, from: previous.value, to: next.value, at: now });
    if (!suppressedBy) act(alarm, previous);
    if (alarm.kind === 'metric') keepScaling(alarm);
    tellParents(alarm);
  };

  // Metric alarms

  /** The alarm's evaluation range as of now: each period ends where the newest visible step ends, and slides with it. */
  const rangeOf = ({ alarm, queries, returning }: Watch): Datapoint[] => {
    const { delay, step } = rhythm(alarm);
    const end = Math.floor((clock.now() - delay * 1000) / (step * 1000)) * step * 1000;
    const length = alarm.evaluationPeriods + parameters.extraPeriods;
    const starts = Array.from({ length }, (_, i) => end - (length - i) * alarm.period * 1000);
    return readSeries(metrics, queries, returning, starts, alarm.period);
  };

  const tooFewSamples = (watch: Watch, point: Datapoint): boolean => {
    const { alarm, returning } = watch;
    if (alarm.input.EvaluateLowSampleCountPercentile !== 'ignore' || returning.kind !== 'metric' || point.samples === undefined)
      return false;
    const share = Number(returning.stat.slice(1)) / 100;
    return point.samples < 10 / (share >= 0.5 ? 1 - share : share);
  };

  const evaluateMetric = (watch: Watch): void => {
    const { alarm, returning } = watch;
    const range = rangeOf(watch);
    const result = evaluate(range, alarm);
    if (result.state === 'retain' || result.state === alarm.state.value) return;
    const newest = result.used[0];
    if (newest && tooFewSamples(watch, newest)) return;
    const statistic = returning.kind === 'metric' ? returning.stat : undefined;
    const unit = returning.kind === 'metric' ? returning.unit : undefined;
    setState(alarm, {
      value: result.state,
      reason: reasonFor(result.state, result, alarm),
      reasonData: reasonDataFor(range, result, { ...alarm, statistic, unit }, clock.now()),
    });
  };

  const watch = (alarm: MetricAlarm): void => {
    const queries = compileQueries(alarm.queries, alarm.input.Metrics === undefined);
    const returning = queries.find(({ returns }) => returns) as CompiledQuery;
    const every = rhythm(alarm).every * 1000;
    const watched: Watch = { alarm, queries, returning, cancel: () => {} };
    watched.cancel = clock.every(every, () => evaluateMetric(watched), phases.int(every));
    watches.set(alarm.name, watched);
  };

  // Composite alarms

  const stateOf = (nameOrArn: string): AlarmState | undefined => find(nameOrArn)?.state.value;

  const evaluateComposite = (alarm: CompositeAlarm, cause: Alarm | 'created' | 'updated'): void => {
    const value: AlarmState = holds(alarm.rule, stateOf) ? 'ALARM' : 'OK';
    if (value === alarm.state.value) return;
    const children = (typeof cause === 'string' ? mentioned(alarm.rule).map(find) : [cause]).filter((child) => child !== undefined);
    alarm.triggeringChildren = children.map(({ arn, state, transitionedAt }) => ({ arn, value: state.value, at: transitionedAt }));
    const reason =
      typeof cause === 'string'
        ? `${alarm.arn} was ${cause} and its alarm rule evaluates to ${value}`
        : `${cause.arn} transitioned to ${cause.state.value} at ${longTime(cause.transitionedAt)}`;
    const triggeringAlarms = alarm.triggeringChildren.map(({ arn, value: state, at }) => ({
      arn,
      state: { value: state, timestamp: timestamp(at) },
    }));
    setState(alarm, { value, reason, reasonData: writeJavaJson({ triggeringAlarms }) });
  };

  /**
   * What keeps a composite alarm from acting on a new state. A wait period starts when it goes to ALARM while its suppressor isn't in
   * ALARM yet: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-suppression.html
   */
  const suppressionOf = (alarm: CompositeAlarm, next: AlarmState): Suppression | undefined => {
    if (alarm.suppressor === undefined) return undefined;
    if (stateOf(alarm.suppressor) === 'ALARM') return 'Alarm';
    const running = alarm.state.suppressedBy;
    // Also where the suppressor has just left ALARM: the extension period is then about to begin.
    if (running) return running;
    if (next !== 'ALARM' || !alarm.waitPeriod) return undefined;
    endSuppressionAfter(alarm, alarm.waitPeriod);
    return 'WaitPeriod';
  };

  const endSuppressionAfter = (alarm: CompositeAlarm, seconds: number): void => {
    suppressionEnds.get(alarm.name)?.();
    suppressionEnds.set(
      alarm.name,
      clock.after(seconds * 1000, () => {
        suppressionEnds.delete(alarm.name);
        if (alarms.get(alarm.name) === alarm) suppress(alarm, undefined);
      }),
    );
  };

  /** Changes what suppresses a composite alarm's actions; when nothing does any more, it acts on a state that it hasn't acted on. */
  const suppress = (alarm: CompositeAlarm, by: Suppression | undefined): void => {
    const previous = alarm.state;
    if (previous.suppressedBy === by) return;
    const { suppressedBy: _, ...state } = previous;
    alarm.state = { ...state, updatedAt: clock.now(), ...(by ? { suppressedBy: by } : {}) };
    putStateChange(world, alarm, previous);
    if (!by && alarm.actedOn !== alarm.state.value) act(alarm, previous);
  };

  const suppressorChanged = (alarm: CompositeAlarm, suppressor: Alarm): void => {
    if (suppressor.state.value === 'ALARM') {
      suppressionEnds.get(alarm.name)?.();
      suppressionEnds.delete(alarm.name);
      if (alarm.state.suppressedBy) suppress(alarm, 'Alarm');
    } else if (alarm.state.suppressedBy === 'Alarm') {
      if (alarm.extensionPeriod) {
        endSuppressionAfter(alarm, alarm.extensionPeriod);
        suppress(alarm, 'ExtensionPeriod');
      } else suppress(alarm, undefined);
    }
  };

  /** Takes up what suppressed an alarm's actions before its configuration changed. */
  const resumeSuppression = (alarm: CompositeAlarm, by: Suppression): void => {
    const suppressor = alarm.suppressor === undefined ? undefined : find(alarm.suppressor);
    if (!suppressor) suppress(alarm, undefined);
    else if (by === 'Alarm' || suppressor.state.value === 'ALARM') suppressorChanged(alarm, suppressor);
    else endSuppressionAfter(alarm, (by === 'WaitPeriod' ? alarm.waitPeriod : alarm.extensionPeriod) ?? 0);
  };

  const below = (alarm: CompositeAlarm): string[] =>
    [...mentioned(alarm.rule), ...(alarm.suppressor === undefined ? [] : [alarm.suppressor])].map(nameOf);

  const link = (alarm: CompositeAlarm): void => {
    for (const child of below(alarm)) {
      const known = parents.get(child);
      if (known) known.add(alarm.name);
      else parents.set(child, new Set([alarm.name]));
    }
  };

  const unlink = (alarm: CompositeAlarm): void => {
    for (const child of below(alarm)) parents.get(child)?.delete(alarm.name);
  };

  const stop = (alarm: Alarm): void => {
    scaling.get(alarm.name)?.();
    scaling.delete(alarm.name);
    watches.get(alarm.name)?.cancel();
    watches.delete(alarm.name);
    suppressionEnds.get(alarm.name)?.();
    suppressionEnds.delete(alarm.name);
    if (alarm.kind === 'composite') unlink(alarm);
  };

  /** What an alarm keeps across an update, or gets when it is new. */
  const kept = (spec: MetricAlarmSpec | CompositeAlarmSpec) => {
    const present = alarms.get(spec.name);
    const now = clock.now();
    const initial: StateRecord = {
      value: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
      reasonData: undefined,
      updatedAt: now,
    };
    return {
      present,
      arn: arnOf(spec.name),
      state: present?.state ?? initial,
      configuredAt: now,
      transitionedAt: present?.transitionedAt ?? now,
    };
  };

  const install = (alarm: Alarm, present: Alarm | undefined): void => {
    const before = present && configurationOf(present);
    if (present) stop(present);
    alarms.set(alarm.name, alarm);
    const operation = present ? 'update' : 'create';
    remember(alarm, 'ConfigurationUpdate', `Alarm "${alarm.name}" ${operation}d`, {
      version: '1.0',
      type: present ? 'Update' : 'Create',
      [present ? 'updatedAlarm' : 'createdAlarm']: configurationOf(alarm),
    });
    putConfigurationChange(world, alarm, operation, before);
  };

  return {
    get: (name: string): Alarm | undefined => alarms.get(name),
    find,
    arnOf,
    nameOf,
    /** By name, as AWS lists them. */
    list: (): Alarm[] => [...alarms.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
    /** Oldest first, without what is past its retention. */
    history: unexpired,
    /** Names of the composite alarms that mention this one. */
    parentsOf: (name: string): string[] => [...(parents.get(name) ?? [])],
    childrenOf: (alarm: CompositeAlarm): string[] => below(alarm),

    putMetricAlarm: (spec: MetricAlarmSpec): void => {
      const { present, ...rest } = kept(spec);
      const alarm: MetricAlarm = { ...spec, ...rest };
      install(alarm, present);
      watch(alarm);
      keepScaling(alarm);
    },

    putCompositeAlarm: (spec: CompositeAlarmSpec): void => {
      const { present, ...rest } = kept(spec);
      const before = present?.kind === 'composite' ? present : undefined;
      const alarm: CompositeAlarm = {
        ...spec,
        ...rest,
        triggeringChildren: before?.triggeringChildren ?? [],
        actedOn: before?.actedOn ?? rest.state.value,
      };
      install(alarm, present);
      link(alarm);
      if (alarm.state.suppressedBy) resumeSuppression(alarm, alarm.state.suppressedBy);
      clock.after(parameters.compositeMilliseconds, () => {
        if (alarms.get(alarm.name) === alarm) evaluateComposite(alarm, present ? 'updated' : 'created');
      });
    },

    remove: (alarm: Alarm): void => {
      stop(alarm);
      alarms.delete(alarm.name);
      remember(alarm, 'ConfigurationUpdate', `Alarm "${alarm.name}" deleted`, {
        version: '1.0',
        type: 'Delete',
        deletedAlarm: configurationOf(alarm),
      });
      putConfigurationChange(world, alarm, 'delete');
    },

    /** As SetAlarmState does: it lasts until the next evaluation. A composite alarm so forced has no children that triggered it. */
    force: (alarm: Alarm, next: { value: AlarmState; reason: string; reasonData: string | undefined }): void => {
      if (alarm.kind === 'composite') alarm.triggeringChildren = [];
      setState(alarm, next);
    },

    enableActions: (alarm: Alarm, enabled: boolean): void => {
      if (alarm.actionsEnabled === enabled) return;
      const before = configurationOf(alarm);
      alarm.actionsEnabled = enabled;
      alarm.configuredAt = clock.now();
      remember(alarm, 'ConfigurationUpdate', `Alarm "${alarm.name}" updated`, {
        version: '1.0',
        type: 'Update',
        updatedAlarm: configurationOf(alarm),
      });
      putConfigurationChange(world, alarm, 'update', before);
    },
  };
};

export type Alarms = ReturnType<typeof createAlarms>;
