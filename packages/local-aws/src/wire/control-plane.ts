import * as z from 'zod';
import { faultSchema } from '../core/faults.ts';
import { momentSchema } from '../core/moment.ts';
import type { LocalAws } from '../local-aws.ts';
import type { Changes } from './driven.ts';
import type { HttpRequest, HttpResponse } from './protocol/http.ts';

/** What the control plane may do with the world that is being served. */
export type Controlled = {
  aws(): LocalAws;
  /** Another account and region that is served; undefined where there is none. */
  find(account: string, region: string): LocalAws | undefined;
  /** Simulated seconds for each real one. */
  speed: number;
  /** Moves the clock, over and above what real time moves it. */
  advance(seconds: number): Promise<void>;
  /** Replaces the world by a new one, with the seed and the start of this one where nothing else is said. */
  reset(changes: Changes): Promise<void>;
};

/** A month in one go is plenty, and bounds the time that a request can take. */
const longestAdvance = 31 * 24 * 3600;

const clockSchema = z.strictObject({ advanceSeconds: z.number().min(0).max(longestAdvance) });
const resetSchema = z.strictObject({ seed: z.int().min(0).max(0xffff_ffff).optional(), start: momentSchema.optional() });

/** A request that can't be done, with the reason to give. */
class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const reason = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message)).join('; ');

const read = <T>(schema: z.ZodType<T>, request: HttpRequest): T => {
  let value: unknown;
  try {
    value = JSON.parse(typeof request.body === 'string' ? request.body : new TextDecoder().decode(request.body));
  } catch {
    throw new Refusal(400, 'the body is not JSON');
  }
  const result = schema.safeParse(value);
  if (!result.success) throw new Refusal(400, reason(result.error));
  return result.data;
};

/** All alarms, as `DescribeAlarms` would page through them, without leaving a trace in the call log. */
const alarmsOf = async ({ cloudWatch, world }: LocalAws): Promise<unknown[]> => {
  const context = { now: world.clock.now(), requestId: '', account: world.account, region: world.region, accessKey: '', userAgent: '' };
  const alarms: unknown[] = [];
  let NextToken: string | undefined;
  do {
    const input = { AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], MaxRecords: 100, ...(NextToken && { NextToken }) };
    const page = (await cloudWatch.service.operations.DescribeAlarms?.run(input, context)) as
      | { MetricAlarms?: unknown[]; CompositeAlarms?: unknown[]; NextToken?: string }
      | undefined;
    alarms.push(...(page?.MetricAlarms ?? []), ...(page?.CompositeAlarms ?? []));
    NextToken = page?.NextToken;
  } while (NextToken);
  return alarms;
};

const stateOf = async (aws: LocalAws, speed: number): Promise<unknown> => {
  const { world, ec2, autoScaling, loadBalancing, queues, faults } = aws;
  const { seed, account, region } = world;
  return {
    time: new Date(world.clock.now()).toISOString(),
    seed,
    account,
    region,
    speed,
    instances: [...ec2.list()].map(
      ({ id, state, availabilityZone, instanceType, systemStatus, instanceStatus, reachable, tags, groupName }) => ({
        id,
        state,
        availabilityZone,
        instanceType,
        systemStatus,
        instanceStatus,
        reachable,
        group: groupName,
        tags: Object.fromEntries(tags),
      }),
    ),
    groups: [...autoScaling.list()].map(({ name, desired, min, max, memberIds, inServiceIds, tags }) => ({
      name,
      desired,
      min,
      max,
      members: memberIds,
      inService: inServiceIds,
      tags: Object.fromEntries(tags),
    })),
    targetGroups: loadBalancing.list(),
    queues: queues.list(),
    alarms: await alarmsOf(aws),
    faults: faults.active(),
    calls: world.calls.map(({ at, ...call }) => ({ at: new Date(at).toISOString(), ...call })),
  };
};

const time = (aws: LocalAws) => ({ time: new Date(aws.world.clock.now()).toISOString() });

const inject = (aws: LocalAws, request: HttpRequest) => {
  const fault = read(faultSchema, request);
  try {
    return { id: aws.faults.inject(fault), ...time(aws) };
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal(400, `${fault.fault === 'fail-call' ? 'operation' : 'target'}: ${error.message}`);
    throw error;
  }
};

/** The world that a request is about: `?account=…&region=…` means another one than the first. */
const meant = (controlled: Controlled, { query }: HttpRequest): LocalAws => {
  const asked = new URLSearchParams(query);
  const { account: first, region: firstRegion } = controlled.aws().world;
  const [account, region] = [asked.get('account') ?? first, asked.get('region') ?? firstRegion];
  if (account === first && region === firstRegion) return controlled.aws();
  const found = controlled.find(account, region);
  if (!found) throw new Refusal(404, `there is no account ${account.slice(0, 20)} in ${region.slice(0, 30)}`);
  return found;
};

const act = async (controlled: Controlled, request: HttpRequest): Promise<unknown> => {
  const aws = meant(controlled, request);
  const { method, path } = request;
  const faultId = /^\/_selfheal\/faults\/([^/]+)$/.exec(path)?.[1];
  switch (`${method} ${faultId === undefined ? path : '/_selfheal/faults/ID'}`) {
    case 'GET /_selfheal/state':
      return stateOf(aws, controlled.speed);
    case 'POST /_selfheal/faults':
      return inject(aws, request);
    case 'DELETE /_selfheal/faults/ID':
      if (!aws.faults.end(faultId as string)) throw new Refusal(404, `no fault ${faultId} is active`);
      return { id: faultId, ...time(aws) };
    case 'GET /_selfheal/clock':
      return time(aws);
    case 'POST /_selfheal/clock':
      await controlled.advance(read(clockSchema, request).advanceSeconds);
      return time(controlled.aws());
    case 'POST /_selfheal/reset':
      await controlled.reset(read(resetSchema, request));
      return { seed: controlled.aws().options.seed, ...time(controlled.aws()) };
    default:
      throw new Refusal(404, `no such path: ${method} ${path.slice(0, 200)}`);
  }
};

/** Answers the requests under `/_selfheal/`: faults, the clock, a new world, and a look at this one. */
export const control = async (controlled: Controlled, request: HttpRequest): Promise<HttpResponse> => {
  const answer = (status: number, value: unknown): HttpResponse => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: `${JSON.stringify(value)}\n`,
  });
  try {
    return answer(200, await act(controlled, request));
  } catch (error) {
    return answer(error instanceof Refusal ? error.status : 500, { error: (error as Error).message });
  }
};
