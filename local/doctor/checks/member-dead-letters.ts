import { broken, type Check, counted, ok } from '../check.ts';
import type { Member } from '../member-subject.ts';
import { letterPermissions, lettersIn } from './dead-letters.ts';

export const memberDeadLetters: Check<Member> = {
  id: 'dead-letters',
  reads: 'how much is in the queue of what could not be sent to the hub',
  permissions: letterPermissions,
  look: async ({ sqs, nameOf, redeploy, region }) => {
    const name = nameOf('member-dead-letters');
    const letters = await lettersIn(sqs, name);
    if (letters === null) return [broken(`there is no queue ${name}: what can't be sent to the hub is lost`, redeploy)];
    if (letters.count === 0) return [ok(`${name} is empty`)];
    // Only AWS itself can send events of its services: what failed is for people to see, each with EventBridge's reason.
    const read = `aws sqs receive-message --queue-url ${letters.url} --region ${region} --max-number-of-messages 10 --message-attribute-names All`;
    return [
      broken(
        `${counted(letters.count, 'event')} in ${name}, of which the hub doesn't know: ERROR_CODE says why, and selfheal can't send them again`,
        read,
      ),
    ];
  },
};
