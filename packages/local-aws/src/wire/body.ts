import type { HttpRequest } from './protocol/http.ts';

/** The body of a request or an answer as text. */
export const textOf = ({ body }: Pick<HttpRequest, 'body'>): string => (typeof body === 'string' ? body : new TextDecoder().decode(body));
