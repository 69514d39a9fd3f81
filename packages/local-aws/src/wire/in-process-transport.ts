import { HttpResponse as SdkHttpResponse } from '@smithy/core/protocols';
import type { HttpRequest, HttpResponse } from './protocol/http.ts';

/** A request as the SDK's protocols write it. */
export type SdkRequest = { method: string; path: string; query?: Record<string, unknown>; headers: Record<string, string>; body?: unknown };

export const queryString = (query: Record<string, unknown> = {}): string =>
  Object.entries(query)
    .flatMap(([key, value]) =>
      (Array.isArray(value) ? value : [value]).map((v) => `${encodeURIComponent(key)}=${encodeURIComponent(String(v ?? ''))}`),
    )
    .join('&');

/** The error that Node's sockets give when the other side hangs up: what a lost answer looks like to a client. */
const connectionReset = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

/** The error that the SDK's handler gives when its patience ends. */
const timedOut = () => Object.assign(new Error('a request has exceeded the configured requestTimeout'), { name: 'TimeoutError' });

/** Throws what a client sees where no answer arrives. */
export const mustAnswer = ({ lost, hangs }: HttpResponse): void => {
  if (hangs) throw timedOut();
  if (lost) throw connectionReset();
};

/**
 * A `requestHandler` for SDK clients that hands the signed, serialised request straight to `handle` and gives back its answer: the
 * whole wire protocol without a socket, for runs in which the machine's scheduler must not matter.
 */
export const inProcess = (handle: (request: HttpRequest) => Promise<HttpResponse>) => ({
  handle: async (request: SdkRequest) => {
    const body = request.body instanceof Uint8Array ? request.body : typeof request.body === 'string' ? request.body : '';
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
    const answer = await handle({ method: request.method, path: request.path, query: queryString(request.query), headers, body });
    mustAnswer(answer);
    return {
      response: new SdkHttpResponse({
        statusCode: answer.status,
        headers: answer.headers,
        body: typeof answer.body === 'string' ? new TextEncoder().encode(answer.body) : answer.body,
      }),
    };
  },
  updateHttpClientConfig: () => {},
  httpHandlerConfigs: () => ({}),
  destroy: () => {},
});
