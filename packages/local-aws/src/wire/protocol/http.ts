/** A request as the gateway takes it, from a socket or straight from an SDK client in the same process. */
export type HttpRequest = {
  method: string;
  /** Path without the query string. */
  path: string;
  query: string;
  /** Names in lower case. */
  headers: Record<string, string | undefined>;
  body: Uint8Array | string;
};

/**
 * `lost`: the call took effect, but its answer must not arrive; the connection is cut instead. `hangs`: nothing came of the call, and
 * its caller waits until his patience ends.
 */
export type HttpResponse = {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
  lost?: boolean;
  hangs?: boolean;
};
