import { utc } from '../model/text.ts';
import { context } from '../notifications/chat.ts';
import { chatLimits } from '../notifications/chat-limits.ts';
import type { ChatNotification } from '../notifications/chat-schema.ts';
import { chatLine, chatName, cut } from '../notifications/text.ts';
import type { Approval } from './approval.ts';

/** That a person is asked, for a chat: without the link, since whoever has it can decide, and a channel is read by many. */
export const chatOfApproval = (approval: Approval): ChatNotification => {
  const { incident, failure, severity, resource, account, region, action, what, why, reason, expiresAt } = approval;
  const until = utc(expiresAt);
  return {
    version: '1.0',
    source: 'custom',
    // Two questions of one incident are two messages.
    id: `${incident}-approval-${expiresAt}`,
    content: {
      textType: 'client-markdown',
      title: cut(`❓ selfheal asks: may it ${chatLine(what, 180)}?`, chatLimits.title),
      description: [
        `Reason for asking: ${chatLine(why)}`,
        `Problem: ${chatLine(failure, 40)} (${chatLine(severity, 10)}): ${chatLine(reason)}`,
        `Where: ${resource.type} ${chatName(resource.id)}, account ${chatLine(account, 20)}, ${chatLine(region, 30)}`,
        `Until: ${until}. If nobody decides by then, selfheal takes no action.`,
      ].join('\n'),
      nextSteps: ['The approval topic has sent the link to the people who may decide: ask one of them.'],
      keywords: [failure, severity, 'approval'].map((word) => cut(chatLine(word), chatLimits.keyword)),
    },
    metadata: {
      threadId: incident,
      summary: cut(`selfheal waits for a person until ${until}`, chatLimits.title),
      eventType: 'selfheal-approval',
      relatedResources: [chatLine(resource.id, chatLimits.line)],
      additionalContext: context({ incident, failure, severity, resource: resource.id, account, region, action }),
    },
  };
};
