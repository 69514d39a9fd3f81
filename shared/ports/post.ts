/** What a server outside AWS answered. */
export type Answer = { status: number; body: string };

/**
 * Sends a request to a public address of a URL's host.
 * @throws if it may not be sent there, or if there is no answer
 */
export type Post = (url: URL, message: { headers: Readonly<Record<string, string>>; body: string }) => Promise<Answer>;
