import { broken, brokenOr, type Check, type Finding, ok } from '../check.ts';
import { isPending, listSubscriptions } from '../list-subscriptions.ts';

const topics = ['alarms', 'outcomes', 'approvals', 'operations'] as const;

export const subscriptions: Check = {
  id: 'subscriptions',
  reads: 'who gets what the topics of alarms, outcomes, approvals and operations are told, and the chat',
  permissions: ['sns:ListSubscriptionsByTopic'],
  look: async (subject) => {
    const { topicArn, functionArn, redeploy } = subject;
    const found: Finding[] = [];
    let confirmed = 0;
    for (const topic of topics) {
      const arn = topicArn(topic);
      const all = await listSubscriptions(subject, arn);
      if (all === null) {
        found.push(broken(`there is no topic ${arn}`, redeploy));
        continue;
      }
      const subscribe = (protocol: string, endpoint: string) =>
        `aws sns subscribe --topic-arn ${arn} --protocol ${protocol} --notification-endpoint ${endpoint}`;
      // Subscribing once more sends the mail once more; only its reader can confirm.
      for (const { Protocol = '', Endpoint = '' } of all.filter(isPending))
        found.push(broken(`${Endpoint} has not confirmed the ${topic} topic, and is told nothing`, subscribe(Protocol, Endpoint)));
      const live = all.filter((one) => !isPending(one));
      confirmed += live.length;
      const intake = functionArn('intake');
      if (topic === 'alarms' && !live.some(({ Protocol, Endpoint }) => Protocol === 'lambda' && Endpoint === intake))
        found.push(broken('alarms do not reach intake by their topic', subscribe('lambda', intake)));
      // A chat has a topic of its own.
      if (topic === 'outcomes' && all.length === 0 && ((await listSubscriptions(subject, topicArn('chat'))) ?? []).length === 0)
        found.push(broken('nobody is told how incidents end', subscribe('email', 'you@example.com')));
      if (topic === 'approvals' && all.length === 0)
        found.push(ok('nobody is asked for an approval by mail: what needs one is held, or approved by selfheal approve'));
      if (topic === 'operations' && all.length === 0) found.push(ok('nobody is told of alarms on selfheal itself'));
    }
    return brokenOr(found, `${confirmed} confirmed on ${topics.length} topics, none pending`);
  },
};
