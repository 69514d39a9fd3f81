import type {
  CreateLaunchTemplateCommandInput,
  CreateLaunchTemplateCommandOutput,
  CreateLaunchTemplateVersionCommandInput,
  CreateLaunchTemplateVersionCommandOutput,
  DeleteLaunchTemplateCommandInput,
  DeleteLaunchTemplateCommandOutput,
  DeleteLaunchTemplateVersionsCommandInput,
  DeleteLaunchTemplateVersionsCommandOutput,
  DescribeLaunchTemplatesCommandInput,
  DescribeLaunchTemplatesCommandOutput,
  DescribeLaunchTemplateVersionsCommandInput,
  DescribeLaunchTemplateVersionsCommandOutput,
  LaunchTemplate,
  LaunchTemplateErrorCode,
  LaunchTemplateVersion,
  ModifyLaunchTemplateCommandInput,
  ModifyLaunchTemplateCommandOutput,
  RequestLaunchTemplateData,
  ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import type { LaunchTemplateView } from '../../../core/service-interfaces.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Fleet } from '../model/fleet.ts';
import { checkForm, dryRun, tagList, wholeSecond } from './common.ts';
import { compileFilters, type FilterTable, tagFilters } from './filters.ts';
import { checkPage, page } from './pages.ts';
import { tagsFor } from './tag-specifications.ts';

const taggable: ReadonlySet<string> = new Set(['launch-template']);
const rules = { call: 'DescribeLaunchTemplates', least: 1, most: 200 };
const versionRules = { call: 'DescribeLaunchTemplateVersions', least: 1, most: 200 };

type Version = {
  readonly number: number;
  readonly data: RequestLaunchTemplateData;
  readonly description: string;
  readonly createdAt: number;
};

export type Template = {
  readonly seq: number;
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  /** Version 1 first; null where one was deleted. */
  readonly versions: (Version | null)[];
  defaultVersion: number;
  tags: ReadonlyMap<string, string>;
};

const templateTable: FilterTable<Template> = {
  ...tagFilters<Template>(({ tags }) => tags),
  'create-time': ({ createdAt }) => wholeSecond(createdAt).toISOString(),
  'launch-template-name': ({ name }) => name,
};

const versionTable: FilterTable<Version> = {
  'create-time': ({ createdAt }) => wholeSecond(createdAt).toISOString(),
  'image-id': ({ data }) => data.ImageId,
  'instance-type': ({ data }) => data.InstanceType,
};

/** The account's launch templates, and the calls that make and show them. */
export const createLaunchTemplates = (fleet: Fleet) => {
  const { world } = fleet;
  const random = world.random.fork('ec2-launch-templates');
  const templates = new Map<string, Template>();
  let sequence = 0;

  const byId = (id: string): Template => {
    checkForm([id], 'lt', 'InvalidLaunchTemplateId');
    const template = templates.get(id);
    if (!template)
      throw new AwsError('InvalidLaunchTemplateId.NotFound', `The specified launch template, with template ID ${id}, does not exist.`);
    return template;
  };

  const named = (name: string): Template | undefined => {
    for (const template of templates.values()) if (template.name === name) return template;
    return undefined;
  };

  const byName = (name: string): Template => {
    const template = named(name);
    if (!template)
      throw new AwsError(
        'InvalidLaunchTemplateName.NotFoundException',
        `The specified launch template, with template name ${name.slice(0, 128)}, does not exist.`,
      );
    return template;
  };

  const pick = ({
    LaunchTemplateId: id,
    LaunchTemplateName: name,
  }: {
    LaunchTemplateId?: string | undefined;
    LaunchTemplateName?: string | undefined;
  }) => {
    if (id !== undefined && name !== undefined)
      throw new AwsError('InvalidParameterCombination', 'Specify either the launch template ID or the launch template name, not both.');
    if (id !== undefined) return byId(id);
    if (name !== undefined) return byName(name);
    throw new AwsError('MissingParameter', 'Either the launch template ID or the launch template name must be specified.');
  };

  const latestOf = ({ versions }: Template): number => versions.findLast((version) => version !== null)?.number ?? 0;

  const findVersion = (template: Template, version: string): Version | undefined => {
    if (!/^(\$Default|\$Latest|[1-9]\d{0,8})$/.test(version)) return undefined;
    const number = version === '$Default' ? template.defaultVersion : version === '$Latest' ? latestOf(template) : Number(version);
    return template.versions[number - 1] ?? undefined;
  };

  const versionOf = (template: Template, version = '$Default'): Version => {
    const found = findVersion(template, version);
    if (!found)
      throw new AwsError(
        'InvalidLaunchTemplateId.VersionNotFound',
        `Could not find the specified version ${version.slice(0, 20)} for the launch template with ID ${template.id}.`,
      );
    return found;
  };

  const wireTemplate = (template: Template): LaunchTemplate => ({
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    CreateTime: wholeSecond(template.createdAt),
    CreatedBy: `arn:${world.partition}:iam::${world.account}:root`,
    DefaultVersionNumber: template.defaultVersion,
    LatestVersionNumber: latestOf(template),
    Tags: tagList(template.tags),
  });

  const addVersion = (template: Template, data: RequestLaunchTemplateData = {}, description = ''): Version => {
    const version = { number: template.versions.length + 1, data, description, createdAt: world.clock.now() };
    template.versions.push(version);
    return version;
  };

  const wireVersion = (template: Template, { number, data, description, createdAt }: Version): LaunchTemplateVersion => ({
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    VersionNumber: number,
    ...(description === '' ? {} : { VersionDescription: description }),
    CreateTime: wholeSecond(createdAt),
    CreatedBy: `arn:${world.partition}:iam::${world.account}:root`,
    DefaultVersion: number === template.defaultVersion,
    // What can be asked for can be shown; the two types differ in what only an answer has.
    LaunchTemplateData: data as ResponseLaunchTemplateData,
  });

  const operations: Record<string, Operation> = {
    CreateLaunchTemplate: operation<CreateLaunchTemplateCommandInput, CreateLaunchTemplateCommandOutput>(
      () => sdk.ec2().CreateLaunchTemplate$,
      (input) => {
        const name = input.LaunchTemplateName ?? '';
        if (!/^[a-zA-Z0-9().\-/_]{3,128}$/.test(name))
          throw new AwsError(
            'InvalidLaunchTemplateName.MalformedException',
            'The launch template name must be 3 to 128 letters, digits or ()./_-',
          );
        if (named(name)) throw new AwsError('InvalidLaunchTemplateName.AlreadyExistsException', `Launch template name already in use.`);
        const tags = tagsFor('launch-template', input.TagSpecifications, taggable);
        dryRun(input);
        const template: Template = {
          seq: sequence++,
          id: `lt-0${random.hex(16)}`,
          name,
          createdAt: world.clock.now(),
          versions: [],
          defaultVersion: 1,
          tags: new Map(tags.map(({ key, value }) => [key, value])),
        };
        addVersion(template, input.LaunchTemplateData, input.VersionDescription);
        templates.set(template.id, template);
        return { LaunchTemplate: wireTemplate(template) };
      },
    ),

    CreateLaunchTemplateVersion: operation<CreateLaunchTemplateVersionCommandInput, CreateLaunchTemplateVersionCommandOutput>(
      () => sdk.ec2().CreateLaunchTemplateVersion$,
      (input) => {
        const template = pick(input);
        const source = input.SourceVersion === undefined ? {} : versionOf(template, input.SourceVersion).data;
        dryRun(input);
        const added = addVersion(template, { ...source, ...input.LaunchTemplateData }, input.VersionDescription);
        return { LaunchTemplateVersion: wireVersion(template, added) };
      },
    ),

    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyLaunchTemplate.html
    ModifyLaunchTemplate: operation<ModifyLaunchTemplateCommandInput, ModifyLaunchTemplateCommandOutput>(
      () => sdk.ec2().ModifyLaunchTemplate$,
      (input) => {
        const template = pick(input);
        const { DefaultVersion: wanted } = input;
        if (wanted === undefined) throw new AwsError('MissingParameter', 'The request must contain the parameter SetDefaultVersion');
        const { number } = versionOf(template, wanted);
        dryRun(input);
        template.defaultVersion = number;
        return { LaunchTemplate: wireTemplate(template) };
      },
    ),

    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html
    DescribeLaunchTemplateVersions: operation<DescribeLaunchTemplateVersionsCommandInput, DescribeLaunchTemplateVersionsCommandOutput>(
      () => sdk.ec2().DescribeLaunchTemplateVersions$,
      (input) => {
        const { Versions: asked = [], MinVersion = '1', MaxVersion = '$Latest' } = input;
        const given = asked.length > 0;
        checkPage(versionRules, input, { name: 'launchTemplateVersions', given });
        const matches = compileFilters(versionTable, input.Filters);
        dryRun(input);
        if (input.LaunchTemplateId === undefined && input.LaunchTemplateName === undefined) {
          // "To describe … the latest version … of all launch templates": https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html
          if (!given || asked.some((version) => version !== '$Latest' && version !== '$Default'))
            throw new AwsError('MissingParameter', 'Either the launch template ID or the launch template name must be specified.');
          const all = [...templates.values()].flatMap((template) =>
            asked.map((version) => ({ template, version: versionOf(template, version) })),
          );
          return {
            LaunchTemplateVersions: all.filter(({ version }) => matches(version)).map((one) => wireVersion(one.template, one.version)),
          };
        }
        const template = pick(input);
        const number = (version: string) => (version === '$Latest' ? latestOf(template) : Number(version));
        const inRange = template.versions.filter(
          (version) => version !== null && version.number >= number(MinVersion) && version.number <= number(MaxVersion),
        ) as Version[];
        const chosen = given ? [...new Set(asked.map((version) => versionOf(template, version)))] : inRange.toReversed();
        const newestFirst = ({ number: own }: Version) => template.versions.length - own;
        const { rows, ...next } = page(versionRules, input, chosen.filter(matches), newestFirst);
        return { LaunchTemplateVersions: rows.map((version) => wireVersion(template, version)), ...next };
      },
    ),

    DeleteLaunchTemplate: operation<DeleteLaunchTemplateCommandInput, DeleteLaunchTemplateCommandOutput>(
      () => sdk.ec2().DeleteLaunchTemplate$,
      (input) => {
        const template = pick(input);
        dryRun(input);
        templates.delete(template.id);
        return { LaunchTemplate: wireTemplate(template) };
      },
    ),

    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplateVersions.html
    DeleteLaunchTemplateVersions: operation<DeleteLaunchTemplateVersionsCommandInput, DeleteLaunchTemplateVersionsCommandOutput>(
      () => sdk.ec2().DeleteLaunchTemplateVersions$,
      (input) => {
        const template = pick(input);
        const { Versions: versions = [] } = input;
        if (versions.length === 0 || versions.length > 200)
          throw new AwsError('InvalidParameterValue', 'Between 1 and 200 versions must be specified.');
        dryRun(input);
        const named = { LaunchTemplateId: template.id, LaunchTemplateName: template.name };
        const refused = (version: string): LaunchTemplateErrorCode | undefined => {
          if (!/^\d{1,9}$/.test(version) || !findVersion(template, version)) return 'launchTemplateVersionDoesNotExist';
          return Number(version) === template.defaultVersion ? 'unexpectedError' : undefined;
        };
        const asked = versions.map((version) => ({ version, code: refused(version) }));
        for (const { version, code } of asked) if (code === undefined) template.versions[Number(version) - 1] = null;
        const all = asked.map(({ version, code }) => ({ ...named, VersionNumber: Number(version) || 0, code }));
        return {
          SuccessfullyDeletedLaunchTemplateVersions: all.flatMap(({ code, ...deleted }) => (code === undefined ? [deleted] : [])),
          UnsuccessfullyDeletedLaunchTemplateVersions: all.flatMap(({ code, ...kept }) =>
            code === undefined ? [] : [{ ...kept, ResponseError: { Code: code, Message: 'The version cannot be deleted.' } }],
          ),
        };
      },
    ),

    DescribeLaunchTemplates: operation<DescribeLaunchTemplatesCommandInput, DescribeLaunchTemplatesCommandOutput>(
      () => sdk.ec2().DescribeLaunchTemplates$,
      (input) => {
        checkPage(rules, input);
        const matches = compileFilters(templateTable, input.Filters);
        const chosen = [...(input.LaunchTemplateIds ?? []).map(byId), ...(input.LaunchTemplateNames ?? []).map(byName)];
        dryRun(input);
        const candidates = chosen.length > 0 ? [...new Set(chosen)] : templates.values();
        const { rows, ...next } = page(rules, input, Iterator.from(candidates).filter(matches), ({ seq }) => seq);
        return { LaunchTemplates: rows.map(wireTemplate), ...next };
      },
    ),
  };

  return {
    operations,
    all: (): Iterable<Template> => templates.values(),
    byId,
    /** The template and version that a launch names. */
    resolve: (specification: {
      LaunchTemplateId?: string | undefined;
      LaunchTemplateName?: string | undefined;
      Version?: string | undefined;
    }) => {
      const template = pick(specification);
      return { template, ...versionOf(template, specification.Version) };
    },
    find: (idOrName: string, version: string): LaunchTemplateView | undefined => {
      const template = templates.get(idOrName) ?? named(idOrName);
      const found = template && findVersion(template, version);
      if (!template || !found) return undefined;
      const { number, data } = found;
      const tags = (data.TagSpecifications ?? [])
        .filter(({ ResourceType }) => ResourceType === 'instance')
        .flatMap(({ Tags }) => Tags ?? []);
      return {
        id: template.id,
        name: template.name,
        version: number,
        imageId: data.ImageId,
        instanceType: data.InstanceType,
        tags: tags.map(({ Key, Value }) => ({ key: Key ?? '', value: Value ?? '' })),
        spot: data.InstanceMarketOptions?.MarketType === 'spot',
        detailedMonitoring: data.Monitoring?.Enabled ?? false,
      };
    },
  };
};

export type LaunchTemplates = ReturnType<typeof createLaunchTemplates>;
