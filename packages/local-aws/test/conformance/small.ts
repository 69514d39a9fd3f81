import assert from 'node:assert/strict';
import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { RebootInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import {
  DeleteParameterCommand,
  GetCalendarStateCommand,
  GetCommandInvocationCommand,
  GetParameterCommand,
  GetParametersCommand,
  PutParameterCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { eventually, fromPage, launch, refused, type Setting } from './check.ts';

const createTargetGroup = async ({ elb, fresh }: Setting): Promise<string> => {
  const input = { Name: fresh('tg'), Protocol: 'HTTP' as const, Port: 80, VpcId: 'vpc-0123456789abcdef0' };
  return (await elb.send(new CreateTargetGroupCommand(input))).TargetGroups?.[0]?.TargetGroupArn ?? '';
};

/** A role that the caller's account may assume. */
const createRole = async ({ iam, sts, fresh }: Setting): Promise<string> => {
  const { Account } = await sts.send(new GetCallerIdentityCommand({}));
  const Statement = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${Account}:root` }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: fresh('role'), AssumeRolePolicyDocument }));
  assert.equal(Role?.MaxSessionDuration, 3600);
  return Role?.Arn ?? '';
};

export const stsChecks = [
  ...fromPage('STS/latest/APIReference/API_GetCallerIdentity.html', {
    'the caller learns his account and who he is': async ({ sts }) => {
      const { Account, Arn, UserId } = await sts.send(new GetCallerIdentityCommand({}));
      assert.match(Account ?? '', /^\d{12}$/);
      assert.match(Arn ?? '', new RegExp(`^arn:aws[a-z-]*:(iam|sts)::${Account}:`));
      assert.ok(UserId);
    },
  }),
  ...fromPage('STS/latest/APIReference/API_AssumeRole.html', {
    'a role that trusts the account is assumed': async (setting) => {
      const RoleArn = await createRole(setting);
      const assume = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session' });
      const { Credentials, AssumedRoleUser } = await eventually(setting, () => setting.sts.send(assume));
      assert.match(Credentials?.AccessKeyId ?? '', /^ASIA/);
      assert.ok(Credentials?.SessionToken && Credentials.SecretAccessKey && Credentials.Expiration);
      assert.equal(AssumedRoleUser?.Arn, `${RoleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/session`);
    },
    'a session of less than 15 minutes is refused': async (setting) => {
      const RoleArn = await createRole(setting);
      await refused(
        setting.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', DurationSeconds: 899 })),
        'ValidationError',
      );
    },
    'a role that there is not is refused': async ({ sts, fresh }) => {
      const { Account } = await sts.send(new GetCallerIdentityCommand({}));
      const RoleArn = `arn:aws:iam::${Account}:role/${fresh('none')}`;
      await refused(sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session' })), 'AccessDenied', 403);
    },
  }),
];

export const ssmChecks = [
  ...fromPage('systems-manager/latest/APIReference/API_GetParameter.html', {
    'a parameter is put, overwritten, got and deleted': async ({ ssm, fresh }) => {
      const Name = `/${fresh('parameter')}/x`;
      await ssm.send(new PutParameterCommand({ Name, Value: 'one', Type: 'String' }));
      await refused(ssm.send(new PutParameterCommand({ Name, Value: 'two', Type: 'String' })), 'ParameterAlreadyExists');
      assert.equal((await ssm.send(new PutParameterCommand({ Name, Value: 'two', Type: 'String', Overwrite: true }))).Version, 2);
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
      assert.deepEqual([Parameter?.Value, Parameter?.Version], ['two', 2]);
      await ssm.send(new DeleteParameterCommand({ Name }));
      await refused(ssm.send(new GetParameterCommand({ Name })), 'ParameterNotFound');
    },
    'an unknown parameter is refused': ({ ssm }) => refused(ssm.send(new GetParameterCommand({ Name: '/none' })), 'ParameterNotFound'),
  }),
  ...fromPage('systems-manager/latest/APIReference/API_GetParameters.html', {
    'unknown names are listed as invalid': async ({ ssm }) => {
      assert.deepEqual((await ssm.send(new GetParametersCommand({ Names: ['/none'] }))).InvalidParameters, ['/none']);
    },
  }),
  ...fromPage('systems-manager/latest/APIReference/API_GetCalendarState.html', {
    'an unknown calendar is refused': ({ ssm }) =>
      refused(ssm.send(new GetCalendarStateCommand({ CalendarNames: ['none'] })), 'InvalidDocument'),
  }),
  ...fromPage('systems-manager/latest/APIReference/API_SendCommand.html', {
    'a command runs on an instance': async (setting) => {
      const id = await launch(setting);
      const command = { DocumentName: 'AWS-RunShellScript', InstanceIds: [id], Parameters: { commands: ['true'] } };
      // Its agent registers itself only once it has booted.
      const { Command } = await eventually(setting, () => setting.ssm.send(new SendCommandCommand(command)));
      const CommandId = Command?.CommandId;
      await eventually(setting, async () => {
        assert.equal((await setting.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: id }))).Status, 'Success');
      });
    },
    'an unknown instance is refused': ({ ssm }) =>
      refused(
        ssm.send(new SendCommandCommand({ DocumentName: 'AWS-RunShellScript', InstanceIds: ['i-0aaaaaaaaaaaaaaaa'] })),
        'InvalidInstanceId',
      ),
  }),
];

export const elbChecks = [
  ...fromPage('elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html', {
    'a target is unused, then initial, then healthy': async (setting) => {
      const { elb, fresh } = setting;
      const id = await launch(setting);
      await setting.pass(120);
      const TargetGroupArn = await createTargetGroup(setting);
      await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: id }] }));
      const health = async () =>
        (await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }))).TargetHealthDescriptions?.[0]?.TargetHealth;
      assert.deepEqual([(await health())?.State, (await health())?.Reason], ['unused', 'Target.NotInUse']);
      const { LoadBalancers = [] } = await elb.send(
        new CreateLoadBalancerCommand({ Name: fresh('lb'), Subnets: ['subnet-0a', 'subnet-0b'] }),
      );
      const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn }];
      await elb.send(
        new CreateListenerCommand({ LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn, Port: 80, Protocol: 'HTTP', DefaultActions }),
      );
      assert.equal((await health())?.State, 'initial');
      await eventually(setting, async () => assert.equal((await health())?.State, 'healthy'));
    },
    'an unknown target group is refused': ({ elb }) =>
      refused(
        elb.send(
          new DescribeTargetHealthCommand({
            TargetGroupArn: 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/none/0123456789abcdef',
          }),
        ),
        'TargetGroupNotFoundException',
      ),
  }),
  ...fromPage('elasticloadbalancing/latest/APIReference/API_RegisterTargets.html', {
    'an instance that does not exist is refused': async (setting) => {
      const TargetGroupArn = await createTargetGroup(setting);
      await refused(
        setting.elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: 'i-0aaaaaaaaaaaaaaaa' }] })),
        'InvalidTargetException',
      );
    },
  }),
  ...fromPage('elasticloadbalancing/latest/APIReference/API_DeregisterTargets.html', {
    'each port of an instance is a target, and is deregistered by itself': async (setting) => {
      const { elb } = setting;
      const Id = await launch(setting);
      const TargetGroupArn = await createTargetGroup(setting);
      const Targets = [8080, 8081].map((Port) => ({ Id, Port }));
      await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
      const ports = async () =>
        (await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }))).TargetHealthDescriptions?.map(({ Target }) => Target?.Port);
      assert.deepEqual((await ports())?.sort(), [8080, 8081]);
      await elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: [{ Id }] }));
      assert.equal((await ports())?.length, 2);
      await elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: [{ Id, Port: 8080 }] }));
      await eventually(setting, async () => assert.deepEqual(await ports(), [8081]));
    },
  }),
  ...fromPage('elasticloadbalancing/latest/APIReference/API_ModifyTargetGroupAttributes.html', {
    'the deregistration delay is five minutes until it is changed': async (setting) => {
      const TargetGroupArn = await createTargetGroup(setting);
      const Key = 'deregistration_delay.timeout_seconds';
      const delay = async () =>
        (await setting.elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }))).Attributes?.find((one) => one.Key === Key)
          ?.Value;
      assert.equal(await delay(), '300');
      await setting.elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: [{ Key, Value: '30' }] }));
      assert.equal(await delay(), '30');
    },
  }),
  ...fromPage('elasticloadbalancing/latest/APIReference/API_DescribeTargetGroups.html', {
    'an unknown name is refused': ({ elb }) =>
      refused(elb.send(new DescribeTargetGroupsCommand({ Names: ['none'] })), 'TargetGroupNotFoundException'),
  }),
];

export const cloudTrailChecks = fromPage('awscloudtrail/latest/APIReference/API_LookupEvents.html', {
  'a call is told of within fifteen minutes, by its resource': async (setting) => {
    const id = await launch(setting);
    await setting.ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }));
    const LookupAttributes = [{ AttributeKey: 'ResourceName' as const, AttributeValue: id }];
    await eventually(
      setting,
      async () => {
        const { Events = [] } = await setting.cloudTrail.send(new LookupEventsCommand({ LookupAttributes }));
        const event = Events.find(({ EventName }) => EventName === 'RebootInstances');
        assert.ok(event);
        assert.equal(JSON.parse(event.CloudTrailEvent ?? '{}').requestParameters.instancesSet.items[0].instanceId, id);
      },
      200,
    );
  },
  'a page size above fifty is refused': ({ cloudTrail }) =>
    refused(cloudTrail.send(new LookupEventsCommand({ MaxResults: 51 })), 'InvalidMaxResultsException'),
  'a page token from elsewhere is refused': ({ cloudTrail }) =>
    refused(cloudTrail.send(new LookupEventsCommand({ NextToken: 'nonsense' })), 'InvalidNextTokenException'),
});

export const lambdaChecks = fromPage('lambda/latest/api/API_Invoke.html', {
  'an unknown function is refused with 404': ({ lambda }) =>
    refused(lambda.send(new InvokeCommand({ FunctionName: 'none' })), 'ResourceNotFoundException', 404),
});
