import * as z from 'zod';
import { pageHeaders } from '../model/html.ts';
import { plainPage } from './page.ts';

/**
 * A request as a function URL hands it on, as far as it is read. The address and the domain are what Lambda saw, whatever the
 * headers say. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
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

export type UrlResponse = { statusCode: number; headers: Record<string, string>; body: string };

export const respond = (statusCode: number, body: string, headers: Record<string, string> = {}): UrlResponse => ({
  statusCode,
  headers: { ...pageHeaders, ...headers },
  body,
});

/** Why a request gets no further: a status, and a page that doesn't say what would. */
export type Refusal = { status: 400 | 403 | 405 | 413 | 415; title: string; text: string };

export const refuse = ({ status, title, text }: Refusal, headers?: Record<string, string>): UrlResponse =>
  respond(status, plainPage(title, text), headers);

/** In bytes: several times what the page's own form can hold. */
const bodyLimit = 4096;
const formType = 'application/x-www-form-urlencoded';

/** A request's body as a form's fields, or why it isn't one. */
export const readForm = ({ headers, body = '', isBase64Encoded }: UrlEvent): URLSearchParams | Refusal => {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== formType) return { status: 415, title: 'Not a form', text: 'This page accepts only its own form.' };
  // Before anything is decoded: three bytes are four characters of base64.
  if (body.length > (isBase64Encoded ? bodyLimit * 1.4 : bodyLimit)) {
    return { status: 413, title: 'Too large', text: 'The request is larger than the form allows.' };
  }
  return new URLSearchParams(isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body);
};
