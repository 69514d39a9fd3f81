import { describe, expect, test } from '@jest/globals';
import { documentOf, list, planted, type Resource, referred, resourcesOf, type Statement, type Template } from './service.ts';

/** What can be done to each kind of thing without TLS, unless its policy denies it. */
const overTheNet: Record<string, string> = { 'AWS::SNS::Topic': 'sns:Publish', 'AWS::SQS::Queue': 'sqs:*', 'AWS::S3::Bucket': 's3:*' };

type Policies = [string, Resource][];
const policiesOf = (template: Template): Policies =>
  ['AWS::SNS::TopicPolicy', 'AWS::SQS::QueuePolicy', 'AWS::S3::BucketPolicy'].flatMap((type) => resourcesOf(template, type));

/** What a topic's, a queue's or a bucket's own policy says of it. */
const saidOf = (policies: Policies, id: string): Statement[] =>
  policies
    .filter(([, { Properties: p }]) => [...list(p.Topics), ...list(p.Queues), p.Bucket].some((held) => referred(held) === id))
    .flatMap(([, policy]) => documentOf(policy));

const deniesAll = ({ Effect, Principal, Action }: Statement, action: string): boolean =>
  Effect === 'Deny' && JSON.stringify(Principal) === '"*"' && list(Action).join() === action;

/** Topics, queues and buckets that somebody could use without TLS, or that keep what they hold unencrypted. */
const encryptionProblems = (template: Template): string[] => {
  const policies = policiesOf(template);
  const onlyOverTls = (id: string, action: string) =>
    saidOf(policies, id).some(
      (statement) =>
        deniesAll(statement, action) &&
        JSON.stringify(statement.Resource).includes(`"${id}"`) &&
        String(statement.Condition?.Bool?.['aws:SecureTransport']) === 'false',
    );
  return Object.entries(template.Resources).flatMap(([id, { Type, Properties: p }]) => {
    const action = overTheNet[Type];
    const tls = action && !onlyOverTls(id, action) ? [`${id}: can be used without TLS`] : [];
    const kept: Record<string, unknown> = {
      'AWS::SNS::Topic': p.KmsMasterKeyId,
      'AWS::SQS::Queue': p.SqsManagedSseEnabled,
      'AWS::S3::Bucket': p.BucketEncryption,
      'AWS::DynamoDB::Table': (p.SSESpecification as { SSEEnabled?: boolean } | undefined)?.SSEEnabled,
    };
    return [...tls, ...(Type in kept && !kept[Type] ? [`${id}: is not encrypted`] : [])];
  });
};

/** Roles that may publish to a topic which is otherwise CloudWatch's alone. */
const exempted: Record<string, string> = { OperationsTopic: 'SwitchRole' };

/** Topics on which an identity with `sns:Publish` could pass for an alarm. */
const forgeryProblems = (template: Template): string[] =>
  ['AlarmTopic', 'OperationsTopic'].filter(
    (id) =>
      !saidOf(policiesOf(template), id).some((statement) => {
        const { Bool = {}, ArnNotEquals = {}, ...others } = statement.Condition ?? {};
        return (
          deniesAll(statement, 'sns:Publish') &&
          JSON.stringify(Bool) === '{"aws:PrincipalIsAWSService":"false"}' &&
          referred(ArnNotEquals['aws:PrincipalArn']) === exempted[id] &&
          Object.keys(others).length === 0
        );
      }),
  );

/** Topics that an alarm tells, and that CloudWatch can't publish to. https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */
const silentProblems = (template: Template): string[] => {
  const told = new Set(
    resourcesOf(template, 'AWS::CloudWatch::Alarm').flatMap(([, { Properties }]) => list(Properties.AlarmActions).map(referred)),
  );
  const lets = (statements: ReturnType<typeof documentOf>, action: string) =>
    statements.some(
      ({ Effect, Principal, Action, Condition }) =>
        Effect === 'Allow' &&
        typeof Principal === 'object' &&
        list(Principal.Service).includes('cloudwatch.amazonaws.com') &&
        list(Action).includes(action) &&
        referred(Condition?.StringEquals?.['aws:SourceAccount']) === 'AWS::AccountId',
    );
  return [...told].flatMap((id) => {
    const topic = template.Resources[id ?? ''];
    if (topic?.Type !== 'AWS::SNS::Topic') return [`${id}: is no topic`];
    const policy = resourcesOf(template, 'AWS::SNS::TopicPolicy').find(([, { Properties }]) =>
      list(Properties.Topics).some((held) => referred(held) === id),
    );
    const key = template.Resources[referred(topic.Properties.KmsMasterKeyId) ?? ''];
    return [
      ...(policy && lets(documentOf(policy[1]), 'sns:Publish') ? [] : [`${id}: does not let CloudWatch publish`]),
      ...(key && lets(documentOf(key), 'kms:GenerateDataKey*') && lets(documentOf(key), 'kms:Decrypt')
        ? []
        : [`${id}: its key does not let CloudWatch encrypt`]),
    ];
  });
};

export const topics = (packaged: () => Template): void => {
  describe('its topics, queues and table', () => {
    test('are encrypted, and can be used over TLS alone', () => {
      expect(
        resourcesOf(packaged(), 'AWS::SNS::Topic')
          .map(([id]) => id)
          .sort(),
      ).toEqual(['AlarmTopic', 'ApprovalTopic', 'ChatTopic', 'OperationsTopic', 'OutcomeTopic', 'SecondApprovalTopic']);
      expect(encryptionProblems(packaged())).toEqual([]);
    });

    test('show one that is not', () => {
      const plain = planted(packaged(), (resources) => {
        delete resources.OutcomeTopicPolicy;
        delete resources.AlarmTopic?.Properties.KmsMasterKeyId;
        delete resources.Ledger?.Properties.SSESpecification;
        delete resources.OptIns?.Properties.SqsManagedSseEnabled;
        documentOf(resources.AlarmDeadLettersPolicy as Resource).pop();
      });
      expect(encryptionProblems(plain).sort()).toEqual([
        'AlarmDeadLetters: can be used without TLS',
        'AlarmTopic: is not encrypted',
        'Ledger: is not encrypted',
        'OptIns: is not encrypted',
        'OutcomeTopic: can be used without TLS',
      ]);
    });

    test('can be told by CloudWatch, for this account', () => {
      expect(silentProblems(packaged())).toEqual([]);
      const silent = planted(packaged(), ({ TopicKey }) => {
        documentOf(TopicKey as Resource).splice(1, 1);
      });
      expect(silentProblems(silent).sort()).toEqual([
        'AlarmTopic: its key does not let CloudWatch encrypt',
        'OperationsTopic: its key does not let CloudWatch encrypt',
      ]);
    });

    test('that alarms come by take nothing from an identity, whatever IAM allows', () => {
      expect(forgeryProblems(packaged())).toEqual([]);
      const open = planted(packaged(), ({ AlarmTopicPolicy, OperationsTopicPolicy }) => {
        const document = documentOf(AlarmTopicPolicy as Resource);
        document.splice(
          document.findIndex(({ Sid }) => Sid === 'NoIdentities'),
          1,
        );
        const exempt = documentOf(OperationsTopicPolicy as Resource).find(({ Sid }) => Sid === 'NoIdentities');
        if (exempt?.Condition) exempt.Condition.ArnNotEquals = { 'aws:PrincipalArn': { 'Fn::GetAtt': ['WatchRole', 'Arn'] } };
      });
      expect(forgeryProblems(open)).toEqual(['AlarmTopic', 'OperationsTopic']);
    });

    test('have beside them the code of the functions, in a bucket that is not public and keeps what was replaced', () => {
      expect(packaged().Resources.ServerlessDeploymentBucket?.Properties).toMatchObject({
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        VersioningConfiguration: { Status: 'Enabled' },
      });
    });

    test('have a key that is renewed every year', () => {
      expect(packaged().Resources.TopicKey?.Properties.EnableKeyRotation).toBe(true);
    });

    test('keep the ledger: it can be restored, outlives the stack, forgets what is old, lists incidents by their day, and finds what is out of service', () => {
      const ledger = packaged().Resources.Ledger as Resource & { DeletionPolicy: string; UpdateReplacePolicy: string };
      expect(ledger).toMatchObject({
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          DeletionProtectionEnabled: false,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
          GlobalSecondaryIndexes: [
            {
              IndexName: 'by-day',
              KeySchema: [
                { AttributeName: 'day', KeyType: 'HASH' },
                { AttributeName: 'openedAt', KeyType: 'RANGE' },
              ],
              Projection: { ProjectionType: 'KEYS_ONLY' },
            },
            {
              IndexName: 'out-of-service',
              KeySchema: [
                { AttributeName: 'outOf', KeyType: 'HASH' },
                { AttributeName: 'outSince', KeyType: 'RANGE' },
              ],
              Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['takenOut', 'outSeen', 'outWhy', 'outTold'] },
            },
          ],
        },
      });
    });
  });
};
