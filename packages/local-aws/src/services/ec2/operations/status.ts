import type { DescribeInstanceStatusCommandInput, DescribeInstanceStatusCommandOutput, InstanceStatus } from '@aws-sdk/client-ec2';
import type { CheckStatus } from '../../../core/service-interfaces.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import { type Check, checkStatus, impairedSince } from '../model/checks.ts';
import type { Fleet } from '../model/fleet.ts';
import { type Instance, type ScheduledEvent, stateCodes } from '../model/instance.ts';
import { allSeen, dryRun, type Seen, seenInstances, wholeSecond } from './common.ts';
import { compileFilters, type FilterTable } from './filters.ts';
import { checkPage, page } from './pages.ts';
import { wireState } from './shape.ts';

const rules = { call: 'DescribeInstanceStatus', least: 5, most: 1000 };
const maxIds = 100;
/** "After a scheduled event is completed, it can still be described for up to a week": InstanceStatusEvent. */
const week = 7 * 24 * 3600_000;

type Summary = NonNullable<InstanceStatus['SystemStatus']>;
type Reachability = 'passed' | 'failed' | 'initializing' | 'insufficient-data';

const reachability: Readonly<Record<Exclude<CheckStatus, 'not-applicable'>, Reachability>> = {
  ok: 'passed',
  impaired: 'failed',
  initializing: 'initializing',
  'insufficient-data': 'insufficient-data',
};

const reachabilityOf = (status: CheckStatus): Reachability | undefined => (status === 'not-applicable' ? undefined : reachability[status]);

const summary = (instance: Instance, check: Check, at: number): Summary => {
  const status = checkStatus(instance, check, at);
  const found = reachabilityOf(status);
  const since = impairedSince(instance, check, at);
  return {
    Status: status,
    Details: found ? [{ Name: 'reachability', Status: found, ...(since === undefined ? {} : { ImpairedSince: wholeSecond(since) }) }] : [],
  };
};

const describedEvents = ({ instance, at }: Seen): ScheduledEvent[] =>
  instance.events.filter((event) => !event.completed || at < event.notBefore + week);

const eventText = (event: ScheduledEvent): string => `${event.completed ? '[Completed] ' : ''}${event.description}`;

const wireStatus = (seen: Seen): InstanceStatus => {
  const { instance, described, at } = seen;
  const events = describedEvents(seen);
  return {
    AvailabilityZone: instance.zone.name,
    AvailabilityZoneId: instance.zone.id,
    InstanceId: instance.id,
    InstanceState: wireState(described.state),
    SystemStatus: summary(instance, 'system', at),
    InstanceStatus: summary(instance, 'reachable', at),
    AttachedEbsStatus: summary(instance, 'attached', at),
    ...(events.length === 0
      ? {}
      : {
          Events: events.map((event) => ({
            InstanceEventId: event.id,
            Code: event.code,
            Description: eventText(event),
            NotBefore: wholeSecond(event.notBefore),
            NotAfter: wholeSecond(event.notAfter),
          })),
        }),
  };
};

const eventFilter =
  (of: (event: ScheduledEvent) => string) =>
  (seen: Seen): string[] =>
    describedEvents(seen).map(of);

const checkFilters = (prefix: string, check: Check): FilterTable<Seen> => ({
  [`${prefix}.status`]: ({ instance, at }) => checkStatus(instance, check, at),
  [`${prefix}.reachability`]: ({ instance, at }) => reachabilityOf(checkStatus(instance, check, at)),
});

const statusFilters: FilterTable<Seen> = {
  'availability-zone': ({ instance }) => instance.zone.name,
  'availability-zone-id': ({ instance }) => instance.zone.id,
  'event.code': eventFilter((event) => event.code),
  'event.description': eventFilter(eventText),
  'event.instance-event-id': eventFilter((event) => event.id),
  'event.not-after': eventFilter((event) => wholeSecond(event.notAfter).toISOString()),
  'event.not-before': eventFilter((event) => wholeSecond(event.notBefore).toISOString()),
  'instance-state-code': ({ described }) => String(stateCodes[described.state]),
  'instance-state-name': ({ described }) => described.state,
  ...checkFilters('instance-status', 'reachable'),
  ...checkFilters('system-status', 'system'),
  ...checkFilters('attached-ebs-status', 'attached'),
};

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html */
export const describeInstanceStatus = (fleet: Fleet): Record<string, Operation> => ({
  DescribeInstanceStatus: operation<DescribeInstanceStatusCommandInput, DescribeInstanceStatusCommandOutput>(
    () => sdk.ec2().DescribeInstanceStatus$,
    (input) => {
      const ids = input.InstanceIds ?? [];
      if (ids.length > maxIds) throw new AwsError('InvalidParameterValue', `At most ${maxIds} instance IDs can be specified.`);
      checkPage(rules, input, { name: 'instancesSet', given: ids.length > 0 });
      const matches = compileFilters(statusFilters, input.Filters);
      const candidates = ids.length > 0 ? seenInstances(fleet, ids) : allSeen(fleet);
      dryRun(input);
      const shown = (seen: Seen) => (input.IncludeAllInstances === true || seen.described.state === 'running') && matches(seen);
      const { rows, ...next } = page(rules, input, Iterator.from(candidates).filter(shown), (seen) => seen.instance.seq);
      return { InstanceStatuses: rows.map(wireStatus), ...next };
    },
  ),
});
