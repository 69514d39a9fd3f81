import type { LaunchSpec } from '../../../core/service-interfaces.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { Core } from './core.ts';
import type { Group, LaunchSource } from './group.ts';
import type { Override, TemplateReference } from './mixed.ts';

/** `source` is where the member comes from: never a mix, and with the template's version as a number. */
export type Resolved = { readonly spec: Omit<LaunchSpec, 'availabilityZone'>; readonly source: LaunchSource };

type Launcher = Pick<Group, 'name' | 'tags' | 'settings'>;

/** RunInstances' default where neither template nor override names a type. */
const defaultType = 'm1.small';

const propagated = ({ tags }: Launcher) => [...tags.values()].filter((tag) => tag.propagate).map(({ key, value }) => ({ key, value }));

const fromConfiguration = (core: Core, group: Launcher, name: string): Resolved => {
  const configuration = core.configurations.get(name);
  if (!configuration) throw new AwsError('ValidationError', `Launch configuration name not found - ${name}`);
  const { ImageId, InstanceType, SpotPrice, InstanceMonitoring } = configuration.input;
  return {
    source: { kind: 'configuration', name },
    spec: {
      imageId: ImageId,
      instanceType: InstanceType,
      tags: propagated(group),
      groupName: group.name,
      spot: SpotPrice !== undefined,
      detailedMonitoring: InstanceMonitoring?.Enabled ?? true,
    },
  };
};

const templateOf = (core: Core, { id, version }: TemplateReference) => {
  const template = core.ec2.launchTemplate(id, version);
  if (template) return template;
  throw core.ec2.launchTemplate(id, '$Latest')
    ? new AwsError(
        'InvalidLaunchTemplateId.VersionNotFound',
        `Could not find the specified version ${version} for the launch template with ID ${id}.`,
      )
    : new AwsError('InvalidLaunchTemplateId.NotFound', `The specified launch template, with template ID ${id}, does not exist.`);
};

const fromTemplate = (core: Core, group: Launcher, reference: TemplateReference, override?: Override, spot?: boolean): Resolved => {
  const template = templateOf(core, reference);
  const imageId = override?.imageId ?? template.imageId;
  if (!imageId)
    throw new AwsError(
      'ValidationError',
      'You must use a valid fully-formed launch template. The request must contain the parameter ImageId',
    );
  const tags = new Map([...template.tags, ...propagated(group)].map((tag) => [tag.key, tag]));
  return {
    source: { kind: 'template', template: { ...reference, version: String(template.version) } },
    spec: {
      imageId,
      instanceType: override?.instanceType ?? template.instanceType ?? defaultType,
      tags: [...tags.values()],
      groupName: group.name,
      launchTemplateId: template.id,
      launchTemplateVersion: template.version,
      spot: spot ?? template.spot,
      detailedMonitoring: template.detailedMonitoring,
    },
  };
};

/**
 * What the group would launch now, the first choice first: `$Latest` and `$Default` are looked up at every launch. `spot` is how a mixed
 * group buys this time. Throws what AWS answers where the template or configuration is gone or incomplete.
 */
export const candidates = (core: Core, group: Launcher, spot = false): readonly [Resolved, ...Resolved[]] => {
  const { source } = group.settings;
  switch (source.kind) {
    case 'configuration':
      return [fromConfiguration(core, group, source.name)];
    case 'template':
      return [fromTemplate(core, group, source.template)];
    case 'mixed': {
      const from = (override: Override | undefined) => fromTemplate(core, group, override?.template ?? source.template, override, spot);
      const [first, ...others] = source.overrides;
      return [from(first), ...others.map(from)];
    }
  }
};
