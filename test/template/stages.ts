import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createLocalAws } from '#local-aws';
import { localClients, worldOptions } from '../../packages/local-aws/test/harness.ts';
import { logMetric } from '../../shared/model/log-pattern.ts';
import { quotaProblem } from '../../tools/deployment/concurrency.ts';
import { longest, nameOf, stageProblem } from '../../tools/deployment/names.ts';
import { testWhole } from '../runner/whole.ts';
import { functionNames, type Packaged, planted, printed, resourcesOf, smallAccount, statementsOf, type Template } from './service.ts';

const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

const outOfMemory = {
  group: '/shop/api',
  pattern: '{ $.error = "OutOfMemoryError" }',
  failure: 'application-down',
  subject: { type: 'instance', id: 'i-0aa11bb22cc33dd44' },
};

/** The template under the names of another stage. */
const renamed = (template: Template, stage: string): Template =>
  JSON.parse(JSON.stringify(template).replaceAll('selfheal-prod', `selfheal-${stage}`).replaceAll('/prod/', `/${stage}/`)) as Template;

export const stages = (packaged: () => Packaged): void => {
  describe('its stages and parameters', () => {
    testWhole('are told apart by name and by what they may do', async () => {
      const dev = await printed(packaged().folder, '--stage', 'dev');
      expect(JSON.stringify(dev)).not.toContain('selfheal-prod');
      expect(JSON.stringify(dev.functions.remediate)).toContain('"SELFHEAL_MODE":"dry-run"');
      expect(dev.provider.logRetentionInDays).toBe(30);
      // Metrics of one stage must not speak for another: a heartbeat of dev's would hide the death of prod.
      expect(dev.resources.Resources.HeartbeatAlarm?.Properties.Namespace).toBe('selfheal/dev');
      expect(Object.values(dev.functions).filter(({ reservedConcurrency }) => reservedConcurrency != null)).toEqual([]);
      const prod = JSON.stringify(packaged().template.Resources);
      expect(prod).toContain('"SELFHEAL_MODE":"enforce"');
      expect(prod).not.toContain('selfheal-dev');
    });

    test('may have a name as long as the documents say, and no longer', () => {
      const problem = (length: number) => stageProblem('s'.repeat(length), [], renamed(packaged().template, 's'.repeat(length)));
      const [, most] = /stage's name may have (\d+) characters/.exec(operations) ?? [];
      expect(problem(Number(most))).toBeUndefined();
      expect(problem(Number(most) + 1)).toMatch(new RegExp(`may have ${most}$`));
      // Whatever is named after the stage has a limit that is known.
      const named = Object.values(packaged().template.Resources).filter((resource) => /\bprod\b/.test(nameOf(resource) ?? ''));
      expect(named.length).toBeGreaterThan(50);
      expect(named.filter(({ Type }) => longest[Type] === undefined)).toEqual([]);
    });

    test('reserve no concurrency in the way that the documents have for a new account', async () => {
      const aws = createLocalAws({ ...worldOptions, concurrency: { limit: 10, reserved: {} } });
      const { lambda } = localClients(aws.handle);
      const args = smallAccount();
      const refused = await quotaProblem(packaged().template, lambda);
      for (const param of args.filter((arg) => arg.endsWith('=none'))) expect(refused).toContain(`--param ${param}`);
      const { functions } = await packaged().hub();
      expect(Object.values(functions).map(({ reservedConcurrency }) => reservedConcurrency)).toEqual(functionNames.map(() => null));
      const small = planted(packaged().template, (resources) => {
        for (const { Properties } of Object.values(resources)) delete Properties?.ReservedConcurrentExecutions;
      });
      expect(await quotaProblem(small, lambda)).toBeUndefined();
      await aws.close();
    });

    testWhole('reach what they are for', async () => {
      const given = {
        email: 'outcomes@example.com',
        sms: '+15550100',
        approver: 'approver@example.com',
        approver2: 'second@example.com',
        optInTag: 'team:heal',
        slackWorkspace: 'T0123',
        slackChannel: 'C0123',
        canaryUrl: 'https://example.com/?a=b',
        earlyWarning: 'on',
        cloudTrailBucket: 'trail-of-111122223333',
        intakeConcurrency: '7',
        permissionsBoundary: 'arn:aws:iam::111122223333:policy/boundary',
        policy: 'own.yml',
      };
      const key = 'arn:aws:kms:us-east-1:111122223333:key/0c9a4f3e-72d1-4b58-8f6e-1a2b3c4d5e6f';
      await writeFile(join(packaged().folder, given.policy), JSON.stringify({ kmsKeys: [key], logs: [outOfMemory] }));
      const whole = await printed(
        packaged().folder,
        '--stage',
        'local',
        ...Object.entries(given).flatMap(([key, value]) => ['--param', `${key}=${value}`]),
      );
      const { Resources, Conditions } = whole.resources;
      const text = JSON.stringify(Resources);
      expect(Resources.OutcomeMail?.Properties.Endpoint).toBe(given.email);
      // What only a policy gives, from a file as well as from text.
      expect(Resources.StartWithKeys?.Properties.PolicyDocument).toMatchObject({
        Statement: [{ Action: 'kms:CreateGrant', Resource: [key] }],
      });
      // Alarms on selfheal go where outcomes go, unless said otherwise.
      expect(Resources.OperationsMail?.Properties.Endpoint).toBe(given.email);
      expect(Resources.OutcomeText?.Properties.Endpoint).toBe(given.sms);
      expect(Resources.ApprovalMail?.Properties.Endpoint).toBe(given.approver);
      expect(Resources.SecondApprovalMail?.Properties.Endpoint).toBe(given.approver2);
      expect(Resources.SecondApprovalMail?.Properties.TopicArn).toEqual({ Ref: 'SecondApprovalTopic' });
      expect(Resources.SlackChannel?.Properties.SlackChannelId).toBe(given.slackChannel);
      expect(Resources.Canary?.Properties.RunConfig).toMatchObject({ EnvironmentVariables: { URL: given.canaryUrl } });
      const boundaries = resourcesOf(whole.resources, 'AWS::IAM::Role').map(([, role]) =>
        JSON.stringify(role.Properties.PermissionsBoundary),
      );
      expect(boundaries.filter((boundary) => !boundary.includes(given.permissionsBoundary))).toEqual([]);
      expect(text).toContain(`s3://${given.cloudTrailBucket}/AWSLogs/`);
      expect(String(whole.functions.intake?.reservedConcurrency)).toBe(given.intakeConcurrency);
      expect(Conditions.WarnsEarly).toEqual({ 'Fn::Equals': ['on', 'on'] });
      const conditions = statementsOf(Resources.RemediateRole as never).flatMap(({ Condition }) =>
        Object.keys(Condition?.StringEquals ?? {}),
      );
      expect(conditions).toEqual(expect.arrayContaining(['aws:ResourceTag/team:heal', 'autoscaling:ResourceTag/team:heal']));
      expect(conditions).not.toContain('aws:ResourceTag/selfheal');
      expect(JSON.stringify(Resources.OptInRule)).toContain('"changed-tag-keys":["team:heal"]');
      const [[, filter] = []] = resourcesOf(whole.resources, 'AWS::Logs::MetricFilter');
      const transformation = { MetricNamespace: 'selfheal/local/logs', MetricName: logMetric(outOfMemory) };
      expect(filter?.Properties).toMatchObject({ FilterPattern: outOfMemory.pattern, MetricTransformations: [transformation] });
      const alarms = resourcesOf(whole.resources, 'AWS::CloudWatch::Alarm').filter(([id]) => id.startsWith('LogPattern'));
      expect(alarms).toMatchObject([[expect.any(String), { Properties: { AlarmActions: [{ Ref: 'AlarmTopic' }] } }]]);
    });
  });
};
