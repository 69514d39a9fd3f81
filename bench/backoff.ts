import { createBucket } from '#local-aws';
import { throttleParameters } from '#local-aws/model-parameters';
import { createRandom, type Random } from '#local-aws/random';
import { type Backoff, backoffSeconds } from '../shared/model/backoff.ts';
import { secondMs } from '../shared/model/duration.ts';
import { type Measurement, round } from './measurement.ts';

/** A rung's usual backoff. */
const usual: Backoff = { initial: 15, cap: 300, attempts: Number.POSITIVE_INFINITY };

/** Seconds until the next try, after so many; `last` is the pause before. */
type Pause = (tries: number, last: number, random: Random) => number;

const pauses: Record<string, Pause> = {
  /** Again every second, which is quick for a person and slow for a loop. */
  none: () => 1,
  exponential: (tries) => Math.min(usual.cap, usual.initial * 2 ** (tries - 1)),
  full_jitter: (tries, _last, random) => backoffSeconds(tries, usual, random.next()),
  decorrelated: (_tries, last, random) => Math.min(usual.cap, random.between(usual.initial, Math.max(usual.initial, last * 3))),
};

type Client = { tries: number; last: number };

/** All clients call at once an API with EC2's bucket for mutating calls, and each until it gets through. Clocks are simulated, in whole seconds. */
const drain = (clients: number, pause: Pause, seed: number) => {
  const random = createRandom(seed).fork('backoff');
  let now = 0;
  const bucket = createBucket(throttleParameters.ec2.requests.mutating, { now: () => now });
  const due = new Map<number, Client[]>([[0, Array.from({ length: clients }, () => ({ tries: 0, last: 0 }))]]);
  let [attempts, peak, left, last] = [0, 0, clients, 0];
  for (let at = 0; left > 0; at++) {
    now = at * secondMs;
    const calling = due.get(at);
    due.delete(at);
    if (!calling) continue;
    attempts += calling.length;
    // Everybody is refused or not at the first moment; what counts afterwards is what comes back.
    if (at > 0) peak = Math.max(peak, calling.length);
    for (const client of calling) {
      if (bucket.take(1)) {
        left--;
        last = at;
        continue;
      }
      client.tries++;
      client.last = pause(client.tries, client.last, random);
      const next = Math.max(at + 1, Math.round(at + client.last));
      const others = due.get(next);
      if (others) others.push(client);
      else due.set(next, [client]);
    }
  }
  return { attempts, peak, last };
};

/** Many clients against a throttled API: what they burden it with, and when the last of them is through. */
export const benchBackoff = (quick = false): Measurement[] => {
  const clients = quick ? 1_000 : 10_000;
  const { size, perSecond } = throttleParameters.ec2.requests.mutating;
  const figures: Measurement[] = [
    { name: 'backoff.clients', value: clients, unit: 'count' },
    { name: 'backoff.least_drain_s', value: Math.ceil((clients - size) / perSecond), unit: 's' },
  ];
  for (const [name, pause] of Object.entries(pauses)) {
    const { attempts, peak, last } = drain(clients, pause, 1);
    figures.push(
      { name: `backoff.${name}.attempts_per_client`, value: round(attempts / clients, 1), unit: 'count' },
      { name: `backoff.${name}.peak_per_s`, value: peak, unit: '1/s' },
      { name: `backoff.${name}.drain_s`, value: last, unit: 's' },
    );
  }
  return figures;
};
