import type { HttpRequest } from '../protocol/http.ts';

/** A request's body as text. */
export const textOf = (request: HttpRequest): string =>
  typeof request.body === 'string' ? request.body : new TextDecoder().decode(request.body);
