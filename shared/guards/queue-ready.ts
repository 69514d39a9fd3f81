import { consumerOf, readConsumer } from '../model/consumer.ts';
import { type ConsumerVerdict, idleIn, judgeConsumer, lastGrowth } from '../model/consumer-evidence.ts';
import { formatDuration, hourMs, hours, inSeconds, minuteMs } from '../model/duration.ts';
import { isSamePlace } from '../model/place.ts';
import type { Resource } from '../model/resource.ts';
import { deadAgainWithin } from '../model/snapshot.ts';
import { isResolved } from '../model/status.ts';
import { arnBeside, maxSources } from '../resources/sqs-queue.ts';
import { type Asked, readConsumers } from './consumer-metrics.ts';
import { type Check, defineGuard, escalate, type GuardAnswer, type GuardInput, hold, holdForNow, holdUnseen, none, pass } from './guard.ts';
import { isOptedIn } from './opt-in.ts';

/** How long what processes the messages must have worked without a failure, in minutes. */
const calm = 10;
/** How long that is waited for, in milliseconds. */
const patience = 2 * hourMs;
/** Where messages take longer until they are dead again, a person watches over them; in seconds. */
const longestProof = hours(1);

/** Messages are only moved back to what works. One that fails is waited for, and people hear why nothing is done yet. */
const answerTo = (verdict: ConsumerVerdict, { incident, now }: GuardInput): GuardAnswer => {
  switch (verdict.state) {
    case 'healthy':
      return pass;
    case 'unknown':
      return holdUnseen(verdict.because);
    case 'unseen':
      return escalate(verdict.because);
    case 'failing': {
      const reason = `${verdict.because}: it must have worked for ${calm} min`;
      if (now - incident.at >= patience) return escalate(`${reason}, and has not for ${formatDuration(patience / 1000)}`);
      return {
        answer: 'hold',
        reason,
        passing: true,
        unseen: true,
        until: Math.max(verdict.at, now - calm * minuteMs) + (calm + 2) * minuteMs,
      };
    }
  }
};

/** How long ago an incident of what processes the messages may have begun to tell of it now, and how many are looked through. */
const recently = 6 * hourMs;
const maxIncidents = 200;

/** What an incident is about, by the name that the policy has for such a consumer, or as a function. */
const consumerNamed = ({ type, id }: Resource): string => (readConsumer(`${type}/${id}`) ? `${type}/${id}` : `function/${id}`);

/** When the last incident about something ended well; null if the last to end didn't, or if any is open. */
const healedAt = async (ids: readonly string[], { ledger, incident, now }: GuardInput): Promise<number | null> => {
  const recent = await ledger.recent({ from: now - recently, to: now, limit: maxIncidents });
  const own = recent.filter(({ resource }) => resource !== null && ids.includes(consumerNamed(resource)));
  const ends = own.map(({ outcome }) => (outcome === null ? Number.POSITIVE_INFINITY : Date.parse(outcome.endedAt)));
  const last = own[ends.indexOf(Math.max(...ends))]?.outcome;
  if (!last || !isResolved(last.status)) return null;
  return isSamePlace(last, incident) ? Date.parse(last.endedAt) : null;
};

/**
 * What is known of the consumers by now; null if the metrics aren't. Who had nothing to process shows nothing: then its own incident
 * counts, if that ended well, and nothing has failed or died since.
 */
const verdictsOf = async (asked: readonly Asked[], dead: string, input: GuardInput): Promise<ConsumerVerdict[] | null> => {
  const { clients, now } = input;
  const read = (minutes: number) => readConsumers(clients, asked, { dead, now, minutes });
  const healed = new Map<string, number>();
  const isHealed = (ids: readonly string[]) => ids.some((id) => healed.has(id));
  const judge = (seen: Awaited<ReturnType<typeof read>>, counts: typeof isHealed): ConsumerVerdict[] => {
    const grown = lastGrowth(seen.dead);
    return [
      ...seen.consumers.map((one) => judgeConsumer(one, now, counts)),
      ...(grown === null ? [] : [{ state: 'failing', at: grown, because: `messages still die: ${dead} has grown` } as const]),
    ];
  };
  const lately = await read(calm);
  if (lately.dead.length === 0) return null;
  for (const ids of lately.consumers.flatMap(idleIn)) {
    const at = await healedAt(ids, input);
    if (at !== null) for (const id of ids) healed.set(id, at);
  }
  const since = healed.size === 0 ? 0 : Math.floor((now - Math.min(...healed.values())) / minuteMs);
  const well = since <= calm || judge(await read(since), isHealed).every(({ state }) => state === 'healthy');
  return judge(lately, well ? isHealed : () => false);
};

const mayRedrive: Check = async (input) => {
  const { facts, incident, policy, now } = input;
  const { queue } = facts;
  if (!policy.redrive) return hold('redrive in the policy is off');
  if (!queue) return hold('the queue does not exist');
  const { id, arn, fifo, ownKey, messages, sources, moves } = queue;
  if (!sources || sources.length === 0) return hold(`${id} gets no dead letters of other queues`);
  if (fifo) return escalate(`${id} is a FIFO queue, and messages that were moved would be out of order`);
  if (ownKey) return escalate(`${id} is encrypted under a key of its owner's, which selfheal may not use`);
  if (sources.length > maxSources) return escalate(`${id} gets the dead letters of more than ${maxSources} queues`);
  const other = sources.find(({ tags }) => !isOptedIn(tags, policy));
  if (other) return escalate(`queue ${other.id}, where messages of ${id} would be moved back to, is not opted in`);
  if (messages === null) return holdUnseen(`SQS doesn't say how many messages are in ${id}`);
  const { atMost, onceIn } = policy.redrive;
  if (messages > atMost) return escalate(`${messages} messages are in ${id}, and the policy lets ${atMost} be moved`);
  const proof = deadAgainWithin(queue);
  if (proof > longestProof) return escalate(`only after ${formatDuration(proof)} it shows whether what was moved is dead again`);
  if (moves.some(({ active }) => active)) return holdForNow(`messages of ${id} are being moved already`);
  const last = Math.max(...moves.map(({ startedAt }) => startedAt));
  const since = (now - last) / 1000;
  if (since < inSeconds(onceIn))
    return escalate(`messages of ${id} were moved ${formatDuration(since)} ago already, and there are dead letters again`);
  // Metrics of the minutes before tell nothing of what has just begun to fail.
  const until = incident.at + (calm + 1) * minuteMs;
  if (now < until) {
    const reason = `messages of ${id} have just died: what processes them must have worked for ${calm} min since`;
    return { answer: 'hold', reason, passing: true, unseen: true, until };
  }
  const asked = sources.map((one) => ({
    queue: one.id,
    arn: arnBeside(arn, one.id),
    named: consumerOf(policy.consumers, one.id, one.tags),
  }));
  const verdicts = await verdictsOf(asked, id, input);
  if (!verdicts) return holdUnseen(`the metrics of queue ${id} are not known`);
  const gravest = (['unseen', 'failing', 'unknown'] as const).flatMap((state) => verdicts.find((one) => one.state === state) ?? []);
  return gravest[0] ? answerTo(gravest[0], input) : pass;
};

/** More of what fails does not help: only where most of what is received is processed, there is too little of it. */
const mayScale: Check = async ({ facts: { queue }, clients, now }) => {
  // The incident is about no queue.
  if (queue === undefined) return pass;
  if (!queue) return hold('the queue does not exist');
  const asked = [{ queue: queue.id, arn: queue.arn, named: queue.consumer ?? 'what processes it' }];
  const { consumers } = await readConsumers(clients, asked, { dead: null, now, minutes: calm });
  const [verdict] = consumers.map((one) => judgeConsumer(one, now));
  if (!verdict || verdict.state === 'unknown') return holdUnseen(verdict?.because ?? `the metrics of queue ${queue.id} are not known`);
  return verdict.state === 'healthy' ? pass : escalate(`${verdict.because}: more of it would not help`);
};

const unknown: Check = ({ action, target }) => hold(`can't tell what ${action.id} does to the messages of ${target.type} ${target.id}`);

const others = {
  starts: none,
  changesSoftware: none,
  interrupts: none,
  removesFromService: none,
  destroys: none,
  changesAddress: none,
  repeatsWork: none,
  growsStorage: none,
};

/**
 * Dead letters are moved back only if the policy says so, to queues that are opted in, once in a while, and once what processes them has
 * worked for a while; and what processes a queue is scaled out only if it works.
 */
export const queueReady = defineGuard({
  id: 'queue-ready',
  live: true,
  check: {
    of: {
      instance: none,
      group: { ...others, addsCapacity: mayScale },
      database: none,
      service: { ...others, addsCapacity: mayScale },
      queue: {
        repeatsWork: mayRedrive,
        growsStorage: unknown,
        starts: unknown,
        changesSoftware: unknown,
        interrupts: unknown,
        removesFromService: unknown,
        destroys: unknown,
        addsCapacity: unknown,
        changesAddress: unknown,
      },
      task: none,
      certificate: none,
    },
  },
});
