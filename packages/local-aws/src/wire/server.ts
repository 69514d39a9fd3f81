import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { LocalAws } from '../local-aws.ts';
import { hostNames, refusalOf } from './callers.ts';
import { control } from './control-plane.ts';
import { type Changes, type Driven, driven } from './driven.ts';
import type { HttpRequest, HttpResponse } from './protocol/http.ts';

export type ServeOptions = {
  /** 0, or nothing, for any free port. */
  port?: number;
  /** A loopback address: what is served here has no access control at all. */
  host?: '127.0.0.1' | '::1';
  /** Names that it answers to besides those of a loopback address. */
  names?: readonly string[];
  /** Simulated seconds for each real one. With 0 the clock moves only when it is asked to. */
  speed?: number;
  /** Told of what should not have happened; what it happened to is answered with an error, and serving goes on. */
  onError?: (error: Error) => void;
};

/** A local AWS that is served by HTTP. `url` is the endpoint for clients, at a port of this machine. */
export type ServedAws = {
  url: string;
  /** The world that is being served: another one after a reset. */
  aws(): LocalAws;
  /** Stops serving, cuts what is still open, and lets the process end. */
  close(): Promise<void>;
};

/** In bytes: SQS takes a message of 1 MiB and a batch as large, DynamoDB's BatchWriteItem takes 16 MB. */
const maxBody = 16 * 1024 * 1024;
/** Real milliseconds between two looks at the clock. */
const tick = 50;
/** Simulated milliseconds after which other work of the process gets its turn. */
const stretch = 10 * 60_000;
/** Calls that the log keeps while it serves: it must not grow for ever. */
const keptCalls = 100_000;

const readBody = (incoming: IncomingMessage): Promise<Uint8Array | undefined> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBody) {
        incoming.removeAllListeners('data');
        resolve(undefined);
      } else chunks.push(chunk);
    });
    incoming.on('end', () => resolve(Buffer.concat(chunks)));
    incoming.on('error', reject);
    incoming.on('close', () => reject(new Error('the caller hung up')));
  });

const asRequest = (incoming: IncomingMessage, body: Uint8Array): HttpRequest => {
  const url = incoming.url ?? '/';
  const mark = url.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
    ),
    body,
  };
};

const respond = (outgoing: ServerResponse, { status, headers, body, lost, hangs }: HttpResponse, last = false): void => {
  // The caller's patience ends by itself, and the connection with it.
  if (hangs) return;
  if (lost) {
    outgoing.socket?.destroy();
    return;
  }
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  outgoing.writeHead(status, { ...headers, ...(status === 204 ? {} : { 'content-length': length }), ...(last && { connection: 'close' }) });
  outgoing.end(status === 204 ? undefined : body);
};

/** Says it to AWS clients and to those of the control plane. */
const refused = (status: number, code: string, message: string): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
  body: JSON.stringify({ __type: code, message, error: message }),
});

const tooLarge = refused(413, 'RequestEntityTooLarge', `The request is larger than ${maxBody} bytes.`);

/** Serves a local AWS over HTTP: all services and the control plane on one port. */
export const serve = async (
  first: LocalAws | Driven,
  { port = 0, host = '127.0.0.1', names = [], speed = 1, onError = () => {} }: ServeOptions = {},
): Promise<ServedAws> => {
  let world = 'aws' in first ? first : driven(first);
  const now = () => world.aws.world.clock.now();
  let base = { real: performance.now(), simulated: now() };
  const target = () => base.simulated + (performance.now() - base.real) * speed;

  /** Brings the clock to where it should be by now; what becomes due meanwhile is the next move's. */
  const moveOnce = async (): Promise<void> => {
    const moved = world;
    const goal = Math.floor(target());
    while (world === moved && now() < goal) {
      await moved.advanceTo(Math.min(goal, now() + stretch));
      await setImmediate();
    }
    await moved.settle();
    for (const { world: one } of moved.worlds?.() ?? [moved.aws]) if (one.calls.length > keptCalls) one.calls.splice(0, keptCalls / 2);
  };

  /** Moves never overlap. A request that finds one under way doesn't wait for it: it may come from a function that the move runs. */
  let moving: Promise<void> | undefined;
  const move = (): Promise<void> => {
    if (moving) return moving;
    const done = moveOnce().finally(() => {
      moving = undefined;
    });
    moving = done;
    return done;
  };

  const controlled = {
    aws: () => world.aws,
    find: (account: string, region: string) => world.find?.(account, region),
    speed,
    advance: async (seconds: number) => {
      await moving;
      base = { ...base, simulated: base.simulated + seconds * 1000 };
      await move();
    },
    reset: async (changes: Changes) => {
      const old = world;
      world = await old.again(changes);
      base = { real: performance.now(), simulated: now() };
      await moving;
      await old.close();
    },
  };

  /** The port is only known once it listens; until then nobody is answered. */
  let known: readonly string[] = [];

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const refusal = refusalOf(incoming.method ?? '', incoming.url ?? '', incoming.headers, known);
    if (refusal) return respond(outgoing, refused(refusal.status, refusal.code, refusal.message), true);
    const body = Number(incoming.headers['content-length'] ?? 0) > maxBody ? undefined : await readBody(incoming);
    if (!body) return respond(outgoing, tooLarge, true);
    const request = asRequest(incoming, body);
    if (/^\/_selfheal(\/|$)/.test(request.path)) return respond(outgoing, await control(controlled, request));
    if (!moving) await move().catch(onError);
    respond(outgoing, await (world.handle ?? world.aws.handle)(request));
  };

  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, (incoming, outgoing) => {
    // It would be the machine's, and another one in each run.
    outgoing.sendDate = false;
    answer(incoming, outgoing).catch((error: Error) => {
      if (!incoming.destroyed) onError(error);
      outgoing.destroy();
    });
  });
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });

  const { port: taken } = server.address() as AddressInfo;
  known = hostNames(taken, names);
  const timer = setInterval(() => void move().catch(onError), tick);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    aws: () => world.aws,
    close: async () => {
      clearInterval(timer);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await moving;
      await world.close();
    },
  };
};
