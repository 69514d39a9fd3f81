import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeAlarmsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { ModifyVolumeCommand, RebootInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CancelCommandCommand,
  CreateDocumentCommand,
  DescribeDocumentCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  type ListCommandInvocationsCommandInput,
  ListCommandsCommand,
  SendCommandCommand,
  type SendCommandCommandInput,
  waitUntilCommandExecuted,
} from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import type { DocumentEffect } from '../../src/core/document-effect.ts';
import { createLocalAws, type LocalAwsOptions } from '../../src/local-aws.ts';
import { localClients, refusal, worldOptions } from '../harness.ts';

const nobody = '11111111-1111-4111-8111-111111111111';

const setUp = (effect?: DocumentEffect, options: Partial<LocalAwsOptions> = {}) => {
  const aws = createLocalAws({ ...worldOptions, throttle: 'off', ...options });
  const { ssm, ec2, elb, cloudTrail } = localClients(aws.handle);
  const { clock } = aws.world;
  const pass = (seconds: number) => clock.advanceTo(clock.now() + seconds * 1000);
  const launch = () =>
    aws.ec2.launch({ imageId: 'ami-0123456789abcdef0', instanceType: 't3.micro', availabilityZone: 'us-east-1a', tags: [] }).id;
  const id = launch();
  aws.ssm.placeDocument({
    name: 'Shop-Restart',
    version: '3',
    parameters: { Service: { default: 'nginx', allowedValues: ['nginx', 'httpd'] } },
    ...(effect && { effect }),
  });
  pass(600);
  const send = async (change: Partial<SendCommandCommandInput> = {}) => {
    const { Command } = await ssm.send(new SendCommandCommand({ DocumentName: 'Shop-Restart', InstanceIds: [id], ...change }));
    return Command?.CommandId ?? '';
  };
  const look = (CommandId: string, change = {}) => ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: id, ...change }));
  const details = async (CommandId: string) => (await look(CommandId)).StatusDetails;
  const list = async (input: ListCommandInvocationsCommandInput) =>
    (await ssm.send(new ListCommandInvocationsCommand(input))).CommandInvocations ?? [];
  /** Until the command runs. */
  const running = async (CommandId: string) => {
    pass(1);
    while ((await details(CommandId)) !== 'InProgress') pass(0.1);
  };
  return { aws, ssm, ec2, elb, cloudTrail, clock, pass, launch, id, send, look, details, list, running };
};

// https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
describe('a command', () => {
  test('is shown a moment after it was sent, is picked up, and succeeds', async () => {
    const { ssm, send, look, list, pass, running, id, clock } = setUp();
    const sentAt = clock.now();
    const { Command } = await ssm.send(
      new SendCommandCommand({
        DocumentName: 'Shop-Restart',
        DocumentVersion: '3',
        InstanceIds: [id],
        Comment: 'incident 1',
        TimeoutSeconds: 60,
      }),
    );
    expect(Command).toMatchObject({
      Status: 'Pending',
      StatusDetails: 'Pending',
      DocumentName: 'Shop-Restart',
      DocumentVersion: '3',
      Comment: 'incident 1',
      InstanceIds: [id],
      TargetCount: 1,
      CompletedCount: 0,
      TimeoutSeconds: 60,
      MaxErrors: '0',
      MaxConcurrency: '50',
      ExpiresAfter: new Date(sentAt + 3_660_000),
    });
    const CommandId = Command?.CommandId ?? '';
    expect(await refusal(look(CommandId))).toMatchObject({ code: 'InvocationDoesNotExist', status: 400 });
    expect(await list({ InstanceId: id })).toEqual([]);
    await running(CommandId);
    expect(await look(CommandId)).toMatchObject({ ResponseCode: -1, ExecutionEndDateTime: '', StandardOutputContent: '' });
    pass(20);
    const over = await look(CommandId);
    expect(over).toMatchObject({ Status: 'Success', StatusDetails: 'Success', ResponseCode: 0, Comment: 'incident 1', PluginName: 'run' });
    expect(Date.parse(over.ExecutionEndDateTime ?? '')).toBeGreaterThan(Date.parse(over.ExecutionStartDateTime ?? ''));
    expect(await send()).not.toBe(CommandId);
  });

  test('is waited for by the waiter of the SDK', async () => {
    const { ssm, send, pass, id } = setUp({ seconds: 0 });
    const CommandId = await send();
    pass(20);
    const { state } = await waitUntilCommandExecuted({ client: ssm, maxWaitTime: 60 }, { CommandId, InstanceId: id });
    expect(state).toBe('SUCCESS');
  });

  test('fails with its exit code, and its output is cut', async () => {
    const { send, look, list, pass } = setUp({ fails: 3, stdout: 'o'.repeat(30_000), stderr: 'e'.repeat(10_000), seconds: 1 });
    const CommandId = await send();
    pass(20);
    const { StandardOutputContent = '', StandardErrorContent = '', ...rest } = await look(CommandId);
    expect(rest).toMatchObject({ Status: 'Failed', StatusDetails: 'Failed', ResponseCode: 3 });
    expect([StandardOutputContent.length, StandardErrorContent.length]).toEqual([24_000, 8_000]);
    const [listed] = await list({ CommandId, Details: true });
    expect(listed?.CommandPlugins).toMatchObject([{ Name: 'run', Status: 'Failed', ResponseCode: 3 }]);
    expect(listed?.CommandPlugins?.[0]?.Output).toHaveLength(2500);
    expect((await list({ CommandId }))[0]?.CommandPlugins).toEqual([]);
  });

  test('shows both outputs in one where it is listed, and the exit code in the error', async () => {
    const { send, look, list, pass } = setUp({ fails: 1, stdout: 'out', stderr: 'no such unit' });
    const CommandId = await send();
    pass(20);
    expect((await look(CommandId)).StandardErrorContent).toBe('no such unit\nfailed to run commands: exit status 1');
    const [listed] = await list({ CommandId, Details: true });
    expect(listed?.CommandPlugins?.[0]?.Output).toMatch(/^out\n-+ERROR-+\nno such unit\n/);
  });

  test('is not delivered to an instance that hangs: Delayed, never started after its timeout, given up after the total one', async () => {
    const { aws, id, send, look, details, pass } = setUp();
    const mend = aws.ec2.faults['hang-kernel'](id);
    const CommandId = await send({ TimeoutSeconds: 60 });
    pass(30);
    expect(await look(CommandId)).toMatchObject({ Status: 'Delayed', StatusDetails: 'Delayed', ResponseCode: -1 });
    pass(31);
    mend();
    pass(3600 - 2);
    expect(await details(CommandId)).toBe('Delayed');
    pass(2);
    expect(await look(CommandId)).toMatchObject({ Status: 'TimedOut', StatusDetails: 'DeliveryTimedOut', ResponseCode: -1 });
  });

  test('is handed over once the instance answers again', async () => {
    const { aws, id, send, details, pass } = setUp();
    const mend = aws.ec2.faults['hang-kernel'](id);
    const CommandId = await send();
    pass(60);
    mend();
    pass(60);
    expect(await details(CommandId)).toBe('Success');
  });

  test('times out where it takes longer than its document lets it: by a parameter or by a number', async () => {
    const { ssm, aws, id, send, look, details, pass } = setUp({ seconds: 100 });
    const shell = await send({ DocumentName: 'AWS-RunShellScript', Parameters: { commands: ['true'], executionTimeout: ['20'] } });
    expect(
      await refusal(send({ DocumentName: 'AWS-RunShellScript', Parameters: { commands: ['true'], executionTimeout: ['0'] } })),
    ).toMatchObject({ code: 'InvalidParameters' });
    const step = { action: 'aws:runShellScript', name: 'slow', inputs: { timeoutSeconds: 30 } };
    await ssm.send(new CreateDocumentCommand({ Name: 'Shop-Slow', Content: JSON.stringify({ schemaVersion: '2.2', mainSteps: [step] }) }));
    aws.faults.inject({ fault: 'document-does', target: 'Shop-Slow', seconds: 100 });
    const slow = await send({ DocumentName: 'Shop-Slow' });
    pass(40);
    expect(await details(shell)).toBe('Success');
    expect(await look(slow)).toMatchObject({ Status: 'TimedOut', StatusDetails: 'ExecutionTimedOut', StandardOutputContent: '' });
    aws.faults.inject({ fault: 'document-does', target: 'AWS-RunShellScript', seconds: 100 });
    const long = await send({ DocumentName: 'AWS-RunShellScript', Parameters: { commands: ['true'], executionTimeout: ['20'] } });
    pass(40);
    expect(await details(long)).toBe('ExecutionTimedOut');
    expect(aws.ec2.get(id)?.reachable).toBe(true);
  });

  test('stays in progress while nobody can tell its end, fails where a reboot cut it short, and is undeliverable to what is gone', async () => {
    const { aws, ec2, id, send, details, look, pass, running } = setUp({ seconds: 30 });
    const hung = await send();
    await running(hung);
    const mend = aws.ec2.faults['hang-kernel'](id);
    pass(120);
    expect(await details(hung)).toBe('InProgress');
    mend();
    pass(20);
    expect(await details(hung)).toBe('Success');

    const rebooted = await send();
    await running(rebooted);
    await ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }));
    pass(200);
    expect(await look(rebooted)).toMatchObject({ Status: 'Failed', StatusDetails: 'Failed' });

    const gone = await send();
    await running(gone);
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    pass(300);
    expect(await look(gone)).toMatchObject({ Status: 'Failed', StatusDetails: 'Undeliverable' });
  });

  test('tells EventBridge what becomes of it', async () => {
    const { aws, id, send, pass } = setUp();
    aws.world.outbox.splice(0);
    const CommandId = await send();
    pass(20);
    const told = aws.world.outbox.flatMap((delivery) =>
      delivery.to === 'eventbridge' && delivery.event.source === 'aws.ssm' ? [delivery.event] : [],
    );
    expect(told.map(({ detail }) => detail.status)).toEqual(['InProgress', 'Success']);
    expect(told[0]).toMatchObject({
      'detail-type': 'EC2 Command Invocation Status-change Notification',
      detail: { 'command-id': CommandId, 'instance-id': id, 'document-name': 'Shop-Restart' },
    });
  });
});

// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CancelCommand.html
describe('cancelling', () => {
  test('ends a command that runs after a while, and then it has no effect', async () => {
    const { aws, ssm, id, send, details, pass, running } = setUp({ seconds: 60, restarts: 'nginx' });
    aws.ec2.software.kill(id, 'nginx');
    const CommandId = await send();
    await running(CommandId);
    await ssm.send(new CancelCommandCommand({ CommandId }));
    expect(await details(CommandId)).toBe('Cancelling');
    pass(10);
    expect(await details(CommandId)).toBe('Cancelled');
    pass(100);
    expect(aws.ec2.software.process(id, 'nginx').runs).toBe(false);
  });

  test('ends one that has not begun at once, and leaves one that is over as it ended', async () => {
    const { ssm, send, details, pass } = setUp({ seconds: 1 });
    const early = await send();
    await ssm.send(new CancelCommandCommand({ CommandId: early }));
    pass(20);
    expect(await details(early)).toBe('Cancelled');
    const late = await send();
    pass(20);
    await ssm.send(new CancelCommandCommand({ CommandId: late }));
    expect(await details(late)).toBe('Success');
  });

  test('may come too late, or not be listened to: then the command ends by itself', async () => {
    const { aws, ssm, id, send, details, pass, running } = setUp({ seconds: 60, ignoresCancel: true });
    aws.ec2.software.kill(id, 'nginx');
    const CommandId = await send();
    await running(CommandId);
    await ssm.send(new CancelCommandCommand({ CommandId, InstanceIds: [id] }));
    pass(30);
    expect(await details(CommandId)).toBe('Cancelling');
    pass(40);
    expect(await details(CommandId)).toBe('Success');
    expect(aws.ec2.software.process(id, 'nginx').runs).toBe(true);
  });

  test('goes on while the instance hangs', async () => {
    const { aws, ssm, id, send, details, pass, running } = setUp({ seconds: 60 });
    const CommandId = await send({ TimeoutSeconds: 30 });
    await running(CommandId);
    const mend = aws.ec2.faults['hang-kernel'](id);
    await ssm.send(new CancelCommandCommand({ CommandId }));
    pass(300);
    expect(await details(CommandId)).toBe('Cancelling');
    mend();
    pass(20);
    expect(await details(CommandId)).toBe('Cancelled');
  });

  test('is refused for commands and instances that it does not know', async () => {
    const { ssm, id, send } = setUp();
    const CommandId = await send();
    const cancel = (input: { CommandId: string; InstanceIds?: string[] }) => refusal(ssm.send(new CancelCommandCommand(input)));
    expect(await cancel({ CommandId: nobody })).toMatchObject({ code: 'InvalidCommandId', status: 400 });
    expect(await cancel({ CommandId, InstanceIds: ['i-0aaaaaaaaaaaaaaaa'] })).toMatchObject({ code: 'InvalidInstanceId' });
    expect(await cancel({ CommandId, InstanceIds: [id, id] })).toMatchObject({ code: 'DuplicateInstanceId' });
  });
});

describe('effects', () => {
  const broken = async (effect?: DocumentEffect) => {
    const setting = setUp(effect);
    const { aws, id, send, pass } = setting;
    aws.ec2.software.kill(id, 'nginx');
    aws.ec2.software.kill(id, 'httpd');
    aws.ec2.faults['fill-disk'](id);
    aws.ec2.faults['leak-memory'](id);
    pass(600);
    const metric = (name: string, more = {}) => aws.ec2.metrics(name, { InstanceId: id, ...more }, aws.world.clock.now()) ?? Number.NaN;
    const state = () => ({
      nginx: aws.ec2.software.process(id, 'nginx').runs,
      httpd: aws.ec2.software.process(id, 'httpd').runs,
      diskFreed: metric('disk_used_percent', { path: '/', device: 'nvme0n1p1', fstype: 'xfs' }) <= 40,
      memoryFreed: metric('mem_used_percent') <= 30,
    });
    const CommandId = await send();
    pass(30);
    return { ...setting, CommandId, state };
  };
  const nothing = { nginx: false, httpd: false, diskFreed: false, memoryFreed: false };
  const all = { nginx: true, httpd: true, diskFreed: true, memoryFreed: true };

  test.each<[string, DocumentEffect | undefined, object]>([
    ['does what is needed where nothing else is said', undefined, all],
    ['does it however long that takes', { seconds: 5, stdout: 'done' }, all],
    ['starts what it is said to start', { restarts: 'nginx' }, { ...nothing, nginx: true }],
    ['frees what it is said to free', { frees: { disk: 100 } }, { ...nothing, diskFreed: true }],
    ['does nothing where it fails', { fails: 1 }, nothing],
    ['may do nothing and succeed', { remedies: false }, nothing],
    ['may heal and fail', { remedies: true, fails: 2 }, all],
  ])('a document %s', async (_name, effect, expected) => {
    const { state, look, CommandId } = await broken(effect);
    expect(state()).toEqual(expected);
    expect((await look(CommandId)).ResponseCode).toBe(effect?.fails ?? 0);
  });

  test('a command mends the target that its instance is', async () => {
    const { aws, elb, id, send, pass } = setUp({ restarts: 'nginx' });
    const TargetGroupArn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';
    aws.loadBalancing.place(TargetGroupArn, [id]);
    const state = async () =>
      (await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }))).TargetHealthDescriptions?.[0]?.TargetHealth?.State;
    aws.faults.inject({ fault: 'sick-target', target: id });
    pass(300);
    expect(await state()).toBe('unhealthy');
    await send();
    pass(300);
    expect(await state()).toBe('healthy');
  });

  test('a document lists block devices, and extends the file system that its parameter names', async () => {
    const { aws, ssm, ec2, id, pass } = setUp();
    const Volume = { default: 'vol-0ffffffffffffffff' };
    aws.ssm.placeDocument({ name: 'Shop-Extend', parameters: { Volume }, effect: { extends: '{{ Volume }}', lists: 'block-devices' } });
    aws.ssm.placeDocument({ name: 'Shop-Look', effect: { lists: 'block-devices' } });
    const run = async (DocumentName: string, Parameters: Record<string, string[]> = {}) => {
      const { Command } = await ssm.send(new SendCommandCommand({ DocumentName, Parameters, InstanceIds: [id] }));
      pass(30);
      const { StandardOutputContent = '', ...rest } = await ssm.send(
        new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId: id }),
      );
      return { ...rest, devices: StandardOutputContent === '' ? undefined : JSON.parse(StandardOutputContent).blockdevices };
    };
    const [before] = (await run('Shop-Look')).devices;
    expect(before.children).toMatchObject([{ name: 'nvme0n1p1', mountpoint: '/', fstype: 'xfs', size: before.size }]);
    const VolumeId = before.serial.replace('vol', 'vol-');
    await ec2.send(new ModifyVolumeCommand({ VolumeId, Size: 20 }));
    pass(60);
    expect(await run('Shop-Extend')).toMatchObject({
      Status: 'Failed',
      StandardErrorContent: expect.stringMatching(/no such file system/),
    });
    const [grown] = (await run('Shop-Look')).devices;
    expect([grown.size, grown.children[0].size]).toEqual([20 * 2 ** 30, before.size]);
    for (const _ of ['does it', 'has nothing to do']) {
      const { Status, devices } = await run('Shop-Extend', { Volume: [VolumeId] });
      expect([Status, devices[0].children[0].size]).toEqual(['Success', 20 * 2 ** 30]);
    }
  });

  test('an alarm on a disk that fills is over once its volume has grown and the file system has been extended', async () => {
    const { aws, id, ec2, send, pass } = setUp({ extends: '/' });
    const { cloudWatch } = localClients(aws.handle);
    const dimensions = { InstanceId: id, path: '/', device: 'nvme0n1p1', fstype: 'xfs' };
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: 'disk',
        Namespace: 'CWAgent',
        MetricName: 'disk_used_percent',
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        Statistic: 'Average',
        Period: 60,
        EvaluationPeriods: 2,
        Threshold: 85,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      }),
    );
    const state = async () => (await cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms?.[0]?.StateValue;
    aws.faults.inject({ fault: 'fill-disk', target: id, percentAnHour: 30 });
    pass(3600);
    expect(await state()).toBe('OK');
    pass(2400);
    expect(await state()).toBe('ALARM');
    const VolumeId = aws.ec2.disks.blockDevices(id)[0]?.serial?.replace('vol', 'vol-');
    await ec2.send(new ModifyVolumeCommand({ VolumeId, Size: 16 }));
    pass(1200);
    expect(await state()).toBe('ALARM');
    await send();
    pass(300);
    expect(await state()).toBe('OK');
  });

  test('a document starts nothing that will not start, and succeeds all the same', async () => {
    const { aws, id, send, details, pass } = setUp({ restarts: ['nginx', 'httpd'] });
    aws.ec2.software.kill(id, 'nginx');
    aws.ec2.software.hold(id, 'nginx');
    const CommandId = await send();
    pass(20);
    expect(await details(CommandId)).toBe('Success');
    expect(aws.ec2.software.process(id, 'nginx').runs).toBe(false);
  });

  test('the documents of AWS do nothing, and those that somebody creates what is needed', async () => {
    const { aws, ssm, id, send, pass } = setUp();
    aws.ec2.software.kill(id, 'nginx');
    await send({ DocumentName: 'AWS-RunShellScript', Parameters: { commands: ['systemctl restart nginx'] } });
    pass(20);
    expect(aws.ec2.software.process(id, 'nginx').runs).toBe(false);
    const step = { action: 'aws:runShellScript', name: 'run', inputs: {} };
    await ssm.send(new CreateDocumentCommand({ Name: 'Shop-Mine', Content: JSON.stringify({ schemaVersion: '2.2', mainSteps: [step] }) }));
    await send({ DocumentName: 'Shop-Mine' });
    pass(20);
    expect(aws.ec2.software.process(id, 'nginx').runs).toBe(true);
  });

  test('a fault changes what a document does, in one version or all, until it ends', async () => {
    const { aws, send, look, pass } = setUp();
    const code = async () => {
      const CommandId = await send();
      pass(20);
      return (await look(CommandId)).ResponseCode;
    };
    const other = aws.faults.inject({ fault: 'document-does', target: 'Shop-Restart', version: '4', fails: 9 });
    expect(await code()).toBe(0);
    const fault = aws.faults.inject({ fault: 'document-does', target: 'Shop-Restart', fails: 7, stderr: 'broken' });
    expect(await code()).toBe(7);
    aws.faults.end(fault);
    aws.faults.end(other);
    expect(await code()).toBe(0);
    expect(() => aws.faults.inject({ fault: 'document-does', target: 'none', fails: 1 })).toThrow(/none/);
    expect(() => aws.faults.inject({ fault: 'document-does', target: 'Shop-Restart', frees: {} })).toThrow(/disk/);
  });
});

describe('SendCommand refuses', () => {
  test.each<[string, Partial<SendCommandCommandInput>, string]>([
    ['unknown documents', { DocumentName: 'nonsense' }, 'InvalidDocument'],
    ['versions that there are not', { DocumentVersion: '2' }, 'InvalidDocumentVersion'],
    ['versions that are none', { DocumentVersion: '03' }, 'InvalidDocumentVersion'],
    ['another hash', { DocumentHash: 'f'.repeat(64), DocumentHashType: 'Sha256' }, 'InvalidDocument'],
    ['parameters that are not declared', { Parameters: { Unit: ['nginx'] } }, 'InvalidParameters'],
    ['values that are not allowed', { Parameters: { Service: ['sshd'] } }, 'InvalidParameters'],
    ['two values for one', { Parameters: { Service: ['nginx', 'httpd'] } }, 'InvalidParameters'],
    ['parameters that lack', { DocumentName: 'AWS-RunShellScript' }, 'InvalidParameters'],
    ['unknown instances', { InstanceIds: ['i-0aaaaaaaaaaaaaaaa'] }, 'InvalidInstanceId'],
    ['no instances', { InstanceIds: [] }, 'ValidationException'],
    ['the same instance twice', { InstanceIds: ['i-0aaaaaaaaaaaaaaaa', 'i-0aaaaaaaaaaaaaaaa'] }, 'DuplicateInstanceId'],
    ['timeouts that are too short', { TimeoutSeconds: 29 }, 'ValidationException'],
    ['comments that are too long', { Comment: 'x'.repeat(101) }, 'ValidationException'],
    ['shares that are none', { MaxErrors: '101%' }, 'ValidationException'],
  ])('%s', async (_name, change, code) => {
    expect(await refusal(setUp().send(change))).toMatchObject({ code, status: 400 });
  });

  test('nothing of what fits: the version and the hash that the document has', async () => {
    const { ssm, send } = setUp();
    const { Document } = await ssm.send(new DescribeDocumentCommand({ Name: 'Shop-Restart', DocumentVersion: '3' }));
    for (const DocumentVersion of ['3', '$LATEST', '$DEFAULT', undefined])
      await send({ DocumentVersion, DocumentHash: Document?.Hash, DocumentHashType: 'Sha256', Comment: 'x'.repeat(100) });
    await send({ DocumentName: 'arn:aws:ssm:us-east-1:123456789012:document/Shop-Restart' });
  });

  test('instances that are gone, or are not managed', async () => {
    const { aws, ec2, id, launch, send, pass } = setUp();
    const fresh = launch();
    expect(await refusal(send({ InstanceIds: [fresh] }))).toMatchObject({ code: 'InvalidInstanceId' });
    const fault = aws.faults.inject({ fault: 'lose-agent', target: id, registered: false });
    expect(await refusal(send())).toMatchObject({ code: 'InvalidInstanceId' });
    aws.faults.end(fault);
    await send();
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    pass(1);
    expect(await refusal(send())).toMatchObject({ code: 'InvalidInstanceId' });
  });
});

describe('lists of commands', () => {
  test('show the newest first, by command, instance, status, document and time, page by page', async () => {
    const { ssm, id, launch, send, list, pass, clock } = setUp({ fails: 1 });
    const other = launch();
    pass(600);
    const first = await send({ InstanceIds: [id, other], Comment: 'first' });
    pass(60);
    const between = new Date(clock.now()).toISOString();
    const second = await send({ DocumentName: 'AWS-RunShellScript', Parameters: { commands: ['true'] }, Comment: 'second' });
    pass(60);
    const ids = async (input: ListCommandInvocationsCommandInput) => (await list(input)).map(({ CommandId }) => CommandId);
    expect(await ids({})).toEqual([second, first, first]);
    expect(await ids({ InstanceId: other })).toEqual([first]);
    expect((await list({ InstanceId: id })).map(({ Comment }) => Comment)).toEqual(['second', 'first']);
    expect(await ids({ CommandId: nobody })).toEqual([]);
    expect(await ids({ Filters: [{ key: 'Status', value: 'Success' }] })).toEqual([second]);
    expect(await ids({ Filters: [{ key: 'DocumentName', value: 'Shop-Restart' }] })).toEqual([first, first]);
    expect(await ids({ InstanceId: id, Filters: [{ key: 'InvokedAfter', value: between }] })).toEqual([second]);
    expect(await ids({ InstanceId: id, Filters: [{ key: 'InvokedBefore', value: between }] })).toEqual([first]);
    const page = await ssm.send(new ListCommandInvocationsCommand({ MaxResults: 2 }));
    expect(page.CommandInvocations).toHaveLength(2);
    expect(await ids({ MaxResults: 2, NextToken: page.NextToken })).toEqual([first]);

    const commands = await ssm.send(new ListCommandsCommand({ Filters: [{ key: 'ExecutionStage', value: 'Complete' }] }));
    expect(commands.Commands).toMatchObject([
      { CommandId: second, Status: 'Success', CompletedCount: 1, ErrorCount: 0 },
      { CommandId: first, Status: 'Failed', StatusDetails: 'Failed', CompletedCount: 2, ErrorCount: 2 },
    ]);
    expect((await ssm.send(new ListCommandsCommand({ InstanceId: other }))).Commands).toHaveLength(1);
    expect(await refusal(list({ Filters: [{ key: 'ExecutionStage', value: 'Complete' }] }))).toMatchObject({ code: 'InvalidFilterKey' });
    expect(await refusal(list({ CommandId: 'short' }))).toMatchObject({ code: 'InvalidCommandId' });
    expect(await refusal(list({ MaxResults: 51 }))).toMatchObject({ code: 'ValidationException' });
  });

  test('end a command on the other instances once it has failed too often', async () => {
    const { launch, id, send, list, pass } = setUp({ fails: 1 });
    const others = [launch(), launch()];
    pass(600);
    const CommandId = await send({ InstanceIds: [id, ...others], MaxConcurrency: '1', MaxErrors: '1' });
    pass(60);
    expect((await list({ CommandId })).map(({ StatusDetails }) => StatusDetails)).toEqual(['Failed', 'Failed', 'Terminated']);
  });

  test('have those that waited too long for their turn time out without having begun', async () => {
    const { launch, id, send, list, pass } = setUp({ seconds: 60 });
    const other = launch();
    pass(600);
    const CommandId = await send({ InstanceIds: [id, other], MaxConcurrency: '1', TimeoutSeconds: 30 });
    pass(600);
    expect((await list({ CommandId })).map(({ StatusDetails }) => StatusDetails)).toEqual(['Success', 'Pending']);
    pass(3600);
    expect((await list({ CommandId })).map(({ StatusDetails }) => StatusDetails)).toEqual(['Success', 'DeliveryTimedOut']);
  });

  test('name the steps of a document that has many, and a look at one must say which', async () => {
    const { ssm, send, look, list, pass } = setUp();
    const steps = ['stop', 'start'].map((name) => ({ action: 'aws:runShellScript', name, inputs: {} }));
    await ssm.send(new CreateDocumentCommand({ Name: 'Shop-Two', Content: JSON.stringify({ schemaVersion: '2.2', mainSteps: steps }) }));
    const CommandId = await send({ DocumentName: 'Shop-Two' });
    pass(20);
    expect((await list({ CommandId, Details: true }))[0]?.CommandPlugins?.map(({ Name }) => Name)).toEqual(['stop', 'start']);
    expect(await look(CommandId, { PluginName: 'start' })).toMatchObject({ PluginName: 'start', Status: 'Success' });
    expect(await refusal(look(CommandId))).toMatchObject({ code: 'InvalidPluginName' });
    expect(await refusal(look(CommandId, { PluginName: 'none' }))).toMatchObject({ code: 'InvalidPluginName' });
  });
});

describe('calls that go wrong', () => {
  test('a SendCommand whose answer is lost has been sent once, and is found by its comment', async () => {
    const { aws, id, send, list, pass } = setUp();
    aws.faults.inject({ fault: 'fail-call', service: 'ssm', operation: 'SendCommand', when: 'after', count: 1 });
    await expect(send({ Comment: 'incident 1 attempt 1' })).rejects.toThrow();
    pass(20);
    expect((await list({ InstanceId: id })).map(({ Comment }) => Comment)).toEqual(['incident 1 attempt 1']);
  });

  test('calls that come too fast are throttled', async () => {
    const { send, pass } = setUp(undefined, { throttle: 'aws' });
    for (let i = 0; i < 20; i++) await send();
    expect(await refusal(send())).toMatchObject({ code: 'ThrottlingException', status: 400 });
    pass(1);
    await send();
  });

  test('CloudTrail tells of commands that are sent and cancelled, without their parameters', async () => {
    const { ssm, cloudTrail, id, send, pass } = setUp();
    const CommandId = await send({ Parameters: { Service: ['nginx'] } });
    await ssm.send(new CancelCommandCommand({ CommandId }));
    pass(1000);
    const { Events = [] } = await cloudTrail.send(
      new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventSource', AttributeValue: 'ssm.amazonaws.com' }] }),
    );
    expect(Events.map(({ EventName }) => EventName)).toEqual(['CancelCommand', 'SendCommand']);
    const { requestParameters } = JSON.parse(Events[1]?.CloudTrailEvent ?? '{}') as { requestParameters: object };
    expect(requestParameters).toMatchObject({ instanceIds: [id], parameters: 'HIDDEN_DUE_TO_SECURITY_REASONS' });
  });
});
