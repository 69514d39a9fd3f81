import type * as Sdk from '@aws-sdk/client-ssm';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import { type Calendar, calendarState, parseCalendar } from '../model/calendar.ts';

type Document = { name: string; type: string; calendar: Calendar | undefined };

export type Documents = {
  operations: Record<string, Operation>;
  /** Makes a change calendar without writing iCalendar text, or replaces one. */
  putCalendar(name: string, calendar: Calendar): void;
  /** What Run Command may be asked to run. */
  isCommand(name: string): boolean;
};

/** Documents that AWS itself provides. */
const provided: readonly string[] = ['AWS-RunShellScript', 'AWS-RunPowerShellScript', 'AWS-UpdateSSMAgent', 'AWS-ConfigureAWSPackage'];

/** Documents, to the extent of change calendars and of names to run. */
export const createDocuments = (world: World): Documents => {
  const documents = new Map<string, Document>();

  /** ISO 8601 to the second, as GetCalendarState writes it. */
  const iso = (at: number) => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');

  const createDocument = (input: Sdk.CreateDocumentCommandInput): Omit<Sdk.CreateDocumentCommandOutput, '$metadata'> => {
    const { Name: name = '', DocumentType: type = 'Command', Content: content = '' } = input;
    if (!/^[a-zA-Z0-9_\-.]{3,128}$/.test(name) || /^(aws|amazon|amzn)/i.test(name))
      throw new AwsError('ValidationException', `Value '${name.slice(0, 128)}' at 'name' failed to satisfy constraint.`);
    if (documents.has(name)) throw new AwsError('DocumentAlreadyExists', `Document with same name ${name} already exists`);
    documents.set(name, { name, type, calendar: type === 'ChangeCalendar' ? parseCalendar(content) : undefined });
    return {
      DocumentDescription: {
        Name: name,
        DocumentType: type,
        DocumentVersion: '1',
        Status: 'Active',
        Owner: world.account,
        CreatedDate: new Date(world.clock.now()),
      },
    };
  };

  const deleteDocument = (input: Sdk.DeleteDocumentCommandInput): Record<string, never> => {
    if (!documents.delete(input.Name ?? '')) throw new AwsError('InvalidDocument', `Document ${input.Name} does not exist in your account`);
    return {};
  };

  const calendarOf = (nameOrArn: string): Calendar => {
    const name = nameOrArn.replace(/^arn:[^/]*:document\//, '');
    const document = documents.get(name);
    if (!document) throw new AwsError('InvalidDocument', `Document ${name} does not exist in your account`);
    if (!document.calendar) throw new AwsError('InvalidDocumentType', `Document ${name} is not a change calendar.`);
    return document.calendar;
  };

  const getCalendarState = (input: Sdk.GetCalendarStateCommandInput): Omit<Sdk.GetCalendarStateCommandOutput, '$metadata'> => {
    const at = input.AtTime === undefined ? world.clock.now() : Date.parse(input.AtTime);
    if (Number.isNaN(at)) throw new AwsError('ValidationException', 'AtTime must be in ISO 8601 format.');
    const { open, next } = calendarState((input.CalendarNames ?? []).map(calendarOf), at);
    return { State: open ? 'OPEN' : 'CLOSED', AtTime: iso(at), ...(next !== undefined && { NextTransitionTime: iso(next) }) };
  };

  return {
    putCalendar: (name, calendar) => {
      documents.set(name, { name, type: 'ChangeCalendar', calendar });
    },
    isCommand: (name) => provided.includes(name) || documents.get(name)?.type === 'Command',
    operations: {
      CreateDocument: operation<Sdk.CreateDocumentCommandInput, Sdk.CreateDocumentCommandOutput>(
        () => sdk.ssm().CreateDocument$,
        createDocument,
      ),
      DeleteDocument: operation<Sdk.DeleteDocumentCommandInput, Sdk.DeleteDocumentCommandOutput>(
        () => sdk.ssm().DeleteDocument$,
        deleteDocument,
      ),
      GetCalendarState: operation<Sdk.GetCalendarStateCommandInput, Sdk.GetCalendarStateCommandOutput>(
        () => sdk.ssm().GetCalendarState$,
        getCalendarState,
      ),
    },
  };
};
