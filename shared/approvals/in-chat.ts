import * as z from 'zod';
import { type Decision, deciderOf, parseQuestionReference } from '../model/approval.ts';
import { chatLimits } from '../notifications/chat-limits.ts';
import { storyOf } from '../notifications/story.ts';
import { chatLine, chatName, cut } from '../notifications/text.ts';
import type { IncidentRecord } from '../ports/ledger.ts';
import type { Log } from '../ports/log.ts';
import { type DecideAsDeps, decideAs } from './decide-as.ts';
import type { StoredApproval } from './store.ts';

/** IAM actions of answering in a chat, beside those of deciding. A test compares them with the packaged template. */
export const inChatPermissions = ['dynamodb:GetItem'] as const;

const reference = z.string().max(100);

/**
 * What a button sends, short since AWS allows a command 100 characters: the reference of a question, or the key of an incident. Whoever may
 * press a button can also write the command by hand, so nothing in it is trusted.
 */
export const buttonSchema = z.union([
  z.strictObject({ yes: reference }),
  z.strictObject({ no: reference }),
  z.strictObject({ show: z.string().regex(/^[a-z0-9-]{1,64}$/) }),
]);

export type InChatDeps = DecideAsDeps & {
  readIncident: (key: string) => Promise<IncidentRecord | null>;
  /** The channel's id, which is recorded as where an answer came from: AWS doesn't tell a function who invokes it. */
  channel: string;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Log;
};

/** The question of a reference, with its decision; null if there is none. */
const find = async (text: string, { readIncident, store }: InChatDeps): Promise<StoredApproval | null> => {
  const wanted = parseQuestionReference(text);
  const record = wanted && (await readIncident(wanted.incident));
  for (const id of record?.asked ?? []) {
    const stored = await store.read(id);
    if (stored?.approval.incident === wanted?.incident && stored?.approval.expiresAt === wanted?.expiresAt) return stored;
  }
  return null;
};

const answer = async (text: string, said: Decision['decision'], deps: InChatDeps): Promise<string> => {
  const stored = await find(text, deps);
  if (!stored) return 'there is no such question';
  const { approval } = stored;
  // Nobody knows here who presses, so two answers could be one person's.
  if (approval.people === 2) return 'two people have to agree to this: each by the link that was sent to them';
  const decision: Decision = { decision: said, name: null, from: `the chat ${deps.channel}`, at: deps.now() };
  const decided = await decideAs(stored, decision, deps);
  const { incident, action, target } = approval;
  deps.log({ level: 'INFO', message: 'approval in chat', incident, action, target, asked: decision, result: decided.result });
  switch (decided.result) {
    case 'decided':
      return `${said === 'approve' ? 'approved' : 'rejected'}: ${chatLine(approval.what, 180)}`;
    case 'already':
      return `${chatLine(deciderOf(decided.decision), 200)} said ${decided.decision.decision} before`;
    case 'undelivered':
      return 'the answer is recorded, and it is not known whether the incident has it: press again in a minute';
    case 'over':
      return 'it is too late: the incident no longer waits for it';
  }
};

/** The end of a story that fits. */
const tell = (key: string, { outcome, story }: IncidentRecord): string => {
  const lines = storyOf({ timeline: outcome?.timeline ?? story }).lines.map(
    ({ at, phase, text }) => `${at.slice(11, 19)} ${phase}: ${chatLine(text, 200)}`,
  );
  const head = `${chatName(key, 80)}: ${outcome ? `${outcome.status}: ${chatLine(outcome.reason)}` : 'open'}`;
  while (lines.length > 0 && [head, ...lines].join('\n').length > chatLimits.description) lines.shift();
  return cut([head, ...lines].join('\n'), chatLimits.description);
};

/** What a channel reads when a person presses a button. */
export const answerInChat = async (event: unknown, deps: InChatDeps): Promise<{ says: string }> => {
  const read = buttonSchema.safeParse(event);
  if (!read.success) return { says: 'not understood: use the buttons of the message' };
  try {
    if ('yes' in read.data) return { says: await answer(read.data.yes, 'approve', deps) };
    if ('no' in read.data) return { says: await answer(read.data.no, 'reject', deps) };
    const record = await deps.readIncident(read.data.show);
    return { says: record ? tell(read.data.show, record) : 'there is no such incident any more' };
  } catch (error) {
    const { name, message } = error as Error;
    deps.log({ level: 'ERROR', message: 'button failed', error: `${name}: ${message}`.slice(0, 300) });
    return { says: 'it did not work, and it is not known whether anything was decided: the show button, or the link, says so' };
  }
};
