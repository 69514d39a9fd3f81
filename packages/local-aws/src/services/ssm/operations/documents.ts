import type * as Sdk from '@aws-sdk/client-ssm';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { page } from '../../../wire/protocol/pages.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import { convert, type DocumentFormat, platformsOf } from '../model/content.ts';
import { type Document, type DocumentStore, type DocumentVersion, hashOf } from '../model/documents.ts';
import { checkMaxResults } from './check.ts';

const invalid = (message: string) => new AwsError('ValidationException', message);

const mostVersions = 1000;

const formatOf = (format: string | undefined, usual: DocumentFormat = 'JSON'): DocumentFormat => {
  if (format === undefined) return usual;
  if (format !== 'JSON' && format !== 'YAML' && format !== 'TEXT') throw invalid(`Value '${format}' at 'documentFormat' is not valid.`);
  return format;
};

/** Documents, by their API. */
export const documentOperations = (world: World, store: DocumentStore): Record<string, Operation> => {
  const ownerOf = ({ owner }: Document) => (owner === 'Amazon' ? 'Amazon' : world.account);

  const identify = (document: Document, version: DocumentVersion): Sdk.DocumentIdentifier => ({
    Name: document.name,
    CreatedDate: new Date(document.createdAt),
    Owner: ownerOf(document),
    DocumentVersion: String(version.number),
    DocumentType: document.type as Sdk.DocumentType,
    DocumentFormat: version.format,
    ...(version.name !== undefined && { VersionName: version.name }),
    ...(document.targetType !== undefined && { TargetType: document.targetType }),
    ...(version.body.type === 'command' && {
      SchemaVersion: version.body.content.schemaVersion,
      PlatformTypes: platformsOf(version.body.content),
    }),
  });

  const describe = (document: Document, version: DocumentVersion): Sdk.DocumentDescription => ({
    ...identify(document, version),
    CreatedDate: new Date(version.createdAt),
    Hash: hashOf(version),
    HashType: 'Sha256',
    Status: 'Active',
    LatestVersion: String(document.latestVersion),
    DefaultVersion: String(document.defaultVersion),
    ...(version.body.type === 'command' && {
      ...(version.body.content.description !== undefined && { Description: version.body.content.description }),
      Parameters: [...version.body.content.parameters].map(([Name, { type, description, default: value }]) => ({
        Name,
        Type: (type === 'StringList' ? 'StringList' : 'String') satisfies Sdk.DocumentParameterType,
        ...(description !== undefined && { Description: description }),
        ...(value !== undefined && { DefaultValue: typeof value === 'string' ? value : JSON.stringify(value) }),
      })),
    }),
  });

  /** A version by its number or by the name that somebody gave it. */
  const find = (input: { Name?: string | undefined; DocumentVersion?: string | undefined; VersionName?: string | undefined }) => {
    const document = store.expect(input.Name ?? '');
    if (input.VersionName === undefined) return { document, version: store.expectVersion(document, input.DocumentVersion) };
    const version = [...document.versions.values()].find(({ name }) => name === input.VersionName);
    if (!version) throw new AwsError('InvalidDocumentVersion', `Document ${document.name} has no version named ${input.VersionName}`);
    return { document, version };
  };

  /** One of the account's own, to change it. */
  const ownDocument = (name: string | undefined): Document => {
    const document = store.expect(name ?? '');
    if (document.owner === 'Amazon') throw new AwsError('InvalidDocumentOperation', `Document ${document.name} belongs to AWS.`);
    return document;
  };

  const createDocument = (input: Sdk.CreateDocumentCommandInput): Omit<Sdk.CreateDocumentCommandOutput, '$metadata'> => {
    const { Name: name = '', DocumentType: type = 'Command', Content: text = '' } = input;
    if (!/^[a-zA-Z0-9_\-.]{3,128}$/.test(name) || /^(aws|amazon|amzn)/i.test(name))
      throw invalid(`Value '${name.slice(0, 128)}' at 'name' failed to satisfy constraint.`);
    if (store.documents.has(name)) throw new AwsError('DocumentAlreadyExists', `Document with same name ${name} already exists`);
    const format = formatOf(input.DocumentFormat);
    const version = store.read(type, { number: 1, text, format, name: input.VersionName, effect: undefined });
    return { DocumentDescription: describe(store.add(name, { type, targetType: input.TargetType }, version), version) };
  };

  const updateDocument = (input: Sdk.UpdateDocumentCommandInput): Omit<Sdk.UpdateDocumentCommandOutput, '$metadata'> => {
    const document = ownDocument(input.Name);
    const base = store.expectVersion(document, input.DocumentVersion ?? '$LATEST');
    if (base.number !== document.latestVersion)
      throw new AwsError('InvalidDocumentVersion', `Only the latest version of ${document.name} can be updated.`);
    const { Content: text = '', VersionName: name } = input;
    const present = [...document.versions.values()];
    if (present.some((version) => version.text === text))
      throw new AwsError('DuplicateDocumentContent', `The content is that of another version of ${document.name}.`);
    if (name !== undefined && present.some((version) => version.name === name))
      throw new AwsError('DuplicateDocumentVersionName', `The version name ${name} has been used already.`);
    if (present.length >= mostVersions) throw new AwsError('DocumentVersionLimitExceeded', `A document can have ${mostVersions} versions.`);
    const format = formatOf(input.DocumentFormat);
    // What is declared beside a version says nothing of the next one.
    const version = store.read(document.type, { number: document.latestVersion + 1, text, format, name, effect: undefined });
    if (input.TargetType !== undefined) document.targetType = input.TargetType;
    store.addVersion(document, version);
    return { DocumentDescription: describe(document, version) };
  };

  const updateDefaultVersion = (
    input: Sdk.UpdateDocumentDefaultVersionCommandInput,
  ): Omit<Sdk.UpdateDocumentDefaultVersionCommandOutput, '$metadata'> => {
    const document = ownDocument(input.Name);
    const version = store.expectVersion(document, /^\d+$/.test(input.DocumentVersion ?? '') ? input.DocumentVersion : '');
    document.defaultVersion = version.number;
    return {
      Description: {
        Name: document.name,
        DefaultVersion: String(version.number),
        ...(version.name !== undefined && { DefaultVersionName: version.name }),
      },
    };
  };

  const describeDocument = (input: Sdk.DescribeDocumentCommandInput): Omit<Sdk.DescribeDocumentCommandOutput, '$metadata'> => {
    const { document, version } = find(input);
    return { Document: describe(document, version) };
  };

  const getDocument = (input: Sdk.GetDocumentCommandInput): Omit<Sdk.GetDocumentCommandOutput, '$metadata'> => {
    const { document, version } = find(input);
    const format = formatOf(input.DocumentFormat, version.format);
    return {
      Name: document.name,
      CreatedDate: new Date(version.createdAt),
      DocumentVersion: String(version.number),
      Status: 'Active',
      Content: convert(version.text, version.format, format),
      DocumentType: document.type as Sdk.DocumentType,
      DocumentFormat: format,
      ...(version.name !== undefined && { VersionName: version.name }),
    };
  };

  /** Whether a document passes one filter; names match by their beginnings. */
  const passes = (document: Document, key: string, values: readonly string[]): boolean => {
    const latest = store.expectVersion(document);
    switch (key) {
      case 'Owner':
        return values.some((value) => value === 'All' || (value === 'Amazon') === (document.owner === 'Amazon'));
      case 'Name':
        return values.some((value) => document.name.startsWith(value));
      case 'DocumentType':
        return values.includes(document.type);
      case 'TargetType':
        return values.includes(document.targetType ?? '');
      case 'PlatformTypes':
        return latest.body.type === 'command' && platformsOf(latest.body.content).some((platform) => values.includes(platform));
      default:
        // Documents have no tags here.
        if (key.startsWith('tag:')) return false;
        throw new AwsError('InvalidFilterKey', `The filter key ${key.slice(0, 100)} is not valid.`);
    }
  };

  const listDocuments = (input: Sdk.ListDocumentsCommandInput): Omit<Sdk.ListDocumentsCommandOutput, '$metadata'> => {
    const filters = [
      ...(input.Filters ?? []).map(({ Key = '', Values = [] }) => ({ key: Key, values: Values })),
      ...(input.DocumentFilterList ?? []).map(({ key = '', value = '' }) => ({ key: String(key), values: [value] })),
    ];
    const { MaxResults, NextToken, ...request } = input;
    const all = [...store.documents.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const found = all.filter((document) => filters.every(({ key, values }) => passes(document, key, values)));
    const { items, next } = page(found, checkMaxResults(MaxResults, { least: 1, most: 50, usual: 10 }), NextToken, request);
    return {
      DocumentIdentifiers: items.map((document) => identify(document, store.expectVersion(document))),
      ...(next !== undefined && { NextToken: next }),
    };
  };

  const listVersions = (input: Sdk.ListDocumentVersionsCommandInput): Omit<Sdk.ListDocumentVersionsCommandOutput, '$metadata'> => {
    const document = store.expect(input.Name ?? '');
    const { MaxResults, NextToken, ...request } = input;
    const versions = [...document.versions.values()].sort((a, b) => b.number - a.number);
    const { items, next } = page(versions, checkMaxResults(MaxResults, { least: 1, most: 50, usual: 50 }), NextToken, request);
    return {
      DocumentVersions: items.map(({ number, name, format, createdAt }) => ({
        Name: document.name,
        DocumentVersion: String(number),
        CreatedDate: new Date(createdAt),
        IsDefaultVersion: number === document.defaultVersion,
        DocumentFormat: format,
        Status: 'Active',
        ...(name !== undefined && { VersionName: name }),
      })),
      ...(next !== undefined && { NextToken: next }),
    };
  };

  const deleteDocument = (input: Sdk.DeleteDocumentCommandInput): Record<string, never> => {
    const document = ownDocument(input.Name);
    if (input.DocumentVersion === undefined && input.VersionName === undefined) {
      store.documents.delete(document.name);
      return {};
    }
    const { number } = find(input).version;
    if (number === document.defaultVersion)
      throw new AwsError('InvalidDocumentOperation', `Version ${number} is the default version of ${document.name}.`);
    document.versions.delete(number);
    document.latestVersion = Math.max(...document.versions.keys());
    return {};
  };

  return {
    CreateDocument: operation<Sdk.CreateDocumentCommandInput, Sdk.CreateDocumentCommandOutput>(
      () => sdk.ssm().CreateDocument$,
      createDocument,
    ),
    UpdateDocument: operation<Sdk.UpdateDocumentCommandInput, Sdk.UpdateDocumentCommandOutput>(
      () => sdk.ssm().UpdateDocument$,
      updateDocument,
    ),
    UpdateDocumentDefaultVersion: operation<Sdk.UpdateDocumentDefaultVersionCommandInput, Sdk.UpdateDocumentDefaultVersionCommandOutput>(
      () => sdk.ssm().UpdateDocumentDefaultVersion$,
      updateDefaultVersion,
    ),
    DescribeDocument: operation<Sdk.DescribeDocumentCommandInput, Sdk.DescribeDocumentCommandOutput>(
      () => sdk.ssm().DescribeDocument$,
      describeDocument,
    ),
    GetDocument: operation<Sdk.GetDocumentCommandInput, Sdk.GetDocumentCommandOutput>(() => sdk.ssm().GetDocument$, getDocument),
    ListDocuments: operation<Sdk.ListDocumentsCommandInput, Sdk.ListDocumentsCommandOutput>(() => sdk.ssm().ListDocuments$, listDocuments),
    ListDocumentVersions: operation<Sdk.ListDocumentVersionsCommandInput, Sdk.ListDocumentVersionsCommandOutput>(
      () => sdk.ssm().ListDocumentVersions$,
      listVersions,
    ),
    DeleteDocument: operation<Sdk.DeleteDocumentCommandInput, Sdk.DeleteDocumentCommandOutput>(
      () => sdk.ssm().DeleteDocument$,
      deleteDocument,
    ),
  };
};
