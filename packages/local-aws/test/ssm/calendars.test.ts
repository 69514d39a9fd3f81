import { CreateDocumentCommand, GetCalendarStateCommand } from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import { createWorld } from '../../src/core/world.ts';
import { createEc2 } from '../../src/services/ec2/index.ts';
import { createSsm } from '../../src/services/ssm/index.ts';
import { createGateway } from '../../src/wire/gateway.ts';
import { localClients, refusal, worldOptions } from '../harness.ts';

const setUp = () => {
  const world = createWorld(worldOptions);
  const ssm = createSsm(world, createEc2(world));
  const client = localClients(createGateway(world, [ssm.service]).handle).ssm;
  const pass = (seconds: number) => world.clock.advanceTo(world.clock.now() + seconds * 1000);
  return { ssm, client, pass };
};

const calendar = (type: string, ...events: string[]) =>
  ['BEGIN:VCALENDAR', 'PRODID:-//AWS//Change Calendar 1.0//EN', 'VERSION:2.0', `X-CALENDAR-TYPE:${type}`, ...events, 'END:VCALENDAR'].join(
    '\r\n',
  );

const freeze = ['BEGIN:VEVENT', 'DTSTART:20261120T130000Z', 'DTEND:20261120T140000Z', 'SUMMARY:freeze', 'END:VEVENT'].join('\r\n');

const script = JSON.stringify({ schemaVersion: '2.2', mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: {} }] });

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
    await client.send(new CreateDocumentCommand({ Name: 'script', Content: script }));
    const state = (name: string) => refusal(client.send(new GetCalendarStateCommand({ CalendarNames: [name] })));
    expect(await state('none')).toMatchObject({ code: 'InvalidDocument', status: 400 });
    expect(await state('script')).toMatchObject({ code: 'InvalidDocumentType' });
    expect(await refusal(client.send(create('broken', 'nonsense')))).toMatchObject({ code: 'InvalidDocumentContent' });
    expect(await refusal(client.send(create('repeating', calendar('DEFAULT_OPEN', freeze, 'RRULE:FREQ=DAILY'))))).toMatchObject({
      code: 'InvalidDocumentContent',
    });
    expect(await refusal(client.send(new CreateDocumentCommand({ Name: 'script', Content: script })))).toMatchObject({
      code: 'DocumentAlreadyExists',
    });
  });
});
