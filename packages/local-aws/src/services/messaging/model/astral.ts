import { createHash } from 'node:crypto';

/**
 * fauxqs refuses messages with characters above U+FFFF, which SQS takes. So they travel to it and back as two characters each out of
 * the private use area, and the digests that callers check are those of what was really sent.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
const shift = 0x800;

const moved = (pair: string, by: number) => String.fromCharCode(pair.charCodeAt(0) + by, pair.charCodeAt(1) + by);
const hide = (text: string) => text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, (pair) => moved(pair, shift));
const show = (text: string) => text.replace(/[\ue000-\ue3ff][\ue400-\ue7ff]/g, (pair) => moved(pair, -shift));

export const digest = (text: string): string => createHash('md5').update(text).digest('hex');

type Sent = { Id?: unknown; MessageBody?: unknown };
type Receipt = { Id?: string; MD5OfMessageBody?: string };
type Received = { Body?: string; MD5OfBody?: string };

const hidden = <T extends Sent>(sent: T): T =>
  typeof sent.MessageBody === 'string' ? { ...sent, MessageBody: hide(sent.MessageBody) } : sent;

const receiptFor = <T extends Receipt>(receipt: T, sent: Sent | undefined): T =>
  receipt.MD5OfMessageBody !== undefined && typeof sent?.MessageBody === 'string'
    ? { ...receipt, MD5OfMessageBody: digest(sent.MessageBody) }
    : receipt;

const shown = <T extends Received>(message: T): T => {
  const { Body } = message;
  const body = Body === undefined ? undefined : show(Body);
  return body === undefined || body === Body ? message : { ...message, Body: body, MD5OfBody: digest(body) };
};

/** The entries of a batch; whether they are what they should be is the service's to say. */
const entriesOf = (request: object): Sent[] => {
  const { Entries } = request as { Entries?: unknown };
  return Array.isArray(Entries) ? Entries.filter((entry) => typeof entry === 'object' && entry !== null) : [];
};

/** A request's body, an object in JSON, as fauxqs takes it. */
export const hideAstral = (body: string): string => {
  if (!/[\ud800-\udbff]|\\u[dD]8/.test(body)) return body;
  const request = JSON.parse(body) as Sent & { Entries?: unknown };
  const entries = Array.isArray(request.Entries) ? { Entries: entriesOf(request).map(hidden) } : {};
  return JSON.stringify({ ...hidden(request), ...entries });
};

/** An answer's body as the caller shall see it who sent `request`: both are objects in JSON. */
export const showAstral = (answer: string, request: string): string => {
  const said = JSON.parse(answer) as Receipt & { Successful?: Receipt[]; Messages?: Received[] };
  if (said.Messages) return JSON.stringify({ ...said, Messages: said.Messages.map(shown) });
  const asked = JSON.parse(request) as Sent;
  if (!said.Successful) return JSON.stringify(receiptFor(said, asked));
  const sent = new Map(entriesOf(asked).map((entry) => [entry.Id, entry]));
  return JSON.stringify({ ...said, Successful: said.Successful.map((receipt) => receiptFor(receipt, sent.get(receipt.Id))) });
};
