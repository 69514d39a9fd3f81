import { CreateTableCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { LocalAws } from '#local-aws';
import type { Clients } from '../../shared/aws/clients.ts';
import { secretReference } from '../../shared/aws/secret.ts';
import { secretsOf } from '../../shared/model/channels.ts';
import { documentName } from '../../shared/model/command.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { deployedLedger, deployedTriggers, nameOf } from './deployed.ts';
import { createLogAlarms } from './log-alarms.ts';

export const killSwitchName = '/selfheal/local/switch';
export const approvalSecret = nameOf('approval-key');
export const functions = {
  intake: nameOf('intake'),
  remediate: nameOf('remediate'),
  watch: nameOf('watch'),
  beat: nameOf('beat'),
  probe: 'selfheal-local-probe',
} as const;

/** The resources around the functions: names and ARNs in their environment. */
export type Surroundings = {
  /** The ledger's table. */
  table: string;
  topics: Record<'alarms' | 'outcomes' | 'approvals' | 'secondApprovals' | 'chat', string>;
  /** The topics of the policy's routes. */
  routes: string[];
  turnSwitch(position: string): Promise<void>;
};

/** The name of a topic in this account and region; undefined for one elsewhere, which couldn't be published to either. */
const nameHere = (arn: string, { arn: arnOf }: LocalAws['world']): string | undefined => {
  const name = arn.slice(arn.lastIndexOf(':') + 1);
  return arn === arnOf('sns', name) && /^[\w-]+$/.test(name) ? name : undefined;
};

/** Makes in an account, as its operator, what the deployment makes besides the functions. */
export const createSurroundings = async ({ ssm, world }: LocalAws, operator: Clients, policy: Policy): Promise<Surroundings> => {
  const topic = async (Name: string) => (await operator.sns.send(new CreateTopicCommand({ Name }))).TopicArn ?? '';
  const turnSwitch = async (Value: string) => {
    await operator.ssm.send(new PutParameterCommand({ Name: killSwitchName, Value, Type: 'String', Overwrite: true }));
  };
  const { table, timeToLive } = deployedLedger();
  await operator.dynamodb.send(new CreateTableCommand(table));
  await operator.dynamodb.send(new UpdateTimeToLiveCommand({ TableName: table.TableName, TimeToLiveSpecification: timeToLive }));
  await turnSwitch('on');
  // Every document that the policy names exists, and does what its alarm needs unless a scenario says otherwise.
  for (const { document, version, parameters } of Object.values(policy.commands)) {
    const declared = Object.entries(parameters).map(
      ([name, { length }]) => [name, { type: length === 1 ? 'String' : 'StringList' }] as const,
    );
    ssm.placeDocument({ name: documentName(document), version, parameters: Object.fromEntries(declared) });
  }
  const current = world.random.fork('approval-key').hex(64);
  ssm.putParameter(secretReference(approvalSecret), JSON.stringify({ previous: '', current }));
  // As long as a routing key.
  for (const name of secretsOf(policy.channels)) ssm.putParameter(secretReference(name), world.random.fork(`secret ${name}`).hex(32));
  const topics = {
    alarms: await topic(nameOf('alarms')),
    outcomes: await topic(nameOf('outcomes')),
    approvals: await topic(nameOf('approvals')),
    secondApprovals: await topic(nameOf('second-approvals')),
    chat: await topic(nameOf('chat')),
  };
  await createLogAlarms(policy, operator, topics.alarms);
  const wanted = new Set(policy.routes.flatMap(({ topicArn }) => nameHere(topicArn, world) ?? []));
  const routes: string[] = [];
  for (const name of wanted) routes.push(await topic(name));
  return { table: table.TableName ?? '', topics, routes, turnSwitch };
};

/** Lets the account's alarms and events reach the functions, by the topic and the rules of the deployment; intake only if it `listens`. */
export const connectFunctions = async (
  { world }: LocalAws,
  operator: Clients,
  { topics }: Surroundings,
  listens: boolean,
): Promise<void> => {
  const arnOf = (functionName: string) => world.arn('lambda', `function:${functionName}`);
  if (listens) {
    const Endpoint = arnOf(functions.intake);
    await operator.sns.send(new SubscribeCommand({ TopicArn: topics.alarms, Protocol: 'lambda', Endpoint }));
  }
  for (const trigger of deployedTriggers()) {
    if (!('pattern' in trigger) || (trigger.functionName === functions.intake && !listens)) continue;
    const Name = trigger.rule;
    await operator.eventBridge.send(new PutRuleCommand({ Name, EventPattern: trigger.pattern }));
    const target = { Id: 'function', Arn: arnOf(trigger.functionName) };
    await operator.eventBridge.send(new PutTargetsCommand({ Rule: Name, Targets: [target] }));
  }
};
