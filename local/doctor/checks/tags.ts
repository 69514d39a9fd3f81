import { paginateDescribeAutoScalingGroups } from '@aws-sdk/client-auto-scaling';
import { paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { isOptedIn } from '../../../shared/guards/opt-in.ts';
import { broken, type Check, counted, ok, unknown } from '../check.ts';
import type { Placed } from '../placed.ts';

type Tagged = { id: string; isOptedIn: boolean };

const tagsOf = (tags: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));

export const tags: Check<Placed> = {
  id: 'tags',
  reads: 'which instances and groups have the opt-in tag',
  permissions: ['ec2:DescribeInstances', 'autoscaling:DescribeAutoScalingGroups'],
  look: async ({ ec2, autoScaling, optIn, place }) => {
    const seen = (id: string | undefined, own: Parameters<typeof tagsOf>[0]): Tagged => ({
      id: id ?? '',
      isOptedIn: isOptedIn(tagsOf(own), { optIn }),
    });
    const instances: Tagged[] = [];
    const groups: Tagged[] = [];
    const alive = { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] };
    for await (const { Reservations = [] } of paginateDescribeInstances({ client: ec2, pageSize: 1000 }, { Filters: [alive] }))
      for (const { Instances = [] } of Reservations) instances.push(...Instances.map((one) => seen(one.InstanceId, one.Tags)));
    for await (const { AutoScalingGroups = [] } of paginateDescribeAutoScalingGroups({ client: autoScaling, pageSize: 100 }, {}))
      groups.push(...AutoScalingGroups.map((one) => seen(one.AutoScalingGroupName, one.Tags)));
    const tag = `${optIn.key}=${optIn.value}`;
    if (instances.length + groups.length === 0) return [unknown('there are no instances and no groups')];
    const share = (all: readonly Tagged[], what: string) => `${all.filter((one) => one.isOptedIn).length} of ${counted(all.length, what)}`;
    const said = `${share(instances, 'instance')} and ${share(groups, 'group')} have the tag ${tag}`;
    if ([...instances, ...groups].some((one) => one.isOptedIn)) return [ok(said)];
    const [instance] = instances;
    const [group] = groups;
    const quoted = (text: string) => (/^[\w.:/=@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
    const [key, value] = [quoted(optIn.key), quoted(optIn.value)];
    return [
      broken(
        `${said}, so nothing is acted upon`,
        instance
          ? `aws ec2 create-tags --resources ${instance.id} --tags Key=${key},Value=${value}${place.aws}`
          : `aws autoscaling create-or-update-tags --tags ResourceId=${quoted(group?.id ?? '')},ResourceType=auto-scaling-group,Key=${key},Value=${value},PropagateAtLaunch=true${place.aws}`,
      ),
    ];
  },
};
