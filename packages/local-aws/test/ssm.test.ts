import {
  CreateDocumentCommand,
  DeleteParameterCommand,
  GetCalendarStateCommand,
  GetCommandInvocationCommand,
  GetParameterCommand,
  GetParametersCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import { createWorld } from '../src/core/world.ts';
import { createEc2 } from '../src/services/ec2/index.ts';
import { createSsm } from '../src/services/ssm/index.ts';
import { createGateway } from '../src/wire/gateway.ts';
import { localClients, refusal, worldOptions } from './harness.ts';

const setUp = () => {
  const world = createWorld(worldOptions);
  const ec2 = createEc2(world);
  const ssm = createSsm(world, ec2);
  const client = localClients(createGateway(world, [ssm.service]).handle).ssm;
  const pass = (seconds: number) => world.clock.advanceTo(world.clock.now() + seconds * 1000);
  return { world, ec2, ssm, client, pass };
};

// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
describe('Parameter Store', () => {
  test('keeps versions of a parameter, and gives the latest unless asked for another', async () => {
    const { client } = setUp();
    expect((await client.send(new PutParameterCommand({ Name: '/selfheal/mode', Value: 'on', Type: 'String' }))).Version).toBe(1);
    expect((await client.send(new PutParameterCommand({ Name: '/selfheal/mode', Value: 'off', Overwrite: true }))).Version).toBe(2);
    expect((await client.send(new GetParameterCommand({ Name: '/selfheal/mode' }))).Parameter).toMatchObject({
      Name: '/selfheal/mode',
      Type: 'String',
      Value: 'off',
      Version: 2,
      ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/selfheal/mode',
      DataType: 'text',
    });
    expect((await client.send(new GetParameterCommand({ Name: '/selfheal/mode:1' }))).Parameter?.Value).toBe('on');
    expect(await refusal(client.send(new GetParameterCommand({ Name: '/selfheal/mode:3' })))).toMatchObject({
      code: 'ParameterVersionNotFound',
    });
  });

  test('finds a parameter by its ARN', async () => {
    const { client, ssm } = setUp();
    ssm.putParameter('mode', 'on');
    const Name = 'arn:aws:ssm:us-east-1:123456789012:parameter/mode';
    expect((await client.send(new GetParameterCommand({ Name }))).Parameter?.Value).toBe('on');
  });

  test('gives a secret only to who asks for its decryption', async () => {
    const { client } = setUp();
    await client.send(new PutParameterCommand({ Name: 'token', Value: 'secret', Type: 'SecureString' }));
    expect((await client.send(new GetParameterCommand({ Name: 'token' }))).Parameter?.Value).not.toContain('secret');
    expect((await client.send(new GetParameterCommand({ Name: 'token', WithDecryption: true }))).Parameter?.Value).toBe('secret');
  });

  test('gives many at once, and names those that it does not have', async () => {
    const { client, ssm } = setUp();
    ssm.putParameter('/a', '1');
    const answer = await client.send(new GetParametersCommand({ Names: ['/a', '/b', '/a:9'] }));
    expect(answer.Parameters?.map(({ Value }) => Value)).toEqual(['1']);
    expect(answer.InvalidParameters).toEqual(['/b', '/a:9']);
  });

  test('forgets what is deleted', async () => {
    const { client, ssm } = setUp();
    ssm.putParameter('/a', '1');
    await client.send(new DeleteParameterCommand({ Name: '/a' }));
    expect(await refusal(client.send(new GetParameterCommand({ Name: '/a' })))).toMatchObject({ code: 'ParameterNotFound', status: 400 });
    expect(await refusal(client.send(new DeleteParameterCommand({ Name: '/a' })))).toMatchObject({ code: 'ParameterNotFound' });
  });

  test.each<[PutParameterCommandInput, string]>([
    [{ Name: '/there', Value: 'x' }, 'ParameterAlreadyExists'],
    [{ Name: '/new', Value: 'x' }, 'ValidationException'],
    [{ Name: '/new', Value: 'x'.repeat(4097), Type: 'String' }, 'ValidationException'],
    [{ Name: '/aws/mine', Value: 'x', Type: 'String' }, 'ValidationException'],
    [{ Name: 'not/absolute', Value: 'x', Type: 'String' }, 'ValidationException'],
    [{ Name: 'bad name', Value: 'x', Type: 'String' }, 'ValidationException'],
    [{ Name: '/new', Value: 'x', Type: 'Number' as 'String' }, 'UnsupportedParameterType'],
  ])('refuses to put case %#', async (input, code) => {
    const { client, ssm } = setUp();
    ssm.putParameter('/there', 'x');
    expect(await refusal(client.send(new PutParameterCommand(input)))).toMatchObject({ code, status: 400 });
  });

  test('refuses a request without its required parameter', async () => {
    const { client } = setUp();
    expect(await refusal(client.send(new GetParameterCommand({ Name: undefined })))).toMatchObject({ code: 'ValidationException' });
  });
});

const calendar = (type: string, ...events: string[]) =>
  ['BEGIN:VCALENDAR', 'PRODID:-//AWS//Change Calendar 1.0//EN', 'VERSION:2.0', `X-CALENDAR-TYPE:${type}`, ...events, 'END:VCALENDAR'].join(
    '\r\n',
  );

const freeze = ['BEGIN:VEVENT', 'DTSTART:20261120T130000Z', 'DTEND:20261120T140000Z', 'SUMMARY:freeze', 'END:VEVENT'].join('\r\n');

// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetCalendarState.html
describe('change calendars', () => {
  const create = (name: string, content: string) =>
    new CreateDocumentCommand({ Name: name, DocumentType: 'ChangeCalendar', DocumentFormat: 'TEXT', Content: content });

  test('are open by default but for their events, and say when that changes', async () => {
    const { client, pass } = setUp();
    await client.send(create('changes', calendar('DEFAULT_OPEN', freeze)));
    const state = () => client.send(new GetCalendarStateCommand({ CalendarNames: ['changes'] }));
    expect(await state()).toMatchObject({ State: 'OPEN', AtTime: '2026-11-20T12:00:00Z', NextTransitionTime: '2026-11-20T13:00:00Z' });
    pass(3600);
    expect(await state()).toMatchObject({ State: 'CLOSED', NextTransitionTime: '2026-11-20T14:00:00Z' });
    pass(3600);
    expect((await state()).NextTransitionTime).toBeUndefined();
  });

  test('are closed by default where they say so, and closed together where one of them is', async () => {
    const { client, ssm } = setUp();
    await client.send(create('windows', calendar('DEFAULT_CLOSED', freeze)));
    ssm.putCalendar('open', { openByDefault: true, events: [] });
    const at = (AtTime: string, ...CalendarNames: string[]) => client.send(new GetCalendarStateCommand({ CalendarNames, AtTime }));
    expect((await at('2026-11-20T12:30:00Z', 'windows')).State).toBe('CLOSED');
    expect((await at('2026-11-20T13:30:00Z', 'windows')).State).toBe('OPEN');
    expect((await at('2026-11-20T12:30:00Z', 'open', 'windows')).State).toBe('CLOSED');
    expect((await at('2026-11-20T13:30:00Z', 'arn:aws:ssm:us-east-1:123456789012:document/open', 'windows')).State).toBe('OPEN');
  });

  test('are refused where they are unknown, something else, or no calendar', async () => {
    const { client } = setUp();
    await client.send(new CreateDocumentCommand({ Name: 'script', Content: '{}' }));
    const state = (name: string) => refusal(client.send(new GetCalendarStateCommand({ CalendarNames: [name] })));
    expect(await state('none')).toMatchObject({ code: 'InvalidDocument', status: 400 });
    expect(await state('script')).toMatchObject({ code: 'InvalidDocumentType' });
    expect(await refusal(client.send(create('broken', 'nonsense')))).toMatchObject({ code: 'InvalidDocumentContent' });
    expect(await refusal(client.send(create('repeating', calendar('DEFAULT_OPEN', freeze, 'RRULE:FREQ=DAILY'))))).toMatchObject({
      code: 'InvalidDocumentContent',
    });
    expect(await refusal(client.send(new CreateDocumentCommand({ Name: 'script', Content: '{}' })))).toMatchObject({
      code: 'DocumentAlreadyExists',
    });
  });
});

// https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
describe('Run Command', () => {
  const running = () => {
    const setting = setUp();
    const { id } = setting.ec2.launch({
      imageId: 'ami-0123456789abcdef0',
      instanceType: 't3.micro',
      availabilityZone: 'us-east-1a',
      tags: [],
    });
    setting.pass(600);
    const send = (change = {}) =>
      setting.client.send(
        new SendCommandCommand({ DocumentName: 'AWS-RunShellScript', InstanceIds: [id], Parameters: { commands: ['true'] }, ...change }),
      );
    const look = async (CommandId: string | undefined) =>
      setting.client.send(new GetCommandInvocationCommand({ CommandId, InstanceId: id }));
    return { ...setting, id, send, look };
  };

  test('runs a command on an instance that answers', async () => {
    const { send, look, pass } = running();
    const { Command } = await send();
    expect(Command).toMatchObject({ Status: 'Pending', DocumentName: 'AWS-RunShellScript' });
    expect(await look(Command?.CommandId)).toMatchObject({ Status: 'Pending', ResponseCode: -1 });
    pass(20);
    expect(await look(Command?.CommandId)).toMatchObject({ Status: 'Success', StatusDetails: 'Success', ResponseCode: 0 });
  });

  test('cannot hand a command to an instance that hangs, and gives up after its timeout', async () => {
    const { ec2, id, send, look, pass } = running();
    ec2.faults['hang-kernel'](id);
    const { Command } = await send({ TimeoutSeconds: 60 });
    pass(59);
    expect((await look(Command?.CommandId)).Status).toBe('Pending');
    pass(10);
    expect(await look(Command?.CommandId)).toMatchObject({ Status: 'TimedOut', StatusDetails: 'DeliveryTimedOut', ResponseCode: -1 });
  });

  test('hands it over once the instance answers again', async () => {
    const { ec2, id, send, look, pass } = running();
    const mend = ec2.faults['hang-kernel'](id);
    const { Command } = await send();
    pass(60);
    mend();
    pass(60);
    expect((await look(Command?.CommandId)).Status).toBe('Success');
  });

  test('fails where the instance dies while it runs', async () => {
    const { ec2, id, send, look, pass, world } = running();
    const { Command } = await send();
    while ((await look(Command?.CommandId)).Status === 'Pending') pass(0.1);
    ec2.faults['hang-kernel'](id);
    pass(20);
    expect(await look(Command?.CommandId)).toMatchObject({ Status: 'Failed', StatusDetails: 'Undeliverable' });
    expect(world.calls.length).toBeGreaterThan(0);
  });

  test('refuses unknown instances, documents, timeouts and invocations', async () => {
    const { client, id, send } = running();
    expect(await refusal(send({ InstanceIds: ['i-0aaaaaaaaaaaaaaaa'] }))).toMatchObject({ code: 'InvalidInstanceId', status: 400 });
    expect(await refusal(send({ DocumentName: 'nonsense' }))).toMatchObject({ code: 'InvalidDocument' });
    expect(await refusal(send({ TimeoutSeconds: 5 }))).toMatchObject({ code: 'ValidationException' });
    const unknown = new GetCommandInvocationCommand({ CommandId: '11111111-1111-4111-8111-111111111111', InstanceId: id });
    expect(await refusal(client.send(unknown))).toMatchObject({ code: 'InvocationDoesNotExist', status: 400 });
  });
});
