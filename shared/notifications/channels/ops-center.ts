import { CreateOpsItemCommand, DescribeOpsItemsCommand, UpdateOpsItemCommand } from '@aws-sdk/client-ssm';
import { parseArn, partitionOf } from '../../model/arn.ts';
import type { Severity } from '../../model/classification.ts';
import { isNamed } from '../../model/errors.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { ResourceType } from '../../model/resource.ts';
import { runbookOf } from '../../model/runbook.ts';
import type { Interim } from '../../ports/reporter.ts';
import { interimSubject } from '../interim.ts';
import { linkNames } from '../links.ts';
import { subjectOf } from '../message.ts';
import { opensPage, pageAtEnd } from '../page.ts';
import { cut, lineOf } from '../text.ts';
import { whatNow } from '../what-now.ts';
import type { ChannelModule, Outside } from './channel.ts';
import { linked } from './outcome.ts';

/** IAM actions of its calls: packaging grants them only where the policy names the channel. */
export const opsCenterPermissions = ['ssm:CreateOpsItem', 'ssm:DescribeOpsItems', 'ssm:UpdateOpsItem'] as const;

/** By which its items are found again. AWS has the keys that begin with its own names. */
const incidentKey = 'selfheal-incident';
/** In characters; what is longer is in the runbook and the logs. Assumed: the limit is 2048 of them. */
const descriptionLimit = 1500;

/** As the console shows them: 1 is critical. https://docs.aws.amazon.com/systems-manager/latest/userguide/OpsCenter-working-with-OpsItems.html */
const severities: Readonly<Record<Severity, string>> = { critical: '1', high: '2', medium: '3', low: '4' };

type About = Pick<Outcome, 'incident' | 'failure' | 'severity' | 'resource' | 'account' | 'region'>;
type Text = { Title: string; Description: string };

/** ARNs that an id shows, where the id is none itself. */
const arns: Partial<Readonly<Record<ResourceType, (id: string) => [service: string, resource: string]>>> = {
  instance: (id) => ['ec2', `instance/${id}`],
  volume: (id) => ['ec2', `volume/${id}`],
  queue: (id) => ['sqs', id],
};

/** What an item is about, as far as ids show its ARN. */
const resourcesOf = ({ resource: { type, id }, region, account }: About, alarm?: string | null): { arn: string }[] => {
  const [service, resource] = arns[type]?.(id) ?? [];
  const own = service === undefined || parseArn(id) ? id : `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`;
  return [...new Set([own, alarm ?? ''])].flatMap((arn) => (parseArn(arn) ? [{ arn }] : []));
};

const textOfOutcome = (outcome: Outcome): Text => {
  const now = whatNow(outcome);
  const { reason, resourceState, failure, account, region, incident, links = [] } = outcome;
  const lines = [
    lineOf(reason),
    ...(now === null ? [] : [`What now: ${now}`]),
    ...(resourceState ? [`Seen: ${lineOf(resourceState)}`] : []),
    `Failure: ${failure} in account ${lineOf(account)}, ${lineOf(region)}; incident ${incident}`,
  ];
  // A link that is cut leads nowhere.
  for (const { to, url } of links) {
    const line = `[${linkNames[to]}](${url})`;
    if (lines.join('\n\n').length + line.length < descriptionLimit) lines.push(line);
  }
  return { Title: subjectOf(outcome), Description: cut(lines.join('\n\n'), descriptionLimit) };
};

const textOfInterim = (interim: Interim, runbook: string | null): Text => {
  const lines = [
    lineOf(interim.reason),
    `Incident ${interim.incident}`,
    ...(runbook === null ? [] : [`[${linkNames.runbook}](${runbook})`]),
  ];
  return { Title: interimSubject(interim), Description: cut(lines.join('\n\n'), descriptionLimit) };
};

/** The item of an incident that nobody has resolved; undefined if there is none. */
const unresolved = async (ssm: Outside['ssm'], incident: string): Promise<string | undefined> => {
  const value = JSON.stringify({ key: incidentKey, value: incident });
  const { OpsItemSummaries = [] } = await ssm.send(
    new DescribeOpsItemsCommand({ OpsItemFilters: [{ Key: 'OperationalData', Operator: 'Equal', Values: [value] }] }),
  );
  return OpsItemSummaries.find(({ Status }) => Status === 'Open' || Status === 'InProgress')?.OpsItemId;
};

/** The item, once: OpsCenter knows it by a deduplication string. One that is there gets the text. */
const openItem = async (ssm: Outside['ssm'], about: About, text: Text, alarm?: string | null): Promise<void> => {
  const data = (value: string) => ({ Type: 'SearchableString' as const, Value: value });
  const resources = resourcesOf(about, alarm);
  try {
    await ssm.send(
      new CreateOpsItemCommand({
        ...text,
        Source: 'selfheal',
        Severity: severities[about.severity],
        Category: 'Availability',
        OperationalData: {
          '/aws/dedup': data(JSON.stringify({ dedupString: about.incident })),
          ...(resources.length > 0 ? { '/aws/resources': data(JSON.stringify(resources)) } : {}),
          [incidentKey]: data(about.incident),
        },
      }),
    );
  } catch (error) {
    if (!isNamed(error, 'OpsItemAlreadyExistsException')) throw error;
    const OpsItemId = await unresolved(ssm, about.incident);
    if (OpsItemId !== undefined) await ssm.send(new UpdateOpsItemCommand({ OpsItemId, ...text }));
  }
};

/** OpsItems of Systems Manager, one for each incident that needs a person. */
export const opsCenter: ChannelModule = {
  id: 'ops-center',
  quiet: false,
  essential: false,
  reports: {
    permissions: [],
    open: ({ outside, ...deployment }) => {
      if (outside?.channels.opsCenter !== 'on') return null;
      const { ssm } = outside;
      return {
        outcome: async (outcome) => {
          const page = pageAtEnd(outcome);
          if (page === 'open') await openItem(ssm, outcome, textOfOutcome(linked(outcome, deployment)), outcome.alarm?.arn);
          const OpsItemId = page === 'close' ? await unresolved(ssm, outcome.incident) : undefined;
          if (OpsItemId !== undefined) await ssm.send(new UpdateOpsItemCommand({ OpsItemId, Status: 'Resolved' }));
        },
        interim: async (interim) => {
          const runbook = deployment.runbooks ? runbookOf(interim, deployment.runbooks) : null;
          if (opensPage(interim)) await openItem(ssm, interim, textOfInterim(interim, runbook));
        },
      };
    },
  },
};
