import { digest } from './astral.ts';

/** The account and partition that fauxqs writes into every ARN and queue URL. */
const theirs = { account: '000000000000', partition: 'aws' };

/** The ARN that a queue of this name has in fauxqs. */
export const storeArn = (region: string, name: string): string => `arn:${theirs.partition}:sqs:${region}:${theirs.account}:${name}`;

type Account = { account: string; partition: string };
type World = Account & { region: string };

/** The host of the URLs of a region's queues, as fauxqs makes it up: a name that most machines can't resolve. */
const madeUpHost = (region: string) => new RegExp(`^http://sqs\\.${region}\\.localhost(:\\d+)?/`);
const loopback = /^(127\.0\.0\.1|localhost|\[::1\]):\d+$/;

const swapArns = (text: string, from: Account, to: Account): string =>
  text.replace(/\barn:(aws[a-z-]*):(sns|sqs):([a-z0-9-]*):(\d{12}):/g, (arn, partition, service, region, account) =>
    partition === from.partition && account === from.account ? `arn:${to.partition}:${service}:${region}:${to.account}:` : arn,
  );

const swapDeep = (value: unknown, swap: (text: string) => string): unknown => {
  if (typeof value === 'string') return swap(value);
  if (Array.isArray(value)) return value.map((item) => swapDeep(item, swap));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, swapDeep(item, swap)]));
};

/** What people send is theirs: never touched on its way in. */
const contents = /^(Message|MessageBody|Subject|Entries|MessageAttributes|PublishBatchRequestEntries)\b/;

type Message = { Body?: string; MD5OfBody?: string };

/** SNS's envelope around a notification names the topic; everything else in a message is what somebody sent. */
const openMessage = (message: Message, swap: (text: string) => string): Message => {
  const { Body: body } = message;
  if (body === undefined || !/^\{\s*"Type"\s*:\s*"Notification"/.test(body)) return message;
  const swapped = body.replace(/"(TopicArn|UnsubscribeURL)"\s*:\s*"[^"]*"/g, swap);
  return { ...message, Body: swapped, MD5OfBody: digest(swapped) };
};

/** Translates between the account of the world and the one that fauxqs knows, in ARNs and queue URLs. */
export const accountTranslation = (ours: World) => {
  const made = madeUpHost(ours.region);
  const inward = (text: string) => swapArns(text, ours, theirs);
  const outward = (text: string) => swapArns(text, theirs, ours);
  /** SDKs send to where a queue's URL points, so it points to where the caller has found us. */
  const outwardUrl = (text: string, host: string) =>
    outward(text)
      .replace(`/${theirs.account}/`, `/${ours.account}/`)
      .replace(made, (url) => (loopback.test(host) ? `http://${host}/` : url));
  return {
    requestForm: (form: string): string => {
      const fields = [...new URLSearchParams(form)].map(([key, value]): [string, string] => [
        key,
        contents.test(key) ? value : inward(value),
      ]);
      return new URLSearchParams(fields).toString();
    },
    requestJson: (body: string): string => {
      const fields = Object.entries(JSON.parse(body) as object);
      return JSON.stringify(Object.fromEntries(fields.map(([key, value]) => [key, contents.test(key) ? value : swapDeep(value, inward)])));
    },
    answerXml: (xml: string): string => outward(xml).replaceAll(`<value>${theirs.account}</value>`, `<value>${ours.account}</value>`),
    answerJson: (body: string, host: string): string => {
      const { Messages, ...rest } = JSON.parse(body) as { Messages?: Message[] };
      const messages = Messages && { Messages: Messages.map((message) => openMessage(message, outward)) };
      return JSON.stringify({ ...(swapDeep(rest, (text) => outwardUrl(text, host)) as object), ...messages });
    },
  };
};
