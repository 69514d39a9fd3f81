import type * as Sdk from '@aws-sdk/client-ssm';
import type { Calendar } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import { calendarState } from '../model/calendar.ts';
import type { DocumentStore } from '../model/documents.ts';

/** Change calendars, which are documents of a type of their own. */
export const calendarOperations = (world: World, { expect, expectVersion }: DocumentStore): Record<string, Operation> => {
  /** ISO 8601 to the second, as GetCalendarState writes it. */
  const iso = (at: number) => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');

  const calendarOf = (nameOrArn: string): Calendar => {
    const { body } = expectVersion(expect(nameOrArn));
    if (body.type !== 'calendar') throw new AwsError('InvalidDocumentType', `Document ${nameOrArn} is not a change calendar.`);
    return body.calendar;
  };

  const getCalendarState = (input: Sdk.GetCalendarStateCommandInput): Omit<Sdk.GetCalendarStateCommandOutput, '$metadata'> => {
    const at = input.AtTime === undefined ? world.clock.now() : Date.parse(input.AtTime);
    if (Number.isNaN(at)) throw new AwsError('ValidationException', 'AtTime must be in ISO 8601 format.');
    const { open, next } = calendarState((input.CalendarNames ?? []).map(calendarOf), at);
    return { State: open ? 'OPEN' : 'CLOSED', AtTime: iso(at), ...(next !== undefined && { NextTransitionTime: iso(next) }) };
  };

  return {
    GetCalendarState: operation<Sdk.GetCalendarStateCommandInput, Sdk.GetCalendarStateCommandOutput>(
      () => sdk.ssm().GetCalendarState$,
      getCalendarState,
    ),
  };
};
