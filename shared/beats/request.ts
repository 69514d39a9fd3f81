import * as z from 'zod';
import { urlEventSchema } from '../approvals/http.ts';
import type { SigningKeys } from '../approvals/keys.ts';
import { beatName } from '../model/beat.ts';
import { parseTime } from '../model/time.ts';
import type { Beats } from '../ports/beats.ts';
import type { Log } from '../ports/log.ts';
import { beatSource, beatType } from '../signals/heartbeat.ts';
import { isFields } from '../signals/module.ts';
import { isBeatToken, mayBeToken } from './token.ts';

/** What taking a beat needs. */
export type BeatDeps = {
  beats: Pick<Beats, 'countBeat'>;
  /** The names of the policy's heartbeats. */
  names: ReadonlySet<string>;
  keys: () => Promise<SigningKeys>;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Must never receive a token. */
  log: Log;
};

/** A request by a function URL. */
const requestSchema = urlEventSchema.extend({ rawQueryString: z.string().default('') });

/** An event from the bus. Only who may put events there can send one: no request to the URL looks like it. */
const eventSchema = z.object({
  source: z.literal(beatSource),
  'detail-type': z.literal(beatType),
  time: z.string().optional(),
  detail: z.object({ name: beatName }),
});

/** In bytes. A beat says nothing but that it came. */
const bodyLimit = 1024;

type Answer = { statusCode: number; headers: Record<string, string>; body: string };

const answer = (statusCode: number, body = '', headers: Record<string, string> = {}): Answer => ({
  statusCode,
  headers: {
    'cache-control': 'no-store',
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    ...headers,
  },
  body: body === '' ? '' : `${body}\n`,
});

/** The same for an unknown name, a missing token and a wrong one, so that it reveals nothing about valid ones. */
const unauthorized = () => answer(401, 'no valid token for this heartbeat', { 'www-authenticate': 'Bearer' });

const tokenOf = ({ headers, rawQueryString }: z.infer<typeof requestSchema>): string => {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization?.trim() ?? '') ?? [];
  return bearer ?? new URLSearchParams(rawQueryString).get('token') ?? '';
};

const bytesOf = ({ body = '', isBase64Encoded }: z.infer<typeof requestSchema>): number =>
  Buffer.byteLength(body, isBase64Encoded ? 'base64' : 'utf8');

/** Answers a request to the beat URL. The ledger is not asked for anything before the token is verified. */
const answerRequest = async (request: z.infer<typeof requestSchema>, { beats, names, keys, now }: BeatDeps): Promise<Answer> => {
  const { rawPath, requestContext } = request;
  if (requestContext.http.method !== 'POST') return answer(405, 'send a beat by POST', { allow: 'POST' });
  if (bytesOf(request) > bodyLimit) return answer(413, `a beat has at most ${bodyLimit} bytes`);
  const [, name = ''] = /^\/beat\/([a-z0-9-]{1,64})\/?$/.exec(rawPath) ?? [];
  const token = tokenOf(request);
  if (!mayBeToken(token) || !isBeatToken(token, name, await keys()) || !names.has(name)) return unauthorized();
  const counted = await beats.countBeat(name, now(), now());
  if (counted === 'too-many') return answer(429, 'more than 60 beats in this minute', { 'retry-after': '60' });
  return answer(204);
};

/** Counts the beat of an event. */
const takeEvent = async ({ detail: { name }, time }: z.infer<typeof eventSchema>, { beats, names, now, log }: BeatDeps): Promise<void> => {
  if (!names.has(name)) return log({ level: 'WARN', message: 'beat ignored', beat: name, why: 'the policy has no such heartbeat' });
  const counted = await beats.countBeat(name, parseTime(time) ?? now(), now());
  if (counted === 'too-many') log({ level: 'WARN', message: 'beat ignored', beat: name, why: 'more than 60 in this minute' });
};

/**
 * Takes one beat: a request to the URL, which gets an answer, or an event from the bus, which gets none.
 * @throws whatever the ledger throws for an event, so that Lambda retries it, or {z.ZodError} for what is neither
 */
export const takeBeat = async (event: unknown, deps: BeatDeps): Promise<Answer | undefined> => {
  if (isFields(event) && event.source === beatSource) {
    const sent = eventSchema.safeParse(event);
    if (sent.success) await takeEvent(sent.data, deps);
    else deps.log({ level: 'WARN', message: 'beat ignored', why: `its detail must be {"name": "…"}, the name of a heartbeat` });
    return undefined;
  }
  const request = requestSchema.parse(event);
  try {
    return await answerRequest(request, deps);
  } catch (error) {
    const { name, message } = error as Error;
    deps.log({ level: 'ERROR', message: 'beat not counted', error: `${name}: ${message}`.slice(0, 300) });
    return answer(500, 'the beat was not counted; send it again', { 'retry-after': '10' });
  }
};
