import type { Resource, Template } from './template.ts';

/** How long names may be that have the stage in them, by the types of their resources, in characters. */
export const longest: Readonly<Record<string, number>> = {
  /** https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
  'AWS::Lambda::Function': 64,
  /** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html */
  'AWS::Events::Rule': 64,
  /** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html */
  'AWS::Events::EventBus': 256,
  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
  'AWS::SQS::Queue': 80,
  /** https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html */
  'AWS::SNS::Topic': 256,
  /** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html */
  'AWS::DynamoDB::Table': 255,
  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
  'AWS::CloudWatch::Alarm': 255,
  /** https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_CreateCanary.html */
  'AWS::Synthetics::Canary': 255,
  /** https://docs.aws.amazon.com/athena/latest/APIReference/API_CreateWorkGroup.html */
  'AWS::Athena::WorkGroup': 128,
  /** https://docs.aws.amazon.com/athena/latest/APIReference/API_CreateNamedQuery.html */
  'AWS::Athena::NamedQuery': 128,
  /** https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateSlackChannelConfiguration.html */
  'AWS::Chatbot::SlackChannelConfiguration': 128,
  /** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html */
  'AWS::Logs::LogGroup': 512,
  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html: no figure, so that of alarms is assumed. */
  'AWS::CloudWatch::Dashboard': 255,
  /** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
  'AWS::KMS::Alias': 256,
  /** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
  'AWS::SecretsManager::Secret': 512,
  /** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
  'AWS::SSM::Parameter': 1011,
};

/** The properties by which resources are named themselves, and not what they belong to. */
const nameProperties = /^(?:Name|(?:Function|Queue|Topic|Table|Alarm|Configuration|LogGroup|Dashboard|Alias)Name)$/;

/** The name that a template gives a resource, if it does. */
export const nameOf = ({ Properties = {} }: Resource): string | undefined =>
  Object.entries(Properties).flatMap(([key, name]) => (nameProperties.test(key) && typeof name === 'string' ? [name] : []))[0];

/**
 * Why a stage's name is too long for what is named after it, or undefined where it fits: the deployment would fail half-way. `functions`
 * are the functions' names.
 */
export const stageProblem = (stage: string, functions: readonly string[], { Resources }: Template): string | undefined => {
  const named = [
    ...functions.map((name) => ({ type: 'AWS::Lambda::Function', name })),
    ...Object.values(Resources).map((resource) => ({ type: resource.Type, name: nameOf(resource) ?? '' })),
  ].filter(({ name }) => name.includes(stage));
  const over = named
    .map(({ type, name }) => ({ type, name, by: name.length - (longest[type] ?? Number.POSITIVE_INFINITY) }))
    .filter(({ by }) => by > 0)
    .sort((a, b) => b.by - a.by);
  const [worst] = over;
  return worst
    ? `stage ${stage}: the name ${worst.name} has ${worst.name.length} characters, and ${longest[worst.type]} fit ${worst.type}: a stage's name may have ${stage.length - worst.by}`
    : undefined;
};
