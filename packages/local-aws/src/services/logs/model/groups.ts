import { logsParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { LogEvent, MetricFilter } from './metric-filters.ts';

const hour = 3_600_000;

export type StoredEvent = LogEvent & { id: string; ingestedAt: number };

export type LogStream = {
  name: string;
  arn: string;
  createdAt: number;
  /** Oldest first. */
  events: StoredEvent[];
  lastIngestionAt: number | undefined;
};

export type LogGroup = {
  name: string;
  arn: string;
  createdAt: number;
  retentionDays: number | undefined;
  streams: Map<string, LogStream>;
  filters: Map<string, MetricFilter>;
};

/** How many events of a batch were left out, as `PutLogEvents` tells it: by index, since a batch is in order. */
export type Rejected = {
  tooOldLogEventEndIndex?: number;
  expiredLogEventEndIndex?: number;
  tooNewLogEventStartIndex?: number;
};

export type LogGroups = {
  groups: Map<string, LogGroup>;
  create(name: string): void;
  /** Throws `ResourceNotFoundException`. */
  expect(name: string | undefined): LogGroup;
  expectStream(group: LogGroup, name: string | undefined): LogStream;
  createStream(group: LogGroup, name: string): void;
  /**
   * Keeps those events of an ordered batch that are neither too old nor too new, and lets the group's filters see them. Throws
   * `InvalidParameterException` where these span too long a time.
   */
  ingest(group: LogGroup, stream: LogStream, batch: readonly LogEvent[]): Rejected;
  /** The events that the group's retention still covers, oldest first. */
  kept(group: LogGroup, stream: LogStream): readonly StoredEvent[];
};

export const createLogGroups = (world: World): LogGroups => {
  const groups = new Map<string, LogGroup>();
  const ids = world.random.fork('logs');

  const expiredBefore = ({ retentionDays }: LogGroup): number =>
    retentionDays === undefined ? Number.NEGATIVE_INFINITY : world.clock.now() - retentionDays * 24 * hour;

  const kept: LogGroups['kept'] = (group, stream) => {
    const since = expiredBefore(group);
    const first = stream.events.findIndex(({ timestamp }) => timestamp >= since);
    stream.events.splice(0, first < 0 ? stream.events.length : first);
    return stream.events;
  };

  return {
    groups,
    create: (name) => {
      if (groups.has(name)) throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
      groups.set(name, {
        name,
        arn: world.arn('logs', `log-group:${name}`),
        createdAt: world.clock.now(),
        retentionDays: undefined,
        streams: new Map(),
        filters: new Map(),
      });
    },
    expect: (name) => {
      const group = groups.get(name ?? '');
      if (!group) throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
      return group;
    },
    expectStream: ({ streams }, name) => {
      const stream = streams.get(name ?? '');
      if (!stream) throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
      return stream;
    },
    createStream: ({ arn, streams }, name) => {
      if (streams.has(name)) throw new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');
      streams.set(name, {
        name,
        arn: `${arn}:log-stream:${name}`,
        createdAt: world.clock.now(),
        events: [],
        lastIngestionAt: undefined,
      });
    },
    ingest: (group, stream, batch) => {
      const now = world.clock.now();
      const countBefore = (time: number) => batch.filter(({ timestamp }) => timestamp < time).length;
      const tooOld = countBefore(now - logsParameters.backDays * 24 * hour);
      const expired = countBefore(expiredBefore(group));
      const tooNew = batch.findIndex(({ timestamp }) => timestamp > now + logsParameters.aheadHours * hour);
      const accepted = batch.slice(Math.max(tooOld, expired), tooNew < 0 ? batch.length : tooNew);
      const span = (accepted.at(-1)?.timestamp ?? 0) - (accepted[0]?.timestamp ?? 0);
      if (span > logsParameters.batch.spanHours * hour)
        throw new AwsError(
          'InvalidParameterException',
          'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
        );
      const { events } = stream;
      for (const event of accepted) {
        const stored = { ...event, id: `${ids.hex(28)}${ids.hex(28)}`, ingestedAt: now };
        const before = events.findLastIndex(({ timestamp }) => timestamp <= event.timestamp);
        if (before === events.length - 1) events.push(stored);
        else events.splice(before + 1, 0, stored);
      }
      if (accepted.length > 0) stream.lastIngestionAt = now;
      for (const filter of group.filters.values()) filter.apply(accepted);
      return {
        ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
        ...(expired > tooOld && { expiredLogEventEndIndex: expired }),
        ...(tooNew >= 0 && { tooNewLogEventStartIndex: tooNew }),
      };
    },
    kept,
  };
};
