import { describe, expect, test } from '@jest/globals';
import { documentOf, list, planted, type Resource, referred, resourcesOf, type Template } from './service.ts';

/** Topics and buckets that somebody could use without TLS, or that keep what they hold unencrypted. */
const encryptionProblems = (template: Template): string[] => {
  const policies = [...resourcesOf(template, 'AWS::SNS::TopicPolicy'), ...resourcesOf(template, 'AWS::S3::BucketPolicy')];
  const onlyOverTls = (id: string) =>
    policies.some(
      ([, policy]) =>
        [...list(policy.Properties.Topics), policy.Properties.Bucket].some((held) => referred(held) === id) &&
        documentOf(policy).some(
          ({ Effect, Principal, Condition }) =>
            Effect === 'Deny' && JSON.stringify(Principal).includes('"*"') && String(Condition?.Bool?.['aws:SecureTransport']) === 'false',
        ),
    );
  return Object.entries(template.Resources).flatMap(([id, { Type, Properties: p }]) => {
    const tls = ['AWS::SNS::Topic', 'AWS::S3::Bucket'].includes(Type) && !onlyOverTls(id) ? [`${id}: can be used without TLS`] : [];
    const kept: Record<string, unknown> = {
      'AWS::SNS::Topic': p.KmsMasterKeyId,
      'AWS::SQS::Queue': p.SqsManagedSseEnabled,
      'AWS::S3::Bucket': p.BucketEncryption,
      'AWS::DynamoDB::Table': (p.SSESpecification as { SSEEnabled?: boolean } | undefined)?.SSEEnabled,
    };
    return [...tls, ...(Type in kept && !kept[Type] ? [`${id}: is not encrypted`] : [])];
  });
};

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
      ).toEqual(['AlarmTopic', 'ApprovalTopic', 'ChatTopic', 'OperationsTopic', 'OutcomeTopic']);
      expect(encryptionProblems(packaged())).toEqual([]);
    });

    test('show one that is not', () => {
      const plain = planted(packaged(), (resources) => {
        delete resources.OutcomeTopicPolicy;
        delete resources.AlarmTopic?.Properties.KmsMasterKeyId;
        delete resources.Ledger?.Properties.SSESpecification;
        delete resources.OptIns?.Properties.SqsManagedSseEnabled;
      });
      expect(encryptionProblems(plain).sort()).toEqual([
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

    test('have a key that is renewed every year', () => {
      expect(packaged().Resources.TopicKey?.Properties.EnableKeyRotation).toBe(true);
    });

    test('keep the ledger: it can be restored, outlives the stack, forgets what is old, and lists incidents by their day', () => {
      const ledger = packaged().Resources.Ledger as Resource & { DeletionPolicy: string; UpdateReplacePolicy: string };
      expect(ledger).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
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
          ],
        },
      });
    });
  });
};
