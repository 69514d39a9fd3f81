import { createHash } from 'node:crypto';
import type { DocumentEffect } from '../../../core/document-effect.ts';
import type { Calendar, PlacedDocument } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { parseCalendar } from './calendar.ts';
import { type CommandContent, type DocumentFormat, readContent } from './content.ts';
import { provided } from './provided.ts';

export type DocumentVersion = {
  readonly number: number;
  readonly name: string | undefined;
  readonly text: string;
  readonly format: DocumentFormat;
  readonly createdAt: number;
  readonly body:
    | { readonly type: 'command'; readonly content: CommandContent }
    | { readonly type: 'calendar'; readonly calendar: Calendar }
    | { readonly type: 'other' };
  /** As it was declared; undefined: it does what its alarm needs. */
  readonly effect: DocumentEffect | undefined;
};

export type Document = {
  readonly name: string;
  readonly type: string;
  readonly owner: 'account' | 'Amazon';
  readonly createdAt: number;
  targetType: string | undefined;
  versions: Map<number, DocumentVersion>;
  defaultVersion: number;
  latestVersion: number;
};

const mostBytes = 64 * 1024;

export const hashOf = ({ text }: DocumentVersion, type: 'Sha256' | 'Sha1' = 'Sha256'): string =>
  createHash(type.toLowerCase()).update(text).digest('hex');

/** What AWS provides is read once for all worlds. */
const providedContents = new Map<string, CommandContent>();
const providedContent = (name: string, text: string): CommandContent => {
  const content = providedContents.get(name) ?? readContent(text, 'JSON');
  providedContents.set(name, content);
  return content;
};

/** The documents of the account, and those that AWS provides. */
export const createDocumentStore = (world: World) => {
  const documents = new Map<string, Document>();
  const overrides: { name: string; version: string | undefined; effect: DocumentEffect }[] = [];

  const read = (
    type: string,
    { number, text, format, name, effect }: Pick<DocumentVersion, 'number' | 'text' | 'format' | 'name' | 'effect'>,
  ): DocumentVersion => {
    if (Buffer.byteLength(text) > mostBytes) throw new AwsError('MaxDocumentSizeExceeded', 'The size limit of a document is 64 KB.');
    const body: DocumentVersion['body'] =
      type === 'Command'
        ? { type: 'command', content: readContent(text, format) }
        : type === 'ChangeCalendar'
          ? { type: 'calendar', calendar: parseCalendar(text) }
          : { type: 'other' };
    return { number, name, text, format, createdAt: world.clock.now(), body, effect };
  };

  const add = (
    name: string,
    { type, owner = 'account', targetType }: { type: string; owner?: Document['owner']; targetType?: string | undefined },
    version: DocumentVersion,
  ): Document => {
    const { number } = version;
    const document: Document = {
      name,
      type,
      owner,
      targetType,
      createdAt: version.createdAt,
      versions: new Map([[number, version]]),
      defaultVersion: number,
      latestVersion: number,
    };
    documents.set(name, document);
    return document;
  };

  const addVersion = (document: Document, version: DocumentVersion): void => {
    document.versions.set(version.number, version);
    document.latestVersion = Math.max(document.latestVersion, version.number);
  };

  for (const [name, content] of Object.entries(provided)) {
    const text = JSON.stringify(content, null, 2);
    add(
      name,
      { type: 'Command', owner: 'Amazon' },
      {
        number: 1,
        name: undefined,
        text,
        format: 'JSON',
        createdAt: world.start,
        body: { type: 'command', content: providedContent(name, text) },
        effect: { remedies: false },
      },
    );
  }

  const ownArn = world.arn('ssm', 'document/');
  const nameOf = (nameOrArn: string): string => (nameOrArn.startsWith(ownArn) ? nameOrArn.slice(ownArn.length) : nameOrArn);

  const expect = (nameOrArn: string): Document => {
    const document = documents.get(nameOf(nameOrArn));
    if (!document) throw new AwsError('InvalidDocument', `Document ${nameOrArn.slice(0, 200)} does not exist in your account`);
    return document;
  };

  /** A version by its number, `$LATEST` or `$DEFAULT`, which it is where nothing is said. */
  const expectVersion = (document: Document, wanted = '$DEFAULT'): DocumentVersion => {
    const number = wanted === '$DEFAULT' ? document.defaultVersion : wanted === '$LATEST' ? document.latestVersion : Number(wanted);
    const version = /^(\$DEFAULT|\$LATEST|[1-9]\d*)$/.test(wanted) ? document.versions.get(number) : undefined;
    if (!version) throw new AwsError('InvalidDocumentVersion', `Document ${document.name} has no version ${wanted.slice(0, 50)}`);
    return version;
  };

  /** A document that exists without a call having made it. What is there in this version already is replaced. */
  const place = ({ name, version = '1', parameters = {}, effect }: PlacedDocument): void => {
    const number = Number(version);
    if (!Number.isInteger(number) || number < 1) throw new RangeError(`${version} is no version of a document`);
    const declared = Object.entries(parameters).map(([key, { type = 'String', ...rest }]) => [key, { type, ...rest }]);
    const content = {
      schemaVersion: '2.2',
      description: name,
      parameters: Object.fromEntries(declared),
      mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { runCommand: [] } }],
    };
    const placed = read('Command', { number, text: JSON.stringify(content), format: 'JSON', name: undefined, effect });
    const present = documents.get(name);
    if (present) addVersion(present, placed);
    else add(name, { type: 'Command' }, placed);
  };

  return {
    documents,
    read,
    add,
    addVersion,
    expect,
    expectVersion,
    place,
    placeCalendar: (name: string, calendar: Calendar): void => {
      const version: DocumentVersion = {
        number: 1,
        name: undefined,
        text: '',
        format: 'TEXT',
        createdAt: world.clock.now(),
        body: { type: 'calendar', calendar },
        effect: undefined,
      };
      add(name, { type: 'ChangeCalendar' }, version);
    },
    /** Lets a document do something else until that is withdrawn: the newest such word counts. */
    override: (name: string, version: string | undefined, effect: DocumentEffect): (() => void) => {
      if (!documents.has(name)) throw new RangeError(`There is no document ${name}`);
      const override = { name, version, effect };
      overrides.push(override);
      return () => {
        const at = overrides.indexOf(override);
        if (at >= 0) overrides.splice(at, 1);
      };
    },
    effectOf: ({ name }: Document, { number, effect }: DocumentVersion): DocumentEffect => {
      const said = overrides.findLast((one) => one.name === name && (one.version ?? String(number)) === String(number));
      return said?.effect ?? effect ?? {};
    },
  };
};

export type DocumentStore = ReturnType<typeof createDocumentStore>;
