import { createHash } from 'node:crypto';
import {
  CreateDocumentCommand,
  DeleteDocumentCommand,
  DescribeDocumentCommand,
  GetDocumentCommand,
  ListDocumentsCommand,
  type ListDocumentsCommandInput,
  ListDocumentVersionsCommand,
  UpdateDocumentCommand,
  UpdateDocumentDefaultVersionCommand,
} from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import { createLocalAws } from '../../src/local-aws.ts';
import { localClients, refusal, worldOptions } from '../harness.ts';

const setUp = () => {
  const aws = createLocalAws(worldOptions);
  return { aws, ssm: localClients(aws.handle).ssm };
};

const script = (command: string, parameters = {}) =>
  JSON.stringify({
    schemaVersion: '2.2',
    description: 'Restarts a service',
    parameters,
    mainSteps: [{ action: 'aws:runShellScript', name: 'restart', inputs: { runCommand: [command] } }],
  });

const service = { Service: { type: 'String', description: 'Which one', default: 'nginx', allowedValues: ['nginx', 'httpd'] } };

// https://docs.aws.amazon.com/systems-manager/latest/userguide/documents.html
describe('documents', () => {
  test('are created, described and got back as they are, in the other format too', async () => {
    const { ssm } = setUp();
    const Content = script('systemctl restart {{ Service }}', service);
    const { DocumentDescription } = await ssm.send(new CreateDocumentCommand({ Name: 'Shop-Restart', Content, VersionName: 'first' }));
    const described = {
      Name: 'Shop-Restart',
      DocumentVersion: '1',
      VersionName: 'first',
      LatestVersion: '1',
      DefaultVersion: '1',
      DocumentType: 'Command',
      DocumentFormat: 'JSON',
      SchemaVersion: '2.2',
      Status: 'Active',
      Owner: '123456789012',
      PlatformTypes: ['Linux', 'MacOS'],
      Description: 'Restarts a service',
      Hash: createHash('sha256').update(Content).digest('hex'),
      HashType: 'Sha256',
      Parameters: [{ Name: 'Service', Type: 'String', Description: 'Which one', DefaultValue: 'nginx' }],
    };
    expect(DocumentDescription).toMatchObject(described);
    const arn = 'arn:aws:ssm:us-east-1:123456789012:document/Shop-Restart';
    expect((await ssm.send(new DescribeDocumentCommand({ Name: arn }))).Document).toMatchObject(described);
    expect(await ssm.send(new GetDocumentCommand({ Name: 'Shop-Restart' }))).toMatchObject({ Content, DocumentFormat: 'JSON' });
    const { Content: yaml = '' } = await ssm.send(new GetDocumentCommand({ Name: 'Shop-Restart', DocumentFormat: 'YAML' }));
    expect(yaml).toContain('schemaVersion: "2.2"');
    await ssm.send(new CreateDocumentCommand({ Name: 'Shop-Yaml', Content: yaml, DocumentFormat: 'YAML' }));
    const { Content: back = '' } = await ssm.send(new GetDocumentCommand({ Name: 'Shop-Yaml', DocumentFormat: 'JSON' }));
    expect(JSON.parse(back)).toEqual(JSON.parse(Content));
  });

  test('have versions, of which one is the default', async () => {
    const { ssm } = setUp();
    const Name = 'Shop-Restart';
    await ssm.send(new CreateDocumentCommand({ Name, Content: script('one') }));
    const { DocumentDescription } = await ssm.send(new UpdateDocumentCommand({ Name, Content: script('two'), DocumentVersion: '$LATEST' }));
    expect(DocumentDescription).toMatchObject({ DocumentVersion: '2', LatestVersion: '2', DefaultVersion: '1' });
    const content = async (DocumentVersion?: string) => (await ssm.send(new GetDocumentCommand({ Name, DocumentVersion }))).Content;
    expect(await content()).toBe(script('one'));
    expect(await content('$LATEST')).toBe(script('two'));
    await ssm.send(new UpdateDocumentDefaultVersionCommand({ Name, DocumentVersion: '2' }));
    expect(await content('$DEFAULT')).toBe(script('two'));
    const { DocumentVersions } = await ssm.send(new ListDocumentVersionsCommand({ Name }));
    expect(DocumentVersions?.map(({ DocumentVersion, IsDefaultVersion }) => [DocumentVersion, IsDefaultVersion])).toEqual([
      ['2', true],
      ['1', false],
    ]);
    await ssm.send(new DeleteDocumentCommand({ Name, DocumentVersion: '1' }));
    expect(await refusal(ssm.send(new GetDocumentCommand({ Name, DocumentVersion: '1' })))).toMatchObject({
      code: 'InvalidDocumentVersion',
    });
    await ssm.send(new DeleteDocumentCommand({ Name }));
    expect(await refusal(ssm.send(new GetDocumentCommand({ Name })))).toMatchObject({ code: 'InvalidDocument', status: 400 });
  });

  test('are listed by name, page by page, those of AWS too', async () => {
    const { ssm } = setUp();
    for (const Name of ['Shop-B', 'Shop-A', 'Other']) await ssm.send(new CreateDocumentCommand({ Name, Content: script('true') }));
    const names = async (input: ListDocumentsCommandInput) =>
      (await ssm.send(new ListDocumentsCommand(input))).DocumentIdentifiers?.map(({ Name }) => Name);
    expect(await names({ Filters: [{ Key: 'Owner', Values: ['Self'] }] })).toEqual(['Other', 'Shop-A', 'Shop-B']);
    expect(await names({ Filters: [{ Key: 'Name', Values: ['Shop-'] }] })).toEqual(['Shop-A', 'Shop-B']);
    expect(await names({ Filters: [{ Key: 'Owner', Values: ['Amazon'] }] })).toContain('AWS-RunShellScript');
    const first = await ssm.send(new ListDocumentsCommand({ MaxResults: 2 }));
    expect(first.DocumentIdentifiers).toHaveLength(2);
    expect(await names({ MaxResults: 50, NextToken: first.NextToken })).toHaveLength(5);
    expect(await refusal(ssm.send(new ListDocumentsCommand({ NextToken: 'nonsense' })))).toMatchObject({ code: 'InvalidNextToken' });
    expect(await refusal(names({ Filters: [{ Key: 'Colour', Values: ['red'] }] }))).toMatchObject({ code: 'InvalidFilterKey' });
  });

  test.each<[string, Partial<ConstructorParameters<typeof CreateDocumentCommand>[0]>, string]>([
    ['text that is no JSON', { Content: 'nonsense' }, 'InvalidDocumentContent'],
    ['text that is no YAML', { Content: '{', DocumentFormat: 'YAML' }, 'InvalidDocumentContent'],
    [
      'YAML that multiplies itself',
      { Content: `a: &a [1]\nb: [${'*a, '.repeat(200)}1]`, DocumentFormat: 'YAML' },
      'InvalidDocumentContent',
    ],
    ['no schema', { Content: '{}' }, 'InvalidDocumentContent'],
    ['an unknown schema', { Content: '{"schemaVersion":"9.9"}' }, 'InvalidDocumentSchemaVersion'],
    ['no steps', { Content: '{"schemaVersion":"2.2","mainSteps":[]}' }, 'InvalidDocumentContent'],
    ['a parameter of no type', { Content: script('true', { A: {} }) }, 'InvalidDocumentContent'],
    ['a pattern that is none', { Content: script('true', { A: { type: 'String', allowedPattern: '(' } }) }, 'InvalidDocumentContent'],
    ['too much', { Content: script('x'.repeat(70_000)) }, 'MaxDocumentSizeExceeded'],
    ['a name of AWS', { Name: 'AWS-Mine' }, 'ValidationException'],
    ['a name that is there', { Name: 'Shop-There' }, 'DocumentAlreadyExists'],
  ])('are refused with %s', async (_name, change, code) => {
    const { ssm } = setUp();
    await ssm.send(new CreateDocumentCommand({ Name: 'Shop-There', Content: script('true') }));
    const wanted = new CreateDocumentCommand({ Name: 'Shop-New', Content: script('true'), ...change });
    expect(await refusal(ssm.send(wanted))).toMatchObject({ code, status: 400 });
  });

  test('are not changed by what does not fit', async () => {
    const { ssm } = setUp();
    const Name = 'Shop-Restart';
    await ssm.send(new CreateDocumentCommand({ Name, Content: script('one'), VersionName: 'first' }));
    const update = (change: object) => refusal(ssm.send(new UpdateDocumentCommand({ Name, Content: script('two'), ...change })));
    expect(await update({ Content: script('one') })).toMatchObject({ code: 'DuplicateDocumentContent' });
    expect(await update({ VersionName: 'first' })).toMatchObject({ code: 'DuplicateDocumentVersionName' });
    expect(await update({ DocumentVersion: '7' })).toMatchObject({ code: 'InvalidDocumentVersion' });
    expect(await update({ Name: 'none' })).toMatchObject({ code: 'InvalidDocument' });
    expect(await update({ Name: 'AWS-RunShellScript' })).toMatchObject({ code: 'InvalidDocumentOperation' });
    const setDefault = (DocumentVersion: string) => refusal(ssm.send(new UpdateDocumentDefaultVersionCommand({ Name, DocumentVersion })));
    expect(await setDefault('2')).toMatchObject({ code: 'InvalidDocumentVersion' });
    expect(await setDefault('$LATEST')).toMatchObject({ code: 'InvalidDocumentVersion' });
    expect(await refusal(ssm.send(new DeleteDocumentCommand({ Name, DocumentVersion: '1' })))).toMatchObject({
      code: 'InvalidDocumentOperation',
    });
  });

  test('can be there without anybody having created them, in one version alone', async () => {
    const { aws, ssm } = setUp();
    aws.ssm.placeDocument({ name: 'Shop-Clean', version: '3', parameters: { Path: {} } });
    const { Document } = await ssm.send(new DescribeDocumentCommand({ Name: 'Shop-Clean' }));
    expect(Document).toMatchObject({ DocumentVersion: '3', DefaultVersion: '3', Parameters: [{ Name: 'Path', Type: 'String' }] });
    const first = new DescribeDocumentCommand({ Name: 'Shop-Clean', DocumentVersion: '1' });
    expect(await refusal(ssm.send(first))).toMatchObject({ code: 'InvalidDocumentVersion' });
    expect(() => aws.ssm.placeDocument({ name: 'Shop-Clean', version: '$LATEST' })).toThrow(RangeError);
  });
});
