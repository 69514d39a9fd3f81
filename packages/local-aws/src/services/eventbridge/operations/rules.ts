import type {
  DeleteRuleRequest,
  DescribeRuleRequest,
  DescribeRuleResponse,
  DisableRuleRequest,
  EnableRuleRequest,
  ListRulesRequest,
  ListRulesResponse,
  ListTargetsByRuleRequest,
  ListTargetsByRuleResponse,
  PutRuleRequest,
  PutRuleResponse,
  PutTargetsRequest,
  PutTargetsResponse,
  RemoveTargetsRequest,
  RemoveTargetsResponse,
  Rule as SdkRule,
  Target,
  TestEventPatternRequest,
  TestEventPatternResponse,
} from '@aws-sdk/client-eventbridge';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation } from '../../../wire/protocol/service.ts';
import type { Bus, Buses, Rule } from '../model/buses.ts';
import { checkPattern, matches, type Pattern } from '../model/pattern.ts';
import { limitOf, page } from './pages.ts';

const mostTargets = 5;

const invalid = (message: string) => new AwsError('ValidationException', message);
const badPattern = (reason: string) => new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);

const parsePattern = (text: string): Pattern => {
  if (text.length > 4096) throw invalid('EventPattern must have length less than or equal to 4096');
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw badPattern('Invalid JSON');
  }
  const reason = checkPattern(pattern);
  if (reason !== undefined) throw badPattern(reason);
  return pattern as Pattern;
};

/** A target that an event goes to, and the rule that says so. */
export type Routed = { rule: Rule; target: Target & { Arn: string } };

/** The targets of rules, rule by rule; one that two of them share comes twice, as on AWS. */
export const targetsOf = (rules: readonly Rule[]): Routed[] =>
  rules.flatMap((rule) => [...rule.targets.values()].map((target) => ({ rule, target: target as Routed['target'] })));

/** The rules of all buses. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html and its neighbours */
export const createRules = (world: World, buses: Buses) => {
  const existing = (name: string | undefined, busName: string | undefined): Rule => {
    const bus = buses.expect(busName);
    const rule = bus.rules.get(name ?? '');
    if (!rule) throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus.name}.`);
    return rule;
  };

  const described = ({ name, arn, patternText, enabled, description, roleArn }: Rule, bus: Bus): SdkRule => ({
    Name: name,
    Arn: arn,
    EventPattern: patternText,
    State: enabled ? 'ENABLED' : 'DISABLED',
    Description: description,
    RoleArn: roleArn,
    EventBusName: bus.name,
  });

  const putRule = ({ Name = '', EventPattern, ScheduleExpression, State, Description, RoleArn, EventBusName }: PutRuleRequest) => {
    const bus = buses.expect(EventBusName);
    if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(Name))
      throw invalid(
        `Value '${Name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+`,
      );
    if ((Description?.length ?? 0) > 512) throw invalid('Description must have length less than or equal to 512');
    if (State !== undefined && !['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'].includes(State)) {
      throw invalid(`Value '${State}' at 'state' failed to satisfy constraint`);
    }
    if (ScheduleExpression !== undefined)
      throw invalid('Parameter ScheduleExpression is not valid. Reason: schedules are not served here.');
    if (EventPattern === undefined) throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
    const arn = world.arn('events', `rule/${bus.name === 'default' ? '' : `${bus.name}/`}${Name}`);
    bus.rules.set(Name, {
      name: Name,
      arn,
      patternText: EventPattern,
      pattern: parsePattern(EventPattern),
      enabled: State !== 'DISABLED',
      description: Description,
      roleArn: RoleArn,
      targets: bus.rules.get(Name)?.targets ?? new Map(),
    });
    return { RuleArn: arn };
  };

  /** Why a target can't be taken. What reshapes an event is refused rather than ignored: targets here get the event as it is. */
  const refusalOf = ({ Arn, Input, InputPath, InputTransformer }: Target): string | undefined => {
    if (!/^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d{0,12}:.+/.test(Arn ?? ''))
      return `Parameter ${Arn} is not valid. Reason: Provided Arn is not in correct format.`;
    if (Input !== undefined || InputPath !== undefined || InputTransformer !== undefined)
      return 'Input, InputPath and InputTransformer are not served here.';
    return undefined;
  };

  const putTargets = ({ Rule: name, EventBusName, Targets = [] }: PutTargetsRequest) => {
    const { targets } = existing(name, EventBusName);
    const ids = Targets.map(({ Id }) => Id);
    if (Targets.length === 0) throw invalid('Targets must have length greater than or equal to 1');
    const badId = ids.find((id) => !/^[.\-_A-Za-z0-9]{1,64}$/.test(id ?? ''));
    if (badId !== undefined || ids.includes(undefined))
      throw invalid(`Value '${badId}' at 'targets.1.member.id' failed to satisfy constraint`);
    if (new Set(ids).size < ids.length) throw invalid('Each target must have an id of its own.');
    if (new Set([...targets.keys(), ...ids]).size > mostTargets) {
      throw new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
    }
    const FailedEntries = Targets.flatMap((target) => {
      const refusal = refusalOf(target);
      if (refusal !== undefined) return [{ TargetId: target.Id, ErrorCode: 'ValidationException', ErrorMessage: refusal }];
      targets.set(target.Id as string, target);
      return [];
    });
    return { FailedEntryCount: FailedEntries.length, FailedEntries };
  };

  const removeTargets = ({ Rule: name, EventBusName, Ids = [] }: RemoveTargetsRequest) => {
    const { targets } = existing(name, EventBusName);
    const FailedEntries = Ids.filter((id) => !targets.delete(id)).map((id) => ({
      TargetId: id,
      ErrorCode: 'ResourceNotFoundException',
      ErrorMessage: `Target ${id} does not exist on rule ${name}.`,
    }));
    return { FailedEntryCount: FailedEntries.length, FailedEntries };
  };

  const deleteRule = ({ Name, EventBusName }: DeleteRuleRequest) => {
    const { rules } = buses.expect(EventBusName);
    // A rule that doesn't exist is as good as deleted.
    if ((rules.get(Name ?? '')?.targets.size ?? 0) > 0) throw invalid("Rule can't be deleted since it has targets.");
    rules.delete(Name ?? '');
    return {};
  };

  const enable = (enabled: boolean) => (input: EnableRuleRequest | DisableRuleRequest) => {
    existing(input.Name, input.EventBusName).enabled = enabled;
    return {};
  };

  const listRules = ({ NamePrefix = '', EventBusName, Limit, NextToken }: ListRulesRequest) => {
    const bus = buses.expect(EventBusName);
    const named = [...bus.rules.values()].filter(({ name }) => name.startsWith(NamePrefix)).sort((a, b) => (a.name < b.name ? -1 : 1));
    const { found, next } = page(named, ({ name }) => name, limitOf(Limit), NextToken);
    return { Rules: found.map((rule) => described(rule, bus)), NextToken: next };
  };

  const listTargets = ({ Rule: name, EventBusName, Limit, NextToken }: ListTargetsByRuleRequest) => {
    const { targets } = existing(name, EventBusName);
    const { found, next } = page([...targets.values()], ({ Id }) => Id as string, limitOf(Limit), NextToken);
    return { Targets: found, NextToken: next };
  };

  const testPattern = ({ EventPattern = '', Event = '' }: TestEventPatternRequest) => {
    const pattern = parsePattern(EventPattern);
    let event: unknown;
    try {
      event = JSON.parse(Event);
    } catch {
      throw invalid('Parameter Event is not valid.');
    }
    return { Result: matches(pattern, event) };
  };

  return {
    /** The enabled rules of a bus that an event matches. */
    matching: (event: unknown, bus?: string): Rule[] =>
      [...(buses.find(bus)?.rules.values() ?? [])].filter(({ enabled, pattern }) => enabled && matches(pattern, event)),

    operations: {
      PutRule: operation<PutRuleRequest, PutRuleResponse>(() => sdk.eventBridge().PutRule$, putRule),
      PutTargets: operation<PutTargetsRequest, PutTargetsResponse>(() => sdk.eventBridge().PutTargets$, putTargets),
      RemoveTargets: operation<RemoveTargetsRequest, RemoveTargetsResponse>(() => sdk.eventBridge().RemoveTargets$, removeTargets),
      DeleteRule: operation<DeleteRuleRequest, object>(() => sdk.eventBridge().DeleteRule$, deleteRule),
      EnableRule: operation<EnableRuleRequest, object>(() => sdk.eventBridge().EnableRule$, enable(true)),
      DisableRule: operation<DisableRuleRequest, object>(() => sdk.eventBridge().DisableRule$, enable(false)),
      DescribeRule: operation<DescribeRuleRequest, DescribeRuleResponse>(
        () => sdk.eventBridge().DescribeRule$,
        ({ Name, EventBusName }) => described(existing(Name, EventBusName), buses.expect(EventBusName)),
      ),
      ListRules: operation<ListRulesRequest, ListRulesResponse>(() => sdk.eventBridge().ListRules$, listRules),
      ListTargetsByRule: operation<ListTargetsByRuleRequest, ListTargetsByRuleResponse>(
        () => sdk.eventBridge().ListTargetsByRule$,
        listTargets,
      ),
      TestEventPattern: operation<TestEventPatternRequest, TestEventPatternResponse>(
        () => sdk.eventBridge().TestEventPattern$,
        testPattern,
      ),
    },
  };
};
