import * as z from 'zod';
import { pageHeaders } from '../model/html.ts';
import { plainPage } from './page.ts';

/**
 * The used fields of a function URL request. The address and the domain are what Lambda saw, whatever the headers say.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
export const urlEventSchema = z.object({
  rawPath: z.string(),
  headers: z.record(z.string(), z.string().optional()).default({}),
  requestContext: z.object({
    domainName: z.string(),
    http: z.object({ method: z.string(), sourceIp: z.string() }),
  }),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
});
export type UrlEvent = z.infer<typeof urlEventSchema>;

/** The response of a function URL. */
export type UrlResponse = { statusCode: number; headers: Record<string, string>; body: string };

/** A response with the page's security headers. */
export const respond = (statusCode: number, body: string, headers: Record<string, string> = {}): UrlResponse => ({
  statusCode,
  headers: { ...pageHeaders, ...headers },
  body,
});

/** Why a request is refused: a status, and a page without hints for an attacker. */
export type Refusal = { status: 400 | 403 | 405 | 413 | 415; title: string; text: string };

/** The response to a refused request. */
export const refuse = ({ status, title, text }: Refusal, headers?: Record<string, string>): UrlResponse =>
  respond(status, plainPage(title, text), headers);

/** In bytes: several times the size of the page's own form. */
const bodyLimit = 4096;
const formType = 'application/x-www-form-urlencoded';

/** Parses a request's form fields, or says why it can't. */
export const readForm = ({ headers, body = '', isBase64Encoded }: UrlEvent): URLSearchParams | Refusal => {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== formType) return { status: 415, title: 'Not a form', text: 'This page accepts only its own form.' };
  // Checked before decoding: base64 takes four characters for three bytes.
  if (body.length > (isBase64Encoded ? bodyLimit * 1.4 : bodyLimit)) {
    return { status: 413, title: 'Too large', text: 'The request is larger than the form allows.' };
  }
  return new URLSearchParams(isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body);
};
