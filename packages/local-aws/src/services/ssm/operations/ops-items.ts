import type * as Sdk from '@aws-sdk/client-ssm';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { page } from '../../../wire/protocol/pages.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import { checkMaxResults } from './check.ts';

type Item = Sdk.OpsItem & { OpsItemId: string; dedup: string | null };
type Data = Record<string, Sdk.OpsItemDataValue>;

/** In bytes of one value. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateOpsItem.html */
const mostData = 20 * 1024;
/** In characters. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateOpsItem.html */
const limits = { Title: 1024, Description: 2048, Source: 128 } as const;
/** What an item is as long as it is neither resolved nor closed; a duplicate of such a one isn't made. */
const unresolved: readonly (string | undefined)[] = ['Open', 'InProgress'];
/** Those of an operations item; the others are of change and access requests. */
const statuses: readonly string[] = ['Open', 'InProgress', 'Resolved', 'Closed'];
/** Keys of AWS's own that a caller may set. */
const ownKeys: readonly string[] = ['/aws/dedup', '/aws/resources', '/aws/automations'];

const invalid = (message: string) => new AwsError('OpsItemInvalidParameterException', message);

const checkText = (name: keyof typeof limits, text: string | undefined): void => {
  if (text === undefined || text === '' || text.length > limits[name])
    throw new AwsError('ValidationException', `${name} must have 1 to ${limits[name]} characters.`);
};

const jsonOf = (key: string, text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? '');
  } catch {
    throw invalid(`The value of ${key} is not valid JSON.`);
  }
};

const checkData = (data: Data): void => {
  for (const [key, { Type, Value = '' }] of Object.entries(data)) {
    if (/^\/?(aws|amazon|amzn|ssm)/i.test(key) && !ownKeys.includes(key)) throw invalid(`The operational data key ${key} is reserved.`);
    if (key.length > 128 || Buffer.byteLength(Value) > mostData) throw invalid(`The operational data ${key.slice(0, 128)} is too long.`);
    if (Type !== 'SearchableString' && Type !== 'String') throw invalid(`The operational data ${key} has no type.`);
  }
  const resources = data['/aws/resources'] ? jsonOf('/aws/resources', data['/aws/resources'].Value) : [];
  if (!Array.isArray(resources) || resources.some((one: { arn?: unknown } | null) => typeof one?.arn !== 'string'))
    throw invalid('/aws/resources must be a list of objects with an arn.');
};

/** Items are the same if their deduplication string and their source are. https://docs.aws.amazon.com/systems-manager/latest/userguide/OpsCenter-working-deduplication.html */
const dedupOf = (source: string, data: Data): string | null => {
  const given = data['/aws/dedup'];
  if (!given) return null;
  const { dedupString } = jsonOf('/aws/dedup', given.Value) as { dedupString?: unknown };
  if (typeof dedupString !== 'string' || dedupString === '') throw invalid('/aws/dedup must have a dedupString.');
  return JSON.stringify([source, dedupString]);
};

const searchable = ({ OperationalData = {} }: Item): [string, string][] =>
  Object.entries(OperationalData).flatMap(([key, { Type, Value = '' }]) => (Type === 'SearchableString' ? [[key, Value]] : []));

/** Whether an item passes a filter; those of change and access requests, and of times, aren't modelled. */
const passes = (item: Item, { Key: key, Operator: operator, Values: values = [] }: Sdk.OpsItemFilter): boolean => {
  const among = (texts: readonly (string | undefined)[], contains: boolean): boolean => {
    if (operator !== 'Equal' && !(contains && operator === 'Contains'))
      throw invalid(`The operator ${operator} is not valid for the filter ${key}.`);
    return values.some((value) => texts.some((text) => (operator === 'Equal' ? text === value : text?.includes(value))));
  };
  switch (key) {
    case 'Status':
      return among([item.Status], false);
    case 'Source':
      return among([item.Source], true);
    case 'Title':
      return among([item.Title], true);
    case 'OpsItemId':
      return among([item.OpsItemId], false);
    case 'Priority':
      return among([String(item.Priority)], false);
    case 'OperationalDataKey':
      return among(
        searchable(item).map(([name]) => name),
        false,
      );
    case 'OperationalDataValue':
      return among(
        searchable(item).map(([, value]) => value),
        true,
      );
    case 'OperationalData': {
      if (operator !== 'Equal') throw invalid(`The operator ${operator} is not valid for the filter ${key}.`);
      return values.some((text) => {
        const wanted = jsonOf(key, text) as { key?: unknown; value?: unknown };
        return searchable(item).some(([name, value]) => name === wanted.key && value === wanted.value);
      });
    }
    default:
      throw invalid(`The filter ${key} is not supported here.`);
  }
};

/** OpsCenter. https://docs.aws.amazon.com/systems-manager/latest/userguide/OpsCenter.html */
export const opsItemOperations = (world: World): Record<string, Operation> => {
  const items = new Map<string, Item>();
  const random = world.random.fork('ops-items');

  const find = (id: string | undefined): Item => {
    const item = items.get(id ?? '');
    if (!item) throw new AwsError('OpsItemNotFoundException', `OpsItem ${id} does not exist.`);
    return item;
  };
  const now = () => new Date(world.clock.now());

  const create = (input: Sdk.CreateOpsItemCommandInput): Omit<Sdk.CreateOpsItemCommandOutput, '$metadata'> => {
    const { Title, Description, Source = '', OperationalData = {}, Priority, Category, Severity, Notifications, RelatedOpsItems } = input;
    for (const name of ['Title', 'Description', 'Source'] as const) checkText(name, input[name]);
    if (/aws|amazon|amzn/i.test(Source)) throw invalid("The source can't contain aws, amazon or amzn.");
    if (Priority !== undefined && !(Priority >= 1 && Priority <= 5)) throw invalid('The priority must be from 1 to 5.');
    checkData(OperationalData);
    const dedup = dedupOf(Source, OperationalData);
    const same = dedup === null ? undefined : [...items.values()].find((one) => one.dedup === dedup && unresolved.includes(one.Status));
    if (same) throw new AwsError('OpsItemAlreadyExistsException', `An OpsItem with this deduplication string exists: ${same.OpsItemId}.`);
    const OpsItemId = `oi-${random.hex(12)}`;
    const OpsItemArn = world.arn('ssm', `opsitem/${OpsItemId}`);
    items.set(OpsItemId, {
      ...{ OpsItemId, OpsItemArn, OpsItemType: '/aws/issue', Title, Description, Source, OperationalData, Status: 'Open', Version: '1' },
      ...{ CreatedTime: now(), LastModifiedTime: now(), Priority, Category, Severity, Notifications, RelatedOpsItems, dedup },
    });
    return { OpsItemId, OpsItemArn };
  };

  const update = (input: Sdk.UpdateOpsItemCommandInput): Record<string, never> => {
    const item = find(input.OpsItemId);
    const { OperationalData = {}, OperationalDataToDelete = [], Status } = input;
    for (const name of ['Title', 'Description'] as const) if (input[name] !== undefined) checkText(name, input[name]);
    if (Status !== undefined && !statuses.includes(Status)) throw invalid(`The status ${Status} is not valid for this OpsItem.`);
    if ('/aws/dedup' in OperationalData) throw invalid("The deduplication string can't be changed.");
    checkData(OperationalData);
    const data = { ...item.OperationalData, ...OperationalData };
    for (const key of OperationalDataToDelete) delete data[key];
    const given = Object.entries({
      Title: input.Title,
      Description: input.Description,
      Status,
      Priority: input.Priority,
      Category: input.Category,
      Severity: input.Severity,
    }).filter(([, value]) => value !== undefined);
    Object.assign(item, Object.fromEntries(given), {
      ...{ OperationalData: data, LastModifiedTime: now(), Version: String(Number(item.Version) + 1) },
    });
    return {};
  };

  const get = ({ OpsItemId }: Sdk.GetOpsItemCommandInput): Omit<Sdk.GetOpsItemCommandOutput, '$metadata'> => {
    const { dedup: _, ...OpsItem } = find(OpsItemId);
    return { OpsItem };
  };

  const describe = (input: Sdk.DescribeOpsItemsCommandInput): Omit<Sdk.DescribeOpsItemsCommandOutput, '$metadata'> => {
    const { OpsItemFilters: filters = [], MaxResults, NextToken } = input;
    const found = [...items.values()].filter((item) => filters.every((filter) => passes(item, filter)));
    const size = checkMaxResults(MaxResults, { least: 1, most: 50, usual: 50 });
    const { items: some, next } = page(found, size, NextToken, filters);
    const OpsItemSummaries = some.map((item): Sdk.OpsItemSummary => {
      const { OpsItemId, Title, Source, Status, Priority, Category, Severity, CreatedTime, LastModifiedTime, OpsItemType } = item;
      const OperationalData = Object.fromEntries(
        searchable(item).map(([key, Value]) => [key, { Type: 'SearchableString' as const, Value }]),
      );
      return {
        ...{ OpsItemId, Title, Source, Status, Priority, Category, Severity },
        ...{ CreatedTime, LastModifiedTime, OpsItemType, OperationalData },
      };
    });
    return { OpsItemSummaries, ...(next !== undefined && { NextToken: next }) };
  };

  return {
    CreateOpsItem: operation<Sdk.CreateOpsItemCommandInput, Sdk.CreateOpsItemCommandOutput>(() => sdk.ssm().CreateOpsItem$, create),
    UpdateOpsItem: operation<Sdk.UpdateOpsItemCommandInput, Sdk.UpdateOpsItemCommandOutput>(() => sdk.ssm().UpdateOpsItem$, update),
    GetOpsItem: operation<Sdk.GetOpsItemCommandInput, Sdk.GetOpsItemCommandOutput>(() => sdk.ssm().GetOpsItem$, get),
    DescribeOpsItems: operation<Sdk.DescribeOpsItemsCommandInput, Sdk.DescribeOpsItemsCommandOutput>(
      () => sdk.ssm().DescribeOpsItems$,
      describe,
    ),
  };
};
