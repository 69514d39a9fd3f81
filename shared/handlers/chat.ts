import middy from '@middy/core';
import { answerInChat, type InChatDeps } from '../approvals/in-chat.ts';
import { type Bounded, unbounded } from '../ports/deadline.ts';

/** Serves the buttons of a chat's messages, by direct invocation. Every error ends in a sentence, never in a stack trace. */
export const createChat = ({ bounded = unbounded, ...deps }: InChatDeps & { bounded?: Bounded }) =>
  middy().handler(async (event: unknown) => bounded(() => answerInChat(event, deps)));
