import { describe, expect, test } from '@jest/globals';
import { documentOf, list, planted, type Resource, referred, resourcesOf, statementsOf, type Template } from './service.ts';

/** Queues that a service may put messages into, by the queue's own policy. */
const letsIn = (template: Template, queue: string, service: string): boolean =>
  resourcesOf(template, 'AWS::SQS::QueuePolicy').some(
    ([, policy]) =>
      list(policy.Properties.Queues).some((entry) => referred(entry) === queue) &&
      documentOf(policy).some(
        ({ Effect, Principal, Action, Resource }) =>
          Effect === 'Allow' &&
          typeof Principal === 'object' &&
          list(Principal.Service).includes(service) &&
          list(Action).includes('sqs:SendMessage') &&
          list(Resource).some((resource) => referred(resource) === queue),
      ),
  );

type Target = { Arn?: unknown; DeadLetterConfig?: { Arn: unknown }; RetryPolicy?: { MaximumEventAgeInSeconds?: number } };

const deadLetterProblems = (template: Template): string[] => {
  const problems: string[] = [];
  const check = (from: string, service: string, queue: string | undefined) => {
    if (!queue || template.Resources[queue]?.Type !== 'AWS::SQS::Queue') problems.push(`${from}: no dead-letter queue`);
    else if (!letsIn(template, queue, service)) problems.push(`${from}: ${queue} does not let ${service} in`);
  };
  for (const [id, { Properties }] of resourcesOf(template, 'AWS::Events::Rule')) {
    for (const { Arn, DeadLetterConfig, RetryPolicy } of list(Properties.Targets as Target[])) {
      check(id, 'events.amazonaws.com', referred(DeadLetterConfig?.Arn));
      if (RetryPolicy?.MaximumEventAgeInSeconds === undefined) problems.push(`${id}: says nothing of tries`);
      const target = template.Resources[referred(Arn) ?? ''];
      if (target?.Type === 'AWS::SQS::Queue' && !letsIn(template, referred(Arn) ?? '', 'events.amazonaws.com'))
        problems.push(`${id}: ${referred(Arn)} does not let events.amazonaws.com in`);
    }
  }
  for (const [id, { Properties }] of resourcesOf(template, 'AWS::SNS::Subscription')) {
    const { Protocol, RedrivePolicy } = Properties as { Protocol: string; RedrivePolicy?: { deadLetterTargetArn: unknown } };
    if (Protocol === 'lambda' || Protocol === 'sqs') check(id, 'sns.amazonaws.com', referred(RedrivePolicy?.deadLetterTargetArn));
  }
  for (const [id, { Properties }] of resourcesOf(template, 'AWS::Lambda::EventSourceMapping')) {
    const source = template.Resources[referred(Properties.EventSourceArn) ?? ''];
    const redrive = source?.Properties.RedrivePolicy as { deadLetterTargetArn?: unknown } | undefined;
    const queue = referred(redrive?.deadLetterTargetArn);
    if (!queue || template.Resources[queue]?.Type !== 'AWS::SQS::Queue') problems.push(`${id}: no dead-letter queue`);
  }
  return problems;
};

/**
 * Rules that may not invoke their function, whose events EventBridge would drop without a word; and permissions for more than the one rule
 * that needs it, with which somebody else's rule could feed the function.
 */
const invocationProblems = (template: Template): string[] => {
  const needed = resourcesOf(template, 'AWS::Events::Rule').flatMap(([id, { Properties }]) =>
    list(Properties.Targets as Target[]).flatMap(({ Arn }) => {
      const target = referred(Arn) ?? '';
      return template.Resources[target]?.Type === 'AWS::Lambda::Function' ? [`${id} may invoke ${target}`] : [];
    }),
  );
  const granted = resourcesOf(template, 'AWS::Lambda::Permission')
    .filter(([, { Properties }]) => Properties.Principal === 'events.amazonaws.com')
    .map(([id, { Properties: p }]) => {
      const rule = (p.SourceArn as { 'Fn::GetAtt'?: string[] } | undefined)?.['Fn::GetAtt'];
      return rule?.[1] === 'Arn' ? `${rule[0]} may invoke ${referred(p.FunctionName)}` : `${id}: is not for one rule`;
    });
  return [
    ...needed.filter((one) => !granted.includes(one)).map((one) => `missing: ${one}`),
    ...granted.filter((one, i) => !needed.includes(one) || granted.indexOf(one) !== i).map((one) => `too much: ${one}`),
  ];
};

/** Queues that somebody else's rules, topics or alarms could fill. */
const strangerProblems = (template: Template): string[] =>
  resourcesOf(template, 'AWS::SQS::QueuePolicy').flatMap(([id, policy]) =>
    documentOf(policy)
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Condition }) => {
        const source = Object.entries(Condition ?? {}).find(([operator]) => operator === 'ArnLike' || operator === 'ArnEquals');
        const arn = source?.[1]['aws:SourceArn'];
        const ofStack =
          template.Resources[referred(arn) ?? ''] ??
          (arn as { 'Fn::Sub'?: string } | undefined)?.['Fn::Sub']?.endsWith(':rule/selfheal-prod-*');
        return ofStack ? [] : [`${id}: is open to more than this stack`];
      }),
  );

/** A queue has one policy: of two that are declared, the one that is applied last replaces the other. */
const queuePolicyProblems = (template: Template): string[] => {
  const counts = new Map<string, number>();
  for (const [, { Properties }] of resourcesOf(template, 'AWS::SQS::QueuePolicy')) {
    for (const queue of list(Properties.Queues)) counts.set(referred(queue) ?? '?', (counts.get(referred(queue) ?? '?') ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 1).map(([queue, count]) => `${queue}: ${count} policies, of which one stands`);
};

/** Those that are only invoked by somebody who waits for the answer: the page's visitors, and CloudWatch for a dashboard. */
const awaited = new Set(['ApproveLambdaFunction', 'ChatLambdaFunction', 'DashboardWidgetLambdaFunction', 'ProbeLambdaFunction']);

/**
 * Every other function is invoked asynchronously. Lambda tries a durable execution that failed, timed out or was stopped no second
 * time: only its dead-letter queue keeps what started it. https://docs.aws.amazon.com/lambda/latest/dg/durable-best-practices.html
 */
const functionProblems = (template: Template): string[] =>
  resourcesOf(template, 'AWS::Lambda::Function').flatMap(([id, { Properties }]) => {
    if (awaited.has(id)) return [];
    const problems: string[] = [];
    const settings = resourcesOf(template, 'AWS::Lambda::EventInvokeConfig').find(
      ([, config]) => referred(config.Properties.FunctionName) === id,
    );
    if (settings?.[1].Properties.MaximumEventAgeInSeconds === undefined) problems.push(`${id}: says nothing of an event's age`);
    if (settings?.[1].Properties.MaximumRetryAttempts === undefined && !Properties.DurableConfig)
      problems.push(`${id}: says nothing of tries`);
    const queue = referred((Properties.DeadLetterConfig as { TargetArn?: unknown } | undefined)?.TargetArn);
    if (!queue) return [...problems, `${id}: no dead-letter queue`];
    const role = template.Resources[referred(Properties.Role) ?? ''];
    const may =
      role && statementsOf(role).some(({ Action, Resource }) => list(Action).includes('sqs:SendMessage') && referred(Resource) === queue);
    return may ? problems : [...problems, `${id}: its role may not send to ${queue}`];
  });

const runtimeProblems = (template: Template): string[] =>
  resourcesOf(template, 'AWS::Lambda::Function').flatMap(([id, { Properties: p }]) => {
    const group = resourcesOf(template, 'AWS::Logs::LogGroup').find(
      ([, log]) => log.Properties.LogGroupName === `/aws/lambda/${String(p.FunctionName)}`,
    );
    return [
      ...(p.Runtime === 'nodejs24.x' ? [] : [`${id}: runs on ${String(p.Runtime)}`]),
      ...(JSON.stringify(p.Architectures) === '["arm64"]' ? [] : [`${id}: is not for arm64`]),
      ...((p.TracingConfig as { Mode?: string } | undefined)?.Mode === 'Active' ? [] : [`${id}: is not traced`]),
      ...(typeof p.ReservedConcurrentExecutions === 'number' ? [] : [`${id}: may take all of the account's concurrency`]),
      ...(typeof group?.[1].Properties.RetentionInDays === 'number' ? [] : [`${id}: keeps its log for ever`]),
    ];
  });

export const delivery = (packaged: () => Template): void => {
  describe('what is delivered asynchronously', () => {
    test('is kept where its delivery fails, in a queue that lets the service in', () => {
      expect(resourcesOf(packaged(), 'AWS::Events::Rule').length).toBeGreaterThan(10);
      expect(deadLetterProblems(packaged())).toEqual([]);
    });

    test('shows a queue that is missing or shut', () => {
      const shut = planted(packaged(), (resources) => {
        for (const [id] of resourcesOf(packaged(), 'AWS::SQS::QueuePolicy')) delete resources[id];
      });
      expect(deadLetterProblems(shut).length).toBeGreaterThan(0);
      const missing = planted(packaged(), (resources) => {
        for (const [id] of resourcesOf(packaged(), 'AWS::SQS::Queue')) delete resources[id];
      });
      expect(deadLetterProblems(missing)).toContain('AlarmRule: no dead-letter queue');
      const hasty = planted(packaged(), ({ HealthRule }) => {
        for (const target of list(HealthRule?.Properties.Targets as Target[])) delete target.RetryPolicy;
      });
      expect(deadLetterProblems(hasty)).toEqual(['HealthRule: says nothing of tries']);
    });

    test('goes to a queue whose policy no other policy replaces', () => {
      expect(queuePolicyProblems(packaged())).toEqual([]);
    });

    test('is kept where a function fails, after tries and for a time that are said', () => {
      expect(functionProblems(packaged())).toEqual([]);
    });

    test('shows a function that keeps nothing', () => {
      const careless = planted(packaged(), (resources) => {
        delete resources.IntakeLambdaFunction?.Properties.DeadLetterConfig;
        delete resources.WatchLambdaEvConf;
      });
      expect(functionProblems(careless)).toEqual([
        'IntakeLambdaFunction: no dead-letter queue',
        "WatchLambdaFunction: says nothing of an event's age",
        'WatchLambdaFunction: says nothing of tries',
      ]);
    });

    test('is let into its function, and no other rule is', () => {
      expect(invocationProblems(packaged())).toEqual([]);
    });

    test('shows a rule without its permission, one with two, and a permission for any rule', () => {
      const wrong = planted(packaged(), (resources) => {
        delete resources.SweepRuleMayInvokeWatch;
        resources.Again = resources.HealthRuleMayInvokeIntake as Resource;
        Object.assign(resources.ZoneRuleMayInvokeIntake?.Properties ?? {}, { SourceArn: { 'Fn::Sub': 'arn:x:rule/selfheal-prod-*' } });
      });
      expect(invocationProblems(wrong)).toEqual([
        'missing: ZoneRule may invoke IntakeLambdaFunction',
        'missing: SweepRule may invoke WatchLambdaFunction',
        'too much: ZoneRuleMayInvokeIntake: is not for one rule',
        'too much: HealthRule may invoke IntakeLambdaFunction',
      ]);
    });

    test('may be an alarm whose action is intake itself, of this account alone', () => {
      const direct = resourcesOf(packaged(), 'AWS::Lambda::Permission').filter(
        ([, { Properties }]) => Properties.Principal === 'lambda.alarms.cloudwatch.amazonaws.com',
      );
      expect(direct.map(([, { Properties }]) => Properties)).toEqual([
        {
          FunctionName: { 'Fn::GetAtt': ['IntakeLambdaFunction', 'Arn'] },
          Action: 'lambda:InvokeFunction',
          Principal: 'lambda.alarms.cloudwatch.amazonaws.com',
          SourceAccount: { Ref: 'AWS::AccountId' },
          // biome-ignore lint/suspicious/noTemplateCurlyInString: it is CloudFormation that fills it in
          SourceArn: { 'Fn::Sub': 'arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*' },
        },
      ]);
      expect(packaged().Outputs.IntakeFunctionArn?.Value).toEqual({ 'Fn::GetAtt': ['IntakeLambdaFunction', 'Arn'] });
    });

    test('comes into its queue from this stack alone', () => {
      expect(strangerProblems(packaged())).toEqual([]);
      const open = planted(packaged(), ({ EventDeadLettersPolicy, OptInsPolicy }) => {
        for (const policy of [EventDeadLettersPolicy, OptInsPolicy]) {
          const [first] = documentOf(policy as Resource);
          if (first) first.Condition = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
        }
      });
      expect(strangerProblems(open)).toEqual([
        'EventDeadLettersPolicy: is open to more than this stack',
        'OptInsPolicy: is open to more than this stack',
      ]);
    });
  });

  describe('its functions', () => {
    test('run on arm64 and Node 24, are traced, limited, and keep their logs for a time', () => {
      expect(runtimeProblems(packaged())).toEqual([]);
    });

    test('show one that does not', () => {
      const odd = planted(packaged(), (resources) => {
        Object.assign((resources.WatchLambdaFunction as Resource).Properties, {
          Runtime: 'nodejs20.x',
          ReservedConcurrentExecutions: undefined,
        });
        delete resources.IntakeLogGroup?.Properties.RetentionInDays;
      });
      expect(runtimeProblems(odd)).toEqual([
        'IntakeLambdaFunction: keeps its log for ever',
        'WatchLambdaFunction: runs on nodejs20.x',
        "WatchLambdaFunction: may take all of the account's concurrency",
      ]);
    });
  });
};
