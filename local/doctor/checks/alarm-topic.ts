import { GetTopicAttributesCommand } from '@aws-sdk/client-sns';
import { parseArn } from '../../../shared/model/arn.ts';
import { errorName } from '../../../shared/model/errors.ts';
import { parseJson } from '../../../shared/model/json.ts';
import { broken, brokenOr, type Check, type Finding, ok } from '../check.ts';
import { isPending, listSubscriptions } from '../list-subscriptions.ts';
import type { Member } from '../member-subject.ts';
import { asksFor, asksForOrganization, policyDocumentSchema, type Statement } from '../policy-document.ts';

const is = (values: readonly string[], wanted: string): boolean => values.length === 1 && values[0] === wanted;
/** IAM takes the names of actions in either case. */
const actionsOf = ({ Action }: Statement): string[] => Action.map((one) => one.toLowerCase());

const intakeOf = ({ hub, nameOf }: Member) => {
  const name = `function:${nameOf('intake')}`;
  const wanted = hub && `arn:${hub.partition}:lambda:${hub.region}:${hub.account}:${name}`;
  return (arn: string | undefined): boolean => (wanted === null ? parseArn(arn)?.resource === name : arn === wanted);
};

/** What is wrong with who may do what with the topic, in a clause each. */
const problemsOf = (statements: readonly Statement[], member: Member): string[] => {
  const isIntake = intakeOf(member);
  const alarms = (one: Statement) =>
    is(one.Principal, 'cloudwatch.amazonaws.com') &&
    is(actionsOf(one), 'sns:publish') &&
    asksFor(one, 'StringEquals', 'aws:SourceAccount') === member.account;
  const hubs = (one: Statement) => {
    const endpoint = asksFor(one, 'StringEquals', 'sns:Endpoint');
    const account = parseArn(endpoint)?.account;
    return (
      isIntake(endpoint) &&
      one.Principal.length === 1 &&
      (one.Principal[0] === account || one.Principal[0]?.endsWith(`:iam::${account}:root`) === true) &&
      is(actionsOf(one), 'sns:subscribe') &&
      asksFor(one, 'StringEquals', 'sns:Protocol') === 'lambda' &&
      asksForOrganization(one)
    );
  };
  const keepsOut = (one: Statement) =>
    one.Effect === 'Deny' &&
    is(one.Principal, '*') &&
    actionsOf(one).includes('sns:publish') &&
    Object.keys(one.Condition).length === 1 &&
    asksFor(one, 'Bool', 'aws:PrincipalIsAWSService') === 'false';
  const allows = statements.filter(({ Effect }) => Effect === 'Allow');
  return [
    ...(allows.some(alarms) ? [] : ["doesn't let the alarms of its own account in"]),
    ...(allows.some(hubs) ? [] : ["doesn't let the hub subscribe its intake, and nothing else, from the organisation"]),
    ...(statements.some(keepsOut) ? [] : ['lets identities of its own account publish, whom intake takes for alarms']),
    ...allows
      .filter((one) => !alarms(one) && !hubs(one))
      .map((one) => `lets ${one.Principal.join(', ').slice(0, 200)} ${actionsOf(one).join(', ').slice(0, 100)}, as no template has it`),
  ];
};

export const alarmTopic: Check<Member> = {
  id: 'alarm-topic',
  reads: "the member's topic for alarms, if it has one: who may publish and subscribe, and whether intake of the hub is subscribed",
  permissions: ['sns:GetTopicAttributes', 'sns:ListSubscriptionsByTopic'],
  look: async (member) => {
    const { sns, hub, account, region, arn, nameOf, deploy, listen, redeploy } = member;
    const topic = arn('sns', nameOf('member-alarms'));
    const listened = hub?.topics?.includes(`${account}:${region}`);
    const attributes = await sns.send(new GetTopicAttributesCommand({ TopicArn: topic })).then(
      ({ Attributes = {} }) => Attributes,
      (error: unknown) => {
        if (/^NotFound/.test(errorName(error))) return null;
        throw error;
      },
    );
    if (attributes === null)
      return listened
        ? [broken(`there is no topic ${topic}, which the hub is to listen to`, `${deploy} AlarmTopic=on`)]
        : [ok('there is no topic for alarms: they come by the event bus alone')];
    const found: Finding[] = [];
    const read = policyDocumentSchema.safeParse(parseJson(attributes.Policy ?? ''));
    if (!read.success) found.push(broken('who may use the topic is said in another form than that of the template', redeploy));
    else found.push(...problemsOf(read.data.Statement, member).map((says) => broken(`the topic ${says}`, redeploy)));
    const key = attributes.KmsMasterKeyId;
    if (key === undefined || key === '' || key.endsWith('alias/aws/sns'))
      found.push(broken('the topic is not encrypted by a key that CloudWatch may use', redeploy));
    const isIntake = intakeOf(member);
    const subscribed = ((await listSubscriptions(member, topic)) ?? []).filter(
      ({ Protocol, Endpoint }) => Protocol === 'lambda' && isIntake(Endpoint),
    );
    if (subscribed.length === 0) found.push(broken('intake of the hub is not subscribed to the topic: nothing comes by it', listen));
    else if (subscribed.every(isPending))
      found.push(
        broken("intake's subscription is not confirmed, as it was not the hub's account that subscribed it: nothing comes by it", listen),
      );
    if (listened === false)
      found.push(broken(`the hub rejects what comes by the topic: its parameter memberTopics does not name ${account}:${region}`, listen));
    return brokenOr(found, `${topic} lets the alarms of its own account in, and intake of the hub is subscribed to it`);
  },
};
