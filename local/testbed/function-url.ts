/** What a handler behind a function URL gets, as far as selfheal reads it, and what it answers. */
type Handler = (event: unknown, context: unknown) => Promise<{ statusCode: number; headers: Record<string, string>; body: string }>;

/**
 * A function behind a URL of its own, as a `fetch` for that URL alone. The domain is what the function is told, whatever the
 * request's headers say; a form arrives in base64. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
export const createFunctionUrl =
  (handler: Handler, { domain, sourceIp }: { domain: string; sourceIp: string }) =>
  async (url: string, init?: RequestInit): Promise<Response> => {
    const request = new Request(url, init);
    const { pathname, search, host } = new URL(url);
    if (host !== domain) throw new TypeError(`${host} is not ${domain}`);
    const body = Buffer.from(await request.arrayBuffer());
    const answer = await handler(
      {
        version: '2.0',
        rawPath: pathname,
        rawQueryString: search.slice(1),
        headers: Object.fromEntries(request.headers),
        requestContext: { domainName: domain, http: { method: request.method, path: pathname, protocol: 'HTTP/1.1', sourceIp } },
        ...(body.length > 0 ? { body: body.toString('base64'), isBase64Encoded: true } : { isBase64Encoded: false }),
      },
      {},
    );
    // The standard's `Response` takes no body, not even an empty one, where the status says that there is none.
    return new Response(answer.body === '' ? null : answer.body, { status: answer.statusCode, headers: answer.headers });
  };
